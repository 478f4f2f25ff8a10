/** What a driver of an OV528 does, with protocols/device/camera/ov528.ts alone. */
import { same, u16 } from "../../../../protocols/bytes/index.js";
import type { Bytes } from "../../../../protocols/bytes/index.js";
import {
  Ov,
  ovAccepts,
  OV_AROUND,
  ovAsk,
  ovBaud,
  OV_COMMAND,
  ovCommand,
  ovData,
  OV_END,
  ovInitial,
  ovLength,
  ovPackageSize,
  OvPicture,
  OV_SIZES,
  OV_SYNCS,
} from "../../../../protocols/device/camera/ov528.js";
import type { CameraBench } from "./bench.js";

const WAIT_MS = 200;
const SILENCE_MS = 30;
const TRIES = 40;

export class Ov528Reader {
  /** Requests that were repeated. */
  repeats = 0;
  /** SYNCs that it took. */
  syncs = 0;
  private package = 512;

  constructor(private readonly bench: CameraBench) {}

  /** @param first the speed to begin at @param size of a package */
  async open(size: string, first: number, baud: number, packageSize: number): Promise<void> {
    this.package = packageSize;
    await this.sync([first]);
    if (baud !== first) {
      this.bench.say(ovBaud(baud));
      await this.bench.receive(OV_COMMAND, WAIT_MS);
      await this.sync([baud, first]);
    }
    await this.ask(ovInitial(OV_SIZES[size]!), Ov.initial);
    await this.ask(ovPackageSize(packageSize), Ov.packageSize);
  }

  async sync(speeds: number[]): Promise<void> {
    const { bench } = this;
    for (let i = 0; i < OV_SYNCS * speeds.length; i++) {
      bench.baud = speeds[i % speeds.length]!;
      bench.say(ovCommand(Ov.sync, 0));
      this.syncs++;
      const reply = await bench.receive(2 * OV_COMMAND, 10 + i);
      if (reply.length === 2 * OV_COMMAND && ovAccepts(reply, Ov.sync) && u16(reply, OV_COMMAND) === 0xaa0d) {
        bench.say(ovCommand(Ov.ack, 0x0d000000));
        return;
      }
    }
    throw new Error("ETIMEDOUT: the camera answers no SYNC");
  }

  /** @param twice each package is read until two of its copies are the same: two wrong bits often have the right sum */
  async snapshot(twice = false): Promise<Uint8Array> {
    const { bench } = this;
    await this.ask(ovCommand(Ov.snapshot, 0), Ov.snapshot);
    await bench.clock.run(100);
    let length = await this.lengthOf();
    for (let before = -1; twice && before !== length; length = await this.lengthOf()) before = length;
    const image: number[] = [];
    for (let number = 0; image.length < length; number++) {
      const wanted = Math.min(this.package, length - image.length + OV_AROUND);
      let part = await this.part(number, wanted);
      for (let before: Bytes | undefined; twice && !(before && same(before, part));) {
        before = part;
        part = await this.part(number, wanted);
      }
      image.push(...part);
    }
    bench.say(ovAsk(OV_END));
    await bench.clock.run(10);
    return Uint8Array.from(image);
  }

  private async lengthOf(): Promise<number> {
    const request = ovCommand(Ov.get, OvPicture.snapshot << 24);
    for (let i = 0; i < TRIES; i++) {
      this.bench.say(request);
      const reply = await this.bench.receive(2 * OV_COMMAND, WAIT_MS);
      if (reply.length === 2 * OV_COMMAND && ovAccepts(reply, Ov.get) && u16(reply, OV_COMMAND) === 0xaa0a)
        return ovLength(reply.subarray(OV_COMMAND));
      await this.again();
    }
    throw new Error("ETIMEDOUT: the camera has no image");
  }

  private async part(number: number, length: number): Promise<Bytes> {
    for (let i = 0; i < TRIES; i++) {
      this.bench.say(ovAsk(number));
      const bytes = await this.bench.receive(length, WAIT_MS);
      const data = ovData(bytes, number, bytes.length - OV_AROUND);
      if (data && data.length === length - OV_AROUND) return data;
      await this.again();
    }
    throw new Error(`ETIMEDOUT: the camera does not give package ${number}`);
  }

  private async ask(request: Bytes, command: Ov): Promise<void> {
    for (let i = 0; i < TRIES; i++) {
      this.bench.say(request);
      const reply = await this.bench.receive(OV_COMMAND, WAIT_MS);
      if (reply.length === OV_COMMAND && ovAccepts(reply, command)) return;
      await this.again();
    }
    throw new Error(`ETIMEDOUT: the camera does not do command ${command}`);
  }

  private async again(): Promise<void> {
    this.repeats++;
    await this.bench.rest(SILENCE_MS);
  }
}
