/** What a driver of a VC0706 does, with protocols/device/camera/vc0706.ts alone. */
import { EMPTY, slice, u32 } from "../../../../protocols/bytes/index.js";
import type { Bytes } from "../../../../protocols/bytes/index.js";
import {
  Vc,
  vcAccepts,
  vcAskLength,
  vcBaud,
  vcCompression,
  vcFrame,
  VcFrame,
  vcRead,
  vcRequest,
  vcSize,
  VC_BAUD,
  VC_CHUNK,
  VC_LENGTH_REPLY,
  VC_REPLY,
  VC_SIZES,
} from "../../../../protocols/device/camera/vc0706.js";
import type { CameraBench } from "./bench.js";

const WAIT_MS = 300;
const READY_MS = 3000;
const SILENCE_MS = 60;
const TRIES = 8;
/** In 0.01 ms. */
const DELAY = 10;

export class Vc0706Reader {
  /** Requests that were repeated. */
  repeats = 0;

  constructor(private readonly bench: CameraBench) {}

  /** From power-on, or at whatever speed it is left. */
  async open(size: string, baud: number): Promise<void> {
    const { bench } = this;
    for (const speed of [VC_BAUD, baud, VC_BAUD]) {
      bench.baud = speed;
      await bench.rest(speed === VC_BAUD ? READY_MS : SILENCE_MS);
      if (await this.try(vcRequest(Vc.version, EMPTY), Vc.version, VC_REPLY + 11)) break;
    }
    await this.ask(vcSize(VC_SIZES[size]!), Vc.writeRegister);
    await this.ask(vcRequest(Vc.reset, EMPTY), Vc.reset);
    bench.baud = VC_BAUD;
    await bench.rest(READY_MS);
    if (baud !== VC_BAUD) await this.raise(baud);
  }

  /** Its answer may be lost, or the request: whoever answers at the new speed has it. */
  private async raise(baud: number): Promise<void> {
    const { bench } = this;
    for (let i = 0; i < TRIES; i++)
      for (const speed of [VC_BAUD, baud]) {
        bench.baud = speed;
        if (speed === VC_BAUD) {
          bench.say(vcBaud(baud));
          await bench.receive(VC_REPLY, WAIT_MS);
        } else if (await this.try(vcRequest(Vc.version, EMPTY), Vc.version, VC_REPLY + 11)) return;
        await bench.rest(SILENCE_MS);
      }
    throw new Error(`ETIMEDOUT: the camera does not answer at ${baud}`);
  }

  async compress(compression: number): Promise<void> {
    await this.ask(vcCompression(compression), Vc.writeRegister);
  }

  /** @param twice each part is read until two of its copies are the same: nothing else tells a wrong byte */
  async snapshot(chunk = 512, twice = false): Promise<Uint8Array> {
    await this.ask(vcFrame(VcFrame.resume), Vc.frame);
    await this.ask(vcFrame(VcFrame.freeze), Vc.frame);
    let length = 0;
    for (let before = -1; length !== before;) {
      before = twice ? length : -1;
      length = u32(await this.ask(vcAskLength(), Vc.length, VC_LENGTH_REPLY), VC_REPLY);
      if (!twice) break;
    }
    const image: number[] = [];
    for (let at = 0; at < length; at += chunk) {
      const wanted = Math.min(chunk, Math.ceil((length - at) / VC_CHUNK) * VC_CHUNK);
      image.push(...(await (twice ? this.agreed(at, wanted) : this.part(at, wanted))));
    }
    return Uint8Array.from(image.slice(0, length));
  }

  private async agreed(at: number, length: number): Promise<Bytes> {
    const seen = new Set<string>();
    for (;;) {
      const part = await this.part(at, length);
      const text = Buffer.from(part).toString("latin1");
      if (seen.has(text)) return part;
      seen.add(text);
    }
  }

  private async part(at: number, length: number): Promise<Bytes> {
    for (let i = 0; i < 5 * TRIES; i++) {
      const all = await this.try(vcRead(at, length, DELAY), Vc.read, length + 2 * VC_REPLY);
      if (all && vcAccepts(slice(all, VC_REPLY + length, all.length), Vc.read))
        return slice(all, VC_REPLY, VC_REPLY + length);
      this.repeats++;
      await this.bench.rest(SILENCE_MS);
    }
    throw new Error(`ETIMEDOUT: nothing whole of the image at ${at}`);
  }

  private async ask(request: Bytes, command: Vc, length = VC_REPLY): Promise<Bytes> {
    for (let i = 0; i < TRIES; i++) {
      const reply = await this.try(request, command, length);
      if (reply) return reply;
      this.repeats++;
      await this.bench.rest(SILENCE_MS);
    }
    throw new Error(`ETIMEDOUT: the camera does not answer command ${command.toString(16)}`);
  }

  private async try(request: Bytes, command: Vc, length: number): Promise<Bytes | undefined> {
    this.bench.say(request);
    const reply = await this.bench.receive(length, WAIT_MS);
    return reply.length === length && vcAccepts(reply, command) ? reply : undefined;
  }
}
