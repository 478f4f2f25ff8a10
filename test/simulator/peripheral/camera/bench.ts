/** A simulated camera on a cable in virtual time, and the board's end of it as a driver has it: requests, replies, time limits. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { VirtualClock } from "../../../../simulator/clock.js";
import type { SerialCamera } from "../../../../simulator/peripheral/camera/serial-camera.js";
import { UartWire } from "../../../../simulator/wire.js";

export const IMAGES = fileURLToPath(new URL("../../../images/", import.meta.url));

export function imageFile(size: string, number = 1): string {
  return `${IMAGES}${size}-${number}.jpg`;
}

export function image(size: string, number = 1): Uint8Array {
  return new Uint8Array(readFileSync(imageFile(size, number)));
}

/** How often bytes are looked for, ms: less often once none have come for a while. */
const STEP_MS = 2;
const SLOW_MS = 20;
const WHILE_MS = 20;
/** Whoever waits for silence waits no longer. */
const LONGEST_MS = 5000;

export class CameraBench {
  readonly clock = new VirtualClock();
  readonly wire: UartWire;
  private received: number[] = [];

  constructor(
    readonly camera: SerialCamera,
    baud: number,
  ) {
    this.wire = new UartWire(baud, this.clock, true);
    this.wire.board.setBaud(baud);
    this.wire.board.onTraffic(() => undefined);
    camera.connect(this.wire.peripheral, this.clock);
  }

  /** The board's UART is set up at another speed. */
  set baud(baud: number) {
    this.wire.board.setBaud(baud);
    this.byteTime = 10_000 / baud;
  }

  private byteTime = 10_000 / 38_400;

  say(bytes: ArrayLike<number>): void {
    let at = this.clock.now();
    for (const byte of Array.from(bytes)) this.wire.board.transmit(byte, (at += this.byteTime));
  }

  /** @returns so many bytes, or those that came until nothing came for `silence` ms */
  async receive(count: number, silence: number): Promise<Uint8Array> {
    const { clock } = this;
    let last = clock.now();
    for (let quiet = 0; this.received.length < count && quiet < silence; quiet = clock.now() - last) {
      await clock.run(quiet < WHILE_MS ? STEP_MS : Math.min(SLOW_MS, silence - quiet));
      if (this.take() > 0) last = clock.now();
    }
    return Uint8Array.from(this.received.splice(0, count));
  }

  /** All that comes until the line is silent for so many ms. */
  async rest(silence: number): Promise<Uint8Array> {
    const { clock } = this;
    const all: number[] = [];
    const end = clock.now() + LONGEST_MS;
    for (;;) {
      const some = await this.receive(256, silence);
      all.push(...some);
      if (some.length === 0 || clock.now() >= end) return Uint8Array.from(all);
    }
  }

  /** A request as bytes in hexadecimal digits, and what comes within 300 ms in the same way. */
  async talk(text: string): Promise<string> {
    this.say(hex(text));
    return toHex(await this.rest(300));
  }

  close(): void {
    this.camera.close();
  }

  private take(): number {
    const { board } = this.wire;
    const before = this.received.length;
    while (board.nextArrival() <= this.clock.now()) this.received.push(board.takeArrival());
    return this.received.length - before;
  }
}

export function hex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.replaceAll(" ", ""), "hex"));
}

/** `76 00 26 00`. */
export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString("hex")
    .toUpperCase()
    .replace(/(..)(?!$)/g, "$1 ");
}
