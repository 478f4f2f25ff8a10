/**
 * A simulated OV528 on its module. The wire is protocols/device/camera/ov528.ts; docs/devices/ov528.md has the sources. It is as strict as the strictest of its
 * kind: it finds out the speed from many SYNCs, sleeps when nothing is said for 15 s, and hears nothing while it answers. Times of the exposure are made up.
 */
import {
  Ov,
  OV_AROUND,
  OV_BAUDS,
  ovBaudOf,
  OV_COMMAND,
  OV_END,
  OvError,
  OV_FORMAT,
  OV_LEAST_PACKAGE,
  OV_MOST_PACKAGE,
  OvPicture,
  OV_SIZES,
} from "../../../protocols/device/camera/ov528.js";
import { spoil } from "./faults.js";
import type { CameraOptions } from "./faults.js";
import type { Size } from "./frames.js";
import { SerialCamera } from "./serial-camera.js";

export interface Ov528Options extends CameraOptions {
  /** SYNCs after its power before it answers one. */
  syncs?: number;
}

/** What a host asks for, besides packages. */
type Asked = Exclude<Ov, Ov.ack | Ov.data | Ov.nak>;

const START = 0xaa;
const ANSWER_MS = 1;
const FRAME_MS = 1000 / 30;
const COMPRESS_MS_A_PIXEL = 1e-4;
/** It has no setting for it. */
const QUALITY = 75;
const SLEEP_MS = 15_000;
/** Until it answers again after that. */
const WAKING = 2;
const PADDED = 256;

export class Ov528 extends SerialCamera {
  size: Size | undefined;
  private readonly syncs: number;
  /** SYNCs, or what may be some at another speed, that it still lets pass. */
  private deaf = 0;
  private synced = false;
  private busy = false;
  private passed = 0;
  private heardAt = 0;
  private heard: number[] = [];
  private acks = 0;
  private naks = 0;
  private package = OV_LEAST_PACKAGE;
  /** The kept image as it is in its memory; null until it is there. */
  private kept: Uint8Array | null | undefined;
  private handing = false;

  constructor({ syncs = 25, ...camera }: Ov528Options = {}) {
    super(camera);
    this.syncs = syncs;
  }

  protected begin(): void {
    this.size = undefined;
    this.package = OV_LEAST_PACKAGE;
    this.deaf = this.syncs;
    this.passed = this.acks = this.naks = 0;
    this.heard = [];
    this.kept = undefined;
    this.synced = this.busy = this.handing = false;
  }

  protected stranger(): Uint8Array {
    return Buffer.from("\r\nERROR\r\n");
  }

  protected hear(byte: number): void {
    if (this.now - this.heardAt > SLEEP_MS && this.synced) this.sleep();
    this.heardAt = this.now;
    if (this.deaf > 0) return this.detect();
    if (this.busy) {
      this.counters.ignored++;
      return;
    }
    const { heard } = this;
    if (heard.length === 0 && byte !== START) this.counters.ignored++;
    else heard.push(byte);
    if (heard.length < OV_COMMAND) return;
    this.heard = [];
    const [, command, ...parameters] = heard as [number, Ov, number, number, number, number];
    if (!this.synced && command !== Ov.sync && command !== Ov.ack) this.counters.ignored += OV_COMMAND;
    else this.obey(command, parameters);
  }

  private sleep(): void {
    this.synced = this.handing = false;
    this.deaf = WAKING;
    this.passed = 0;
  }

  /** What it hears at a wrong speed are bytes, too: from so many it knows the speed. */
  private detect(): void {
    if (++this.passed % OV_COMMAND > 0) return;
    this.deaf--;
    if (this.deaf > 0) return;
    const speed = OV_BAUDS.find((baud) => Math.abs(baud / this.farBaud - 1) < 0.03);
    if (speed === undefined) this.deaf = 1;
    else this.baud = speed;
  }

  private obey(command: Ov, parameters: [number, number, number, number]): void {
    if (command === Ov.data || command === Ov.nak) return;
    if (command === Ov.ack) return this.acknowledged(parameters);
    this.counters.commands++;
    this.busy = true;
    const error = this.happens("refusing") ? OvError.unexpectedCommand : this.errorOf(command, parameters);
    if (error) this.refuse(error);
    else this.run(command, parameters);
  }

  private errorOf(command: Ov, [first, second, third, fourth]: [number, number, number, number]): OvError | 0 {
    switch (command) {
      case Ov.initial:
        if (second !== OV_FORMAT) return OvError.format;
        return this.fits(fourth) ? 0 : OvError.size;
      case Ov.packageSize: {
        const size = second | (third << 8);
        return first === 0x08 && size >= OV_LEAST_PACKAGE && size <= OV_MOST_PACKAGE ? 0 : OvError.packageSize;
      }
      case Ov.snapshot:
        if (first !== 0) return OvError.pictureType;
        return this.size ? 0 : OvError.unexpectedCommand;
      case Ov.get:
        return this.errorOfGet(first);
      case Ov.baud:
        return speedOf(first, second) === undefined ? OvError.parameter : 0;
      case Ov.reset:
        return first > 1 ? OvError.parameter : 0;
      case Ov.sync:
      case Ov.powerOff:
        return 0;
      default:
        return OvError.command;
    }
  }

