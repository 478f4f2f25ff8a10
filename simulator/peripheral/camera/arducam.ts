/**
 * A simulated ArduCAM Mini 2MP: an OV2640 and the chip between it and SPI, with its registers and its FIFO. The wire is protocols/device/camera/ov2640.ts;
 * docs/devices/ov2640.md has the sources. Times of the exposure are made up.
 */
import { Cam, CAM_DONE, CamFifo, CAM_HZ, CAM_RUN, CAM_WRITE } from "../../../protocols/device/camera/ov2640.js";
import type { SpiChip } from "../../bus.js";
import type { Clock, Timer } from "../../clock.js";
import { Faults } from "../sensor/faults.js";
import { Noise, spoil } from "./faults.js";
import type { CameraFault, CameraOptions } from "./faults.js";
import { Fifo } from "./fifo.js";
import { openScene } from "./frames.js";
import type { Scene } from "./frames.js";
import { Ov2640 } from "./ov2640.js";

/** The Mini gives a byte that means nothing before those of each burst; the Mini Plus does not. */
export type Revision = "mini" | "plus";

export interface ArducamOptions extends Omit<CameraOptions, "sizes"> {
  revision?: Revision;
}

const VERSION = 0x73;
const RESET_BIT = 0x80;
const STANDBY_BIT = 0x02;
/** The sensor fills up whole lines. */
const LINE = 1024;
const PADDED = 8192;
/** A frame of up to so many pixels takes so long, ms. */
const SMALL = 320 * 240;
const FRAME_MS = { small: 1000 / 30, large: 1000 / 15 };
const NOW_AND_THEN = 5;
/** It has hundreds of bytes to take before an image, and an interpreter that waits for each that it does not. */
const SELDOM = 101;
const BROWNOUT_MS = 500;

export class Arducam implements SpiChip {
  readonly kind = "spi";
  readonly i2c: Ov2640;
  readonly faults: Faults<CameraFault>;
  readonly noise: Noise;
  /** Images taken. */
  shots = 0;
  /** The image that it has taken last, as the file has it. */
  last: Uint8Array = new Uint8Array(0);
  private readonly revision: Revision;
  private readonly scene: Scene;
  private readonly fifo = new Fifo();
  private registers = new Uint8Array(0x80);
  private clock: Clock | undefined;
  private timer: Timer | undefined;
  private powered = false;
  private tooFast = false;
  private heard = 0;
  private command = 0;
  private chances = 0;

  constructor({ image, noise = 0, seed = 1, revision = "plus", ...faults }: ArducamOptions = {}) {
    this.scene = openScene(image);
    this.faults = new Faults({ ...faults, seed });
    this.noise = new Noise(noise, seed);
    this.revision = revision;
    this.i2c = new Ov2640({
      runs: () => this.powered && (this.registers[Cam.gpio]! & (CAM_RUN | STANDBY_BIT)) === CAM_RUN,
      wrong: () => this.faults.fault === "wrong",
      refuses: () => this.faults.fault === "refusing" && ++this.chances % SELDOM === 0,
    });
  }

  connect(clock: Clock): void {
    this.clock = clock;
    this.faults.connect(clock, (plugged) => (plugged ? this.power() : this.unpower()));
    if (this.faults.plugged) this.power();
  }

  close(): void {
    this.timer?.cancel();
  }

  unplug(): void {
    this.unpower();
  }

  plug(): void {
    if (!this.powered) this.power();
  }

  setClock(hz: number, mode: number): void {
    this.tooFast = hz > CAM_HZ || mode !== 0;
  }

  select(on: boolean): void {
    this.heard = 0;
    if (on && this.happens("lost")) this.fifo.skip();
  }

  exchange(byte: number): number {
    const { fault } = this.faults;
    if (!this.powered) return 0xff;
    if (fault === "silent") return 0;
    if (this.tooFast || fault === "babbling") return this.faults.noise(1)[0]!;
    const said = this.answer(this.heard++, byte);
    return this.noise.flip(said);
  }

  private answer(place: number, byte: number): number {
    if (place === 0) {
      this.command = byte;
      return 0;
    }
    const { command } = this;
    if (command === Number(Cam.burst)) return place === 1 && this.revision === "mini" ? 0 : this.pop();
    if (place > 1) return 0;
    if (command === Number(Cam.single)) return this.pop();
    if (command & CAM_WRITE) this.set(command & ~CAM_WRITE, byte);
    return command & CAM_WRITE ? 0 : this.get(command);
  }

  private get(register: Cam): number {
    if (register === Cam.version) return VERSION;
    if (register === Cam.trigger) return this.fifo.done ? CAM_DONE : 0;
    const place = register - Cam.length;
    if (place >= 0 && place < 3) return (this.fifo.length >> (8 * place)) & 0xff;
    return this.registers[register] ?? 0;
  }

  private set(register: Cam, value: number): void {
    // Until the bit is taken back it stays in reset.
    if (register !== Cam.reset && this.registers[Cam.reset]! & RESET_BIT) return;
    if (register === Cam.reset && value & RESET_BIT) this.reset();
    if (register >= Cam.burst) return;
    this.registers[register] = value;
    if (register !== Cam.fifo) return;
    if (value & CamFifo.clear) this.fifo.clear();
    if (value & CamFifo.rewind) this.fifo.rewind();
    if (value & CamFifo.rewrite) this.fifo.rewrite();
    if (value & CamFifo.start) this.capture();
  }

  private pop(): number {
    const half = this.fifo.length >> 1;
    if (this.faults.fault === "brownout" && half > 0 && this.fifo.given >= half) {
      this.unpower();
      this.timer = this.clock!.after(BROWNOUT_MS, () => this.power());
      return 0xff;
    }
    return this.fifo.pop();
  }

  /** A frame that is under way is not whole: the next one is it. */
  private capture(): void {
    if (this.faults.fault === "stuck") return;
    const [width, height] = this.i2c.size.split("x").map(Number) as [number, number];
    const frame = width * height <= SMALL ? FRAME_MS.small : FRAME_MS.large;
    const left = frame - (this.clock!.now() % frame);
    this.timer?.cancel();
    this.timer = this.clock!.after(left + frame, () => this.fifo.push(this.picture(width * height)));
  }

  /** Raw pixels until it has been told to make JPEG of them. */
  private picture(pixels: number): Uint8Array {
    const { i2c, faults } = this;
    this.shots++;
    if (!i2c.jpeg) return new Uint8Array(2 * pixels).fill(0x80);
    this.last = this.scene(i2c.size, i2c.quality);
    return spoil(this.last, faults.fault, faults.fault === "padded" ? PADDED : LINE);
  }

  private power(): void {
    this.powered = this.faults.fault !== "absent";
    this.reset();
    this.i2c.reset();
  }

  private unpower(): void {
    this.timer?.cancel();
    this.powered = false;
  }

  private reset(): void {
    this.timer?.cancel();
    this.registers.fill(0);
    this.registers[Cam.gpio] = CAM_RUN;
    this.fifo.clear();
  }

  private happens(fault: CameraFault): boolean {
    return this.faults.fault === fault && ++this.chances % NOW_AND_THEN === 0;
  }
}
