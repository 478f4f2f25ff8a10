import assert from "node:assert/strict";
import { duplexPair, type Duplex } from "node:stream";
import { receiveResults, type AnalyserEvent, type TakeText } from "../../host/index.js";
import { AstmSender } from "../../protocols/device/astm/index.js";
import { VirtualClock } from "../../simulator/clock.js";
import { inTime } from "./time.js";

/** An analyser on the far end of a stream; transfers are sent one after the other, and again until they are acknowledged. */
class Analyser {
  readonly ends: string[] = [];
  private readonly sender: AstmSender;

  constructor(
    private readonly clock: VirtualClock,
    stream: Duplex,
    private readonly texts: string[],
  ) {
    this.sender = new AstmSender({
      send: (bytes) => void stream.write(bytes),
      ended: (end, sent) => {
        this.ends.push(end);
        this.texts.splice(0, sent);
        if (this.texts.length > 0) clock.after(10_000, () => this.start());
        else stream.end();
      },
    });
    stream.on("data", (data: Buffer) => {
      this.sender.push(data, clock.now());
      this.watch();
    });
    this.start();
  }

  private start(): void {
    this.sender.start(
      this.texts.map((text) => Buffer.from(text)),
      this.clock.now(),
    );
    this.watch();
  }

  private watch(): void {
    const { deadline } = this.sender;
    if (deadline === null) return;
    this.clock.after(deadline - this.clock.now(), () => {
      this.sender.expire(this.clock.now());
      if (this.sender.deadline !== deadline) this.watch();
    });
  }
}

const TEXTS = ["H|\\^&\r", `R|1|^^^GLU|${"5".repeat(600)}\r`, "L|1|N\r"];

async function receive(
  take: (text: string, clock: VirtualClock) => ReturnType<TakeText>,
): Promise<{ events: AnalyserEvent[]; ends: string[] }> {
  const clock = new VirtualClock();
  const [near, far] = duplexPair();
  const events: AnalyserEvent[] = [];
  const done = receiveResults(near, (text) => take(text.toString(), clock), {
    clock,
    onEvent: (event) => events.push(event),
  });
  const { ends } = new Analyser(clock, far, [...TEXTS]);
  await inTime(clock, done);
  return { events, ends };
}

describe("results of an analyser", () => {
  it("are taken one after the other, whole, and the analyser knows that they are", async () => {
    const taken: string[] = [];
    const { events, ends } = await receive((text) => void taken.push(text));
    assert.deepEqual(taken, TEXTS);
    assert.deepEqual(ends, ["done"]);
    assert.deepEqual(events, [{ kind: "ended", end: "EOT", lost: 0 }]);
  });

  it("are asked for again when the program could not take one", async () => {
    const taken: string[] = [];
    let failures = 2;
    const { events, ends } = await receive((text) => {
      if (text.startsWith("R") && failures-- > 0) throw new Error("the disk is full");
      taken.push(text);
    });
    assert.deepEqual(taken, TEXTS);
    assert.deepEqual(ends, ["done"]);
    assert.equal(events.filter((event) => event.kind === "refused").length, 2);
  });

  it("are not acknowledged by a program that takes longer than the analyser waits, and come again", async () => {
    const taken: string[] = [];
    let slow = true;
    const { events, ends } = await receive(async (text, clock) => {
      if (text.startsWith("R") && slow) {
        slow = false;
        await new Promise<void>((resolve) => clock.after(40_000, resolve));
      }
      taken.push(text);
    });
    assert.deepEqual(taken, [...TEXTS.slice(0, 2), ...TEXTS.slice(1)]);
    assert.deepEqual(ends, ["no answer", "done"]);
    const [first] = events;
    assert.equal(first?.kind === "ended" && first.end, "EOT");
    assert.ok(first?.kind === "ended" && first.lost > 600);
  });

  it("end when the program aborts", async () => {
    const [near] = duplexPair();
    const done = receiveResults(near, () => undefined, { signal: AbortSignal.abort(new Error("enough")) });
    await assert.rejects(done, /enough/);
  });
});