  private errorOfGet(picture: OvPicture): OvError | 0 {
    if (picture === OvPicture.preview) return this.size ? 0 : OvError.unexpectedCommand;
    if (picture !== OvPicture.snapshot) return OvError.pictureType;
    return this.kept ? 0 : OvError.notReady;
  }

  private run(command: Asked, [first, second, third, fourth]: [number, number, number, number]): void {
    switch (command) {
      case Ov.sync:
        return this.acknowledge(command, () => this.command(Ov.sync, 0, 0, 0, 0));
      case Ov.initial:
        this.size = sizeOf(fourth);
        return this.acknowledge(command);
      case Ov.packageSize:
        this.package = second | (third << 8);
        return this.acknowledge(command);
      case Ov.snapshot:
        this.take(second | (third << 8));
        return this.acknowledge(command);
      case Ov.get:
        return this.get(first);
      case Ov.baud:
        return this.acknowledge(command, () => (this.baud = speedOf(first, second)!));
      case Ov.reset:
        return this.acknowledge(command, () => this.restart(first === 0));
      case Ov.powerOff:
        return this.acknowledge(command, () => this.sleep());
    }
  }

  private restart(whole: boolean): void {
    if (whole) {
      this.cancel();
      return this.begin();
    }
    this.kept = undefined;
    this.handing = false;
  }

  /** A host's ACK: the answer to its SYNC, or it wants a package. */
  private acknowledged([first, , third, fourth]: [number, number, number, number]): void {
    if (!this.synced) this.synced = first === Number(Ov.sync);
    else if (this.handing && first !== Number(Ov.sync)) this.hand(third | (fourth << 8));
  }

  private take(skipped: number): void {
    this.kept = null;
    this.handing = false;
    if (this.faults.fault === "stuck") return;
    this.later(this.exposure(skipped), () => (this.kept = this.picture()));
  }

  private exposure(skipped: number): number {
    const [width, height] = this.size!.split("x").map(Number);
    return FRAME_MS - (this.now % FRAME_MS) + skipped * FRAME_MS + width! * height! * COMPRESS_MS_A_PIXEL;
  }

  private picture(): Uint8Array {
    const { fault } = this.faults;
    return spoil(this.shoot(this.size!, QUALITY), fault, fault === "padded" ? PADDED : 1);
  }

  private get(picture: OvPicture): void {
    const offer = (): void => {
      const { length } = this.kept!;
      this.handing = true;
      this.command(Ov.data, picture, length & 0xff, (length >> 8) & 0xff, length >> 16);
    };
    if (picture === OvPicture.snapshot) return this.acknowledge(Ov.get, offer);
    this.acknowledge(Ov.get, () => {
      if (this.faults.fault === "stuck") return;
      this.busy = true;
      this.later(this.exposure(0), () => {
        this.kept = this.picture();
        offer();
      });
    });
  }

  private hand(number: number): void {
    const { kept } = this;
    if (number === OV_END) {
      this.handing = false;
      return;
    }
    const length = this.package - OV_AROUND;
    const data = kept!.subarray(number * length, (number + 1) * length);
    this.busy = true;
    if (data.length === 0) return this.refuse(OvError.package);
    if (this.happens("refusing")) return this.refuse(OvError.package);
    if (this.happens("lost")) return this.rest();
    const bytes = packageOf(number, data);
    this.later(ANSWER_MS, () => this.sendImage(bytes, number * length, kept!.length, () => this.rest()));
  }

  private acknowledge(command: number, done: () => void = () => {}): void {
    this.acks = (this.acks + 1) & 0xff;
    this.later(ANSWER_MS, () =>
      this.send(Uint8Array.of(START, Ov.ack, command, this.acks, 0, 0), () => {
        this.rest();
        done();
      }),
    );
  }

  private refuse(error: OvError): void {
    this.counters.refused++;
    this.naks = (this.naks + 1) & 0xff;
    this.later(ANSWER_MS, () => this.command(Ov.nak, 0, this.naks, error, 0));
  }

  private command(command: Ov, ...parameters: number[]): void {
    this.busy = true;
    this.send(Uint8Array.of(START, command, ...parameters), () => this.rest());
  }

  /** It listens again. */
  private rest(): void {
    this.busy = false;
  }

  private fits(code: number): boolean {
    const size = sizeOf(code);
    return size !== undefined && this.can(size);
  }
}

function packageOf(number: number, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(data.length + OV_AROUND);
  bytes.set([number & 0xff, number >> 8, data.length & 0xff, data.length >> 8]);
  bytes.set(data, 4);
  bytes[data.length + 4] = bytes.reduce((sum, byte) => sum + byte, 0);
  return bytes;
}

function sizeOf(code: number): Size | undefined {
  return Object.keys(OV_SIZES).find((size) => OV_SIZES[size] === code);
}

function speedOf(first: number, second: number): number | undefined {
  const speed = ovBaudOf(first, second);
  return OV_BAUDS.find((baud) => Math.abs(baud / speed - 1) < 0.01);
}
