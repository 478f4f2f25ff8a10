/**
 * A simulated VC0706 on its module. The wire is protocols/device/camera/vc0706.ts; docs/devices/vc0706.md has the sources. It is as strict as the strictest of its
 * kind: parts are of 8 bytes, a size holds from the next reset on, nothing is heard while it answers, and times of the exposure are made up.
 */
import {
  Vc,
  VC_BAUD,
  vcBaudOf,
  VC_CHUNK,
  VcFrame,
  VC_SIZES,
  VcStatus,
} from "../../../protocols/device/camera/vc0706.js";
import { cameraTable } from "../../../protocols/device/camera/index.js";
import { spoil } from "./faults.js";
import type { CameraOptions } from "./faults.js";
import type { Size } from "./frames.js";
import { SerialCamera } from "./serial-camera.js";

export interface Vc0706Options extends CameraOptions {
  /** From power to its text, ms. */
  boot?: number;
  /** Its size before any other is set: what its EEPROM has. */
  size?: Size;
}

const ASK = 0x56;
const ANSWER = 0x76;
const SERIAL = 0x00;
/** Longer ones than any command's. */
const LONGEST = 16;
/** A command that stops is none. */
const PAUSE_MS = 50;
const ANSWER_MS = 1;
const FRAME_MS = 1000 / 30;
const COMPRESS_MS_A_PIXEL = 1e-4;
const COMPRESSION = 0x36;
const PADDED = 256;
/** Its speeds are those of codes that are off by no more. */
const NEAR = 0.01;
const VERSION = "VC0703 1.00";
const HELLO = `${VERSION}\r\nCtrl infr exist\r\nUser-defined sensor\r\n525\r\nInit end\r\n`;

const EEPROM_SIZE = [4, 1, 0x00, 0x19];
const CHIP_COMPRESSION = [1, 1, 0x12, 0x04];

/** Bytes behind each command's length. */
const LENGTHS: Record<number, number> = {
  [Vc.version]: 0,
  [Vc.baud]: 3,
  [Vc.reset]: 0,
  [Vc.readRegister]: 4,
  [Vc.writeRegister]: 5,
  [Vc.read]: 12,
  [Vc.length]: 1,
  [Vc.frame]: 1,
};

export class Vc0706 extends SerialCamera {
  /** 0 to FF. */
  compression = COMPRESSION;
  private readonly boot: number;
  private stored: number;
  /** The size that it has taken from its EEPROM. */
  private code = 0;
  private ready = false;
  private busy = false;
  private heard: number[] = [];
  private heardAt = 0;
  /** The frozen image as it is in its memory, and as long as it says. */
  private frozen: { data: Uint8Array; length: number } | undefined;

  constructor({ boot = 1500, size = "640x480", ...camera }: Vc0706Options = {}) {
    super(camera);
    this.boot = boot;
    this.stored = VC_SIZES[size]!;
  }

  get size(): Size {
    return sizeOf(this.code)!;
  }

  protected begin(): void {
    this.baud = VC_BAUD;
    this.code = this.stored;
    this.compression = COMPRESSION;
    this.frozen = undefined;
    this.heard = [];
    this.ready = this.busy = false;
    this.later(this.boot, () => {
      this.send(Buffer.from(HELLO), () => (this.ready = true));
    });
  }

  protected stranger(): Uint8Array {
    return Buffer.from("ERROR\r\n");
  }

  protected hear(byte: number): void {
    if (!this.ready || this.busy) {
      this.counters.ignored++;
      return;
    }
    const { heard } = this;
    if (heard.length > 0 && this.now - this.heardAt > PAUSE_MS) heard.length = 0;
    this.heardAt = this.now;
    heard.push(byte);
    if (heard[0] !== ASK || (heard.length > 1 && heard[1] !== SERIAL)) {
      this.counters.ignored += heard.length;
      heard.length = 0;
      return;
    }
    const [, , command, length] = heard;
    if (length === undefined || (length <= LONGEST && heard.length < 4 + length)) return;
    this.heard = [];
    this.counters.commands++;
    this.busy = true;
    const status = this.statusOf(command!, heard.slice(4), length);
    if (status !== VcStatus.ok) this.refuse(command!, status);
    else this.run(command!, heard.slice(4));
  }

  /** What is wrong with a command, before it is done. */
  private statusOf(command: Vc, rest: number[], length: number): VcStatus {
    const wanted = LENGTHS[command];
    if (wanted === undefined) return VcStatus.unknown;
    if (length !== wanted) return VcStatus.length;
    if (this.happens("refusing")) return VcStatus.busy;
    switch (command) {
      case Vc.baud:
        return rest[0] === 1 && speedOf(rest) !== undefined ? VcStatus.ok : VcStatus.form;
      case Vc.writeRegister:
        return this.writes(rest) ? VcStatus.ok : VcStatus.form;
      case Vc.readRegister:
        return same(rest, EEPROM_SIZE) || same(rest, CHIP_COMPRESSION) ? VcStatus.ok : VcStatus.form;
      case Vc.frame:
        return rest[0]! <= Number(VcFrame.resume) ? VcStatus.ok : VcStatus.form;
      case Vc.length:
        return this.frozen ? VcStatus.ok : VcStatus.busy;
      case Vc.read:
        return this.frozen ? this.readable(rest) : VcStatus.busy;
      default:
        return VcStatus.ok;
    }
  }

