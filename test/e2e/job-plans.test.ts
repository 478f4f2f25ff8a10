import assert from "node:assert/strict";
import type { DevsockError } from "../../host/index.js";
import type { Board, JobReport } from "../../host/index.js";
import { Random } from "../../simulator/random.js";
import { mortal } from "../support/mortal.js";
import { severed } from "../support/severed.js";
import { linkKinds, QUESTION, Rig, withFirmware } from "./rig.js";
import type { RigOptions } from "./rig.js";

/** Widest bounds after a power cut, in bytes: docs/limits.md. */
const WIDEST = 342;
const DEEDS = ["kill", "vanish", "cut the link", "take over", "no paper", "power"] as const;

/** A client of the job's, alive or not. */
interface Client {
  board: Board;
  kill(): void;
  vanish(): void;
  cut(): void;
  outcome?: JobReport | DevsockError;
}

/** One job on one board, whatever a seed does to it, repeated until it is done. */
class Plan extends Rig {
  readonly deeds: string[] = [];
  private readonly random: Random;
  private readonly job: Buffer;
  /** Where the printer's log stood when power was cut: a question may have been half sent. */
  private readonly cuts: number[] = [];
  /** Where the job has to be told to go on. */
  private at: number | undefined;

  constructor(seed: number) {
    const random = new Random(seed);
    super({ seed, ...KINDS[random.next() % KINDS.length]! });
    this.random = random;
    this.job = this.payload(2000 + this.below(8000));
  }

  async play(): Promise<void> {
    let client = await this.print();
    for (let deeds = 1 + this.below(7); deeds > 0; deeds--) {
      await this.run(this.below(700));
      if (client.outcome && (await this.isOver(client.outcome))) break;
      client = await this.deed(client);
    }
    for (;;) {
      await this.until(() => !!client.outcome);
      if (await this.isOver(client.outcome!)) break;
      client = await this.print();
    }
    assert.equal(this.paper(), this.job.length);
    const last = await this.print();
    await this.until(() => !!last.outcome);
    assert.deepEqual([(last.outcome as JobReport).from, this.paper()], [this.job.length, this.job.length]);
    assert.deepEqual(this.console, []);
    assert.equal(this.board.runtime.counters.exceptions, 0);
    this.board.powerOff();
  }

  private async deed(client: Client): Promise<Client> {
    const deed = DEEDS[this.below(DEEDS.length)]!;
    this.deeds.push(`${deed} at ${this.clock.now() | 0} ms, ${this.paper()} B`);
    if (deed === "no paper") {
      this.printer.setPaper("out");
      await this.run(this.below(4000));
      this.printer.setPaper("ok");
      return client;
    }
    if (deed === "cut the link") {
      client.cut();
      return client;
    }
    if (deed === "kill" || deed === "power") client.kill();
    else if (deed === "vanish") client.vanish();
    if (deed === "power") {
      this.board.powerCycle();
      // What was said of the cut before holds no longer.
      this.at = undefined;
      this.cuts.push(this.printer.log.end);
    } else await this.run(this.below(3) * this.below(500));
    return this.print();
  }

  /** Prints from a new host, over any link that has room for it. */
  private async print(): Promise<Client> {
    for (;;) {
      const kind = linkKinds[this.below(3)]!;
      const host = mortal(this.transport(kind));
      const link = severed(host.transport);
      const board = await this.connect(kind, () => link.transport).catch(() => undefined);
      if (board) {
        const client: Client = { ...host, cut: () => link.cut(), board };
        void board
          .printer("printer0")
          .print(this.job, { job: "plan", resumeAt: this.at })
          .then(
            (report) => (client.outcome = report),
            (error: DevsockError) => (client.outcome = error),
          );
        return client;
      }
      // The sessions of the dead are kept for half a minute.
      await this.run(3000);
    }
  }

  /** Done; or where it goes on is known now. */
  private async isOver(outcome: JobReport | DevsockError): Promise<boolean> {
    if (!(outcome instanceof Error)) return true;
    const { sent } = outcome.reach ?? {};
    if (!sent) return false;
    const is = this.paper();
    assert.equal(outcome.code, "EINTR", outcome.message);
    assert.ok(this.cuts.length, "bounds without a power cut");
    assert.ok(sent.least <= is && is <= sent.most!, `${sent.least} to ${sent.most}, and it is ${is}`);
    assert.ok(sent.most! - sent.least <= WIDEST, `${sent.least} to ${sent.most}`);
    await this.run(2000);
    assert.equal(this.paper(), is, "nothing is printed by itself");
    this.at = is;
    return false;
  }

  /** Bytes of the job on the paper: each is the next one, once. */
  private paper(): number {
    const { bytes } = this.printer.log;
    let done = 0;
    for (let at = 0; at < bytes.length;) {
      const asked = QUESTION.findIndex((byte, i) => byte !== bytes[at + i]);
      const cut = [...this.cuts, bytes.length].find((end) => end > at && end <= at + asked);
      if (asked < 0) at += QUESTION.length;
      else if (cut !== undefined) at = cut;
      else if (bytes[at++] !== this.job[done++])
        assert.fail(`after ${done - 1} bytes of the job came ${bytes.subarray(at - 1, at + 15).toString("hex")}`);
    }
    return done;
  }

  /** Text and pictures, without the bytes that a question begins with. */
  private payload(size: number): Buffer {
    const parts: Buffer[] = [];
    for (let length = 0; length < size; length += parts.at(-1)!.length)
      if (this.random.chance(0.8)) parts.push(Buffer.from(`${length}: a line of text\n`));
      else {
        const rows = 1 + this.below(64);
        const dots = Buffer.from(Array.from({ length: rows * 8 }, () => 32 + this.below(200)));
        parts.push(Buffer.of(0x1d, 0x76, 0x30, 0, 8, 0, rows === 0x10 ? 17 : rows, 0), dots);
      }
    return Buffer.concat(parts);
  }

  private below(n: number): number {
    return (this.random.next() >>> 8) % n;
  }
}

const KINDS: RigOptions[] = [
  {},
  { printer: { speed: 3000 } },
  { device: { buffer: 45 }, printer: { buffer: 45 } },
  { device: { baud: 9600 } },
];

describe("end to end: a job with an id, whatever happens to it", function () {
  this.timeout(120_000);
  withFirmware();
  const first = Number(process.env["SEED"] ?? 1);
  const count = Number(process.env["PLANS"] ?? 40);

  it(`seeds ${first} to ${first + count - 1}: each byte once; after a power cut the bounds hold`, async () => {
    for (let seed = first; seed < first + count; seed++) {
      const plan = new Plan(seed);
      await plan.play().catch((error: Error) => {
        throw new Error(`seed ${seed} (SEED=${seed} PLANS=1): ${plan.deeds.join("; ")}: ${error.message}`, {
          cause: error,
        });
      });
    }
  });
});
