/** A camera on a UART: its power, its speed, what it sends and when, and the noise on its line. What it says is its maker's. */
import type { Clock, Timer } from "../../clock.js";
import type { UartLine, UartPeripheral } from "../../uart.js";
import { Random } from "../../random.js";
import { Faults } from "../sensor/faults.js";
import { Noise } from "./faults.js";
import type { CameraFault, CameraOptions } from "./faults.js";
import { openScene } from "./frames.js";
import type { Scene, Size } from "./frames.js";

/** Bytes go on the line in pieces, so that a loss of power finds them there. */
const PIECE = 16;
const BITS = 10;
const NOISE_MS = 20;
/** Now and then: every so many times. */
const NOW_AND_THEN = 5;
/** Without power for so long when it fails in the middle of an image. */
const BROWNOUT_MS = 500;

interface Plan {
  due: number;
  run: () => void;
  timer: Timer | undefined;
}

export abstract class SerialCamera implements UartPeripheral {
  readonly faults: Faults<CameraFault>;
  readonly noise: Noise;
  /** Images taken, and those of which all was sent. */
  shots = 0;
  /** Commands that it was given, those that it did not take, and bytes that came while it was busy. */
  readonly counters = { commands: 0, refused: 0, ignored: 0, sent: 0 };
  /** The image that it has taken last, as the file has it. */
  last: Uint8Array = new Uint8Array(0);
  protected readonly scene: Scene;
  protected readonly sizes: readonly Size[] | undefined;
  protected readonly random: Random;
  private line: UartLine | undefined;
  private clock: Clock | undefined;
  /** What it does later, by when. The machine's timers come late: then it goes on as if they had not. */
  private readonly plans = new Set<Plan>();
  /** Its own time, while it does what was due then. */
  private at: number | undefined;
  private on = false;
  private chances = 0;
  private tired = false;

  constructor({ image, noise = 0, sizes, seed = 1, ...faults }: CameraOptions) {
    this.scene = openScene(image);
    this.sizes = sizes;
    this.faults = new Faults({ ...faults, seed });
    this.noise = new Noise(noise, seed);
    this.random = new Random(seed);
  }

  connect(line: UartLine, clock: Clock): void {
    this.line = line;
    this.clock = clock;
    line.onData((data) => this.receive(data));
    this.faults.connect(clock, (plugged) => (plugged ? this.power() : this.unpower()));
    if (this.faults.plugged) this.power();
  }

  close(): void {
    this.cancel();
  }

  /** Its cable, and with it its power, goes; and comes back. */
  unplug(): void {
    this.unpower();
  }

  plug(): void {
    if (!this.on) this.power();
  }

  /** The power comes, or a reset. */
  protected abstract begin(): void;
  protected abstract hear(byte: number): void;
  /** What a device says that is no camera. */
  protected abstract stranger(): Uint8Array;

  protected get baud(): number {
    return this.line!.baud;
  }

  protected set baud(baud: number) {
    this.line!.setBaud(baud);
  }

  protected get farBaud(): number {
    return this.line!.farBaud;
  }

  protected get now(): number {
    return this.at ?? this.clock!.now();
  }

  /** Every fifth time when the fault is this one. */
  protected happens(fault: CameraFault): boolean {
    return this.faults.fault === fault && ++this.chances % NOW_AND_THEN === 0;
  }

  protected can(size: Size): boolean {
    return !this.sizes || this.sizes.includes(size);
  }

  protected shoot(size: Size, quality: number): Uint8Array {
    this.shots++;
    this.last = this.scene(size, quality);
    return this.last;
  }

  protected later(ms: number, run: () => void): void {
    const clock = this.clock!;
    const { now } = this;
    const late = clock.now() - now;
    const plan: Plan = { due: now + ms, run, timer: undefined };
    plan.timer = (clock.within ?? clock.after).call(clock, Math.max(0, ms - late), () => this.perform(plan));
    this.plans.add(plan);
  }

  /** All that was begun is given up. */
  protected cancel(): void {
    for (const { timer } of this.plans) timer?.cancel();
    this.plans.clear();
  }

  private perform(plan: Plan): void {
    this.plans.delete(plan);
    plan.timer?.cancel();
    this.at = Math.min(plan.due, this.clock!.now());
    plan.run();
    this.at = undefined;
  }

  /** What was due before now is done, though its timer has not come. */
  private catchUp(): void {
    const now = this.clock!.now();
    for (;;) {
      let first: Plan | undefined;
      for (const plan of this.plans) if (plan.due < (first?.due ?? now)) first = plan;
      if (!first) return;
      this.perform(first);
    }
  }

  /** Sends bytes at the line's speed; noise may change them. @param done when the last one is on its way */
  protected send(bytes: Uint8Array, done: () => void = () => {}): void {
    const next = (at: number): void => {
      if (at >= bytes.length) return done();
      const piece = bytes.subarray(at, at + PIECE);
      this.counters.sent += piece.length;
      this.line!.write(this.noise.pass(piece));
      this.later((piece.length * BITS * 1000) / this.baud, () => next(at + PIECE));
    };
    next(0);
  }

  /** Sends part of an image. Its power may fail in the middle of one. @param from where the part begins in the image */
  protected sendImage(bytes: Uint8Array, from: number, whole: number, done: () => void): void {
    const half = Math.floor(whole / 2);
    if (this.faults.fault !== "brownout" || from + bytes.length <= half || this.tired) return this.send(bytes, done);
    this.tired = true;
    this.send(bytes.subarray(0, Math.max(0, half - from)), () => {
      this.unpower();
      this.later(BROWNOUT_MS, () => {
        this.tired = false;
        this.power();
      });
    });
  }

  private power(): void {
    const { fault } = this.faults;
    this.cancel();
    this.on = fault !== "absent";
    if (!this.on) return;
    if (fault === "babbling") this.babble();
    else if (fault !== "wrong") this.begin();
  }

  private unpower(): void {
    this.cancel();
    this.on = false;
  }

  private babble(): void {
    this.line!.write(this.faults.noise(Math.floor((this.baud * NOISE_MS) / 1000 / BITS)));
    this.later(NOISE_MS, () => this.babble());
  }

  private receive(data: Uint8Array): void {
    const { fault } = this.faults;
    this.catchUp();
    if (!this.on || fault === "babbling" || fault === "silent") return;
    if (fault === "wrong") this.line!.write(this.stranger());
    else for (const byte of this.noise.pass(data)) this.hear(byte);
  }
}