  private run(command: Vc, rest: number[]): void {
    switch (command) {
      case Vc.version:
        return this.answer(command, Buffer.from(VERSION));
      case Vc.reset:
        return this.answer(command, [], () => this.begin());
      case Vc.baud:
        return this.answer(command, [], () => (this.baud = speedOf(rest)!));
      case Vc.readRegister:
        return this.answer(command, [same(rest, EEPROM_SIZE) ? this.stored : this.compression]);
      case Vc.writeRegister:
        if (rest[0] === EEPROM_SIZE[0]) this.stored = rest[4]!;
        else this.compression = rest[4]!;
        return this.answer(command, []);
      case Vc.length:
        return this.answer(command, be32(this.frozen!.length));
      case Vc.frame:
        return this.control(rest[0]!);
      case Vc.read:
        return this.read(rest);
    }
  }

  private writes(rest: number[]): boolean {
    const register = rest.slice(0, 4);
    if (same(register, CHIP_COMPRESSION)) return true;
    const size = sizeOf(rest[4]!);
    return same(register, EEPROM_SIZE) && size !== undefined && this.can(size);
  }

  private readable(rest: number[]): VcStatus {
    const { at, length } = partOf(rest);
    const whole = at % VC_CHUNK === 0 && length % VC_CHUNK === 0 && length > 0;
    return rest[0] === 0 && rest[1] === 0x0a && whole && at + length <= this.frozen!.data.length
      ? VcStatus.ok
      : VcStatus.form;
  }

  private control(what: VcFrame): void {
    if (what === VcFrame.resume) {
      this.frozen = undefined;
      return this.answer(Vc.frame, []);
    }
    if (this.faults.fault === "stuck") return;
    const [width, height] = this.size.split("x").map(Number);
    const left = FRAME_MS - (this.now % FRAME_MS);
    const frames = what === VcFrame.freeze ? 0 : FRAME_MS;
    this.later(left + frames + width! * height! * COMPRESS_MS_A_PIXEL, () => {
      const image = this.shoot(this.size, 100 - this.compression / 2.55);
      const { fault } = this.faults;
      const data = spoil(image, fault, fault === "padded" ? PADDED : VC_CHUNK);
      this.frozen = { data, length: fault === "padded" ? data.length : image.length };
      this.answer(Vc.frame, []);
    });
  }

  private read(rest: number[]): void {
    const { at, length, delay } = partOf(rest);
    const { data } = this.frozen!;
    const part = data.slice(at, at + (this.happens("lost") ? length / 2 : length));
    const around = (done: () => void): void => this.send(Uint8Array.of(ANSWER, SERIAL, Vc.read, 0, 0), done);
    this.later(ANSWER_MS, () =>
      around(() =>
        this.later(delay, () =>
          this.sendImage(part, at, data.length, () =>
            this.later(delay, () => (part.length < length ? this.rest() : around(() => this.rest()))),
          ),
        ),
      ),
    );
  }

  private refuse(command: number, status: VcStatus): void {
    this.counters.refused++;
    this.later(ANSWER_MS, () => this.send(Uint8Array.of(ANSWER, SERIAL, command, status, 0), () => this.rest()));
  }

  private answer(command: number, data: ArrayLike<number>, done: () => void = () => {}): void {
    const head = [ANSWER, SERIAL, command, VcStatus.ok, data.length];
    this.later(ANSWER_MS, () =>
      this.send(Uint8Array.of(...head, ...Array.from(data)), () => {
        this.rest();
        done();
      }),
    );
  }

  /** It listens again. */
  private rest(): void {
    this.busy = false;
  }
}

function partOf(rest: number[]): { at: number; length: number; delay: number } {
  const view = new DataView(Uint8Array.from(rest).buffer);
  return { at: view.getUint32(2), length: view.getUint32(6), delay: view.getUint16(10) / 100 };
}

function sizeOf(code: number): Size | undefined {
  return Object.keys(VC_SIZES).find((size) => VC_SIZES[size] === code);
}

function speedOf([, high, low]: number[]): number | undefined {
  const speed = vcBaudOf((high! << 8) | low!);
  return cameraTable("vc0706")!.bauds.find((baud) => Math.abs(baud / speed - 1) < NEAR);
}

function same(a: number[], b: number[]): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

function be32(value: number): number[] {
  return [value >>> 24, (value >> 16) & 0xff, (value >> 8) & 0xff, value & 0xff];
}
