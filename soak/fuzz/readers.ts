/** What a host reads from boards, files and users. Each gives what it is for, or an error of ours that says why not. */
import { Readable } from "node:stream";
import { ConfigError, parseConfig } from "../../host/config/index.js";
import { jobRecord } from "../../host/device/schema.js";
import { readRecords } from "../../host/device/records.js";
import { DevsockError } from "../../host/errors.js";
import { parseAddress } from "../../host/address.js";
import { Cutter, Marks } from "../../host/tap/cutter.js";
import { describe } from "../../host/tap/describe.js";
import { encode, helloFrame, markOf, Step, tag, UNPROVED } from "../../protocols/index.js";
import { below } from "../random.js";
import type { Random } from "../random.js";
import { mutated, noise } from "./mutate.js";
import { demand } from "./target.js";
import type { Target } from "./target.js";

/** Lines of a job. */
class RecordTarget implements Target {
  readonly name = "records";
  private static readonly LINES = Buffer.from(
    '{"ahead":1}\n{"ahead":0,"status":{"answers":true,"asb":[16,0,0,0],"eot":[18,18,18],"busy":false,"jobs":0,"taken":0,"lost":0}}\n' +
      '{"taken":512,"gap":{"cause":"FIFO_FULL","bytes":3}}\n{"done":true,"accepted":700,"taken":700}\n',
  );

  async try(rand: Random): Promise<void> {
    const input = Buffer.from(mutated(RecordTarget.LINES, rand));
    const at = below(rand, input.length + 1);
    const stream = Readable.from([input.subarray(0, at), input.subarray(at)].filter(({ length }) => length > 0));
    await ours(async () => {
      for await (const record of readRecords(stream, "printer0:job", jobRecord))
        demand(typeof record === "object", "a record is no object");
    });
  }
}

/** A configuration whose JSON is damaged, or right and nonsense. */
class ConfigTarget implements Target {
  readonly name = "configuration";
  private static readonly TEXT = JSON.stringify({
    name: "lab-1",
    board: "linux",
    insecure: true,
    links: { tcp: { port: 9180 }, udp: { port: 9180 }, serial: { uart: "Serial2", baud: 115200 } },
    devices: [{ name: "printer0", driver: "escpos", uart: "Serial1", baud: 9600, flow: "xonxoff" }],
    endpoints: [{ type: "raw", device: "printer0", port: 9100 }],
  });
  private static readonly VALUES: unknown[] = [null, 0, -1, 1e9, 0.5, "", "__proto__", "printer0", true, [], {}, [[]]];

  try(rand: Random): void {
    const { TEXT } = ConfigTarget;
    try {
      parseConfig(rand() < 0.3 ? Buffer.from(mutated(Buffer.from(TEXT), rand)).toString() : this.nonsense(rand));
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      demand(error.message.length > 0, "an error says nothing");
    }
  }

  /** Something in it is another thing. */
  private nonsense(rand: Random): unknown {
    const config = JSON.parse(ConfigTarget.TEXT) as Record<string, unknown>;
    for (let n = 1 + below(rand, 3); n > 0; n--) {
      let at = config;
      for (;;) {
        const names = [...Object.keys(at), "unknown"];
        const name = names[below(rand, names.length)]!;
        const inner = at[name];
        if (typeof inner === "object" && inner !== null && rand() < 0.8) at = inner as Record<string, unknown>;
        else {
          if (rand() < 0.2) delete at[name];
          else at[name] = structuredClone(ConfigTarget.VALUES[below(rand, ConfigTarget.VALUES.length)]);
          break;
        }
      }
    }
    return config;
  }
}

/** What a tap tells of bytes on a link: all of them, frames and noise, in their order. */
class CaptureTarget implements Target {
  readonly name = "capture";

  try(rand: Random): void {
    const [epoch, peerEpoch] = [noise(rand, 8), noise(rand, 8)];
    const hello = helloFrame(Step.answer, epoch, peerEpoch, rand() < 0.5 ? UNPROVED : noise(rand, 16), "{}");
    const word = tag(below(rand, 8), below(rand, 4), below(rand, 2048));
    const frame = encode(word, below(rand, 2048), noise(rand, below(rand, 80)), markOf(epoch, peerEpoch));
    const input = Buffer.concat([hello, frame, frame].map((bytes) => (rand() < 0.5 ? bytes : mutated(bytes, rand))));
    const told: Uint8Array[] = [];
    const cutter = new Cutter(new Marks(), rand() < 0.3, (bytes, reason) => {
      told.push(Uint8Array.from(bytes));
      if (reason === undefined) demand(describe(bytes).length > 0, "nothing is said of a frame");
    });
    const at = below(rand, input.length + 1);
    for (const piece of [input.subarray(0, at), input.subarray(at)]) if (piece.length > 0) cutter.push(piece, 0);
    cutter.flush(1000);
    demand(Buffer.concat(told).equals(input), "what is told is not what came");
  }
}

/** What a user gives as a board's address. */
class AddressTarget implements Target {
  readonly name = "address";
  private static readonly TEXTS = [
    "tcp://127.0.0.1:9180",
    "udp://[::1]:9180",
    "serial:/dev/ttyUSB0?baud=115200",
    "lab",
  ];

  try(rand: Random): void {
    const { TEXTS } = AddressTarget;
    const text = Buffer.from(mutated(Buffer.from(TEXTS[below(rand, TEXTS.length)]!), rand)).toString("latin1");
    try {
      parseAddress(text);
    } catch (error) {
      if (!(error instanceof DevsockError)) throw error;
    }
  }
}

/** @throws what is no error of ours */
async function ours(run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!(error instanceof DevsockError)) throw error;
  }
}

export function readers(): Target[] {
  return [new RecordTarget(), new ConfigTarget(), new CaptureTarget(), new AddressTarget()];
}
