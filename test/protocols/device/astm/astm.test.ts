import assert from "node:assert/strict";
import {
  AstmReceiver,
  AstmSender,
  decodeFrame,
  encodeFrame,
  framesOf,
} from "../../../../protocols/device/astm/index.js";
import type { ReceiverLimits } from "../../../../protocols/device/astm/index.js";

const [STX, ETX, EOT, ENQ, ACK, NAK] = ["\x02", "\x03", "\x04", "\x05", "\x06", "\x15"];
const NAMES: Record<string, string> = { [EOT]: "EOT", [ENQ]: "ENQ", [ACK]: "ACK", [NAK]: "NAK" };

const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");
const text = (data: Uint8Array): string => Buffer.from(data).toString("latin1");
const frame = (number: number, content: string, last = true): string =>
  text(encodeFrame({ number, text: bytes(content), last }));

/** A receiver at virtual times, and all that came of it. */
class Bench {
  now = 0;
  readonly log: string[] = [];
  readonly texts: string[] = [];
  readonly receiver: AstmReceiver;

  /** @param taker says at once whether a text is taken; without one the test decides */
  constructor(taker?: (whole: string) => boolean, limits?: ReceiverLimits) {
    this.receiver = new AstmReceiver(
      {
        send: (data) => void this.log.push(NAMES[text(data)]!),
        offer: ({ whole }) => {
          if (whole) this.texts.push(text(whole));
          if (!whole) this.receiver.decide(true, this.now);
          else if (taker) this.receiver.decide(taker(text(whole)), this.now);
        },
        refused: (cause) => void this.log.push(`refused: ${cause}`),
        ended: (end, lost) => void this.log.push(`ended: ${end}, ${lost} lost`),
      },
      limits,
    );
  }

  /** @returns what was said since the last time */
  hear(data: string, at = this.now): string[] {
    this.now = at;
    this.receiver.push(bytes(data), at);
    return this.said();
  }

  expire(at: number): string[] {
    this.now = at;
    this.receiver.expire(at);
    return this.said();
  }

  said(): string[] {
    return this.log.splice(0);
  }
}

const willing = (): Bench => new Bench(() => true);

describe("ASTM E1381 frames", () => {
  it("have the checksum that the standard counts", () => {
    // 31 + 41 + 03 is 75 in hexadecimal.
    assert.equal(frame(1, "A"), `${STX}1A${ETX}75\r\n`);
    assert.equal(frame(0, "", false), `${STX}0\x1747\r\n`);
  });

  it("come back as they were; any single bit that is wrong makes them none", () => {
    const inside = bytes(frame(3, "R|1|^^^GLU|5.4|mmol/L\r").slice(1, -1));
    assert.deepEqual(decodeFrame(inside), { number: 3, text: bytes("R|1|^^^GLU|5.4|mmol/L\r"), last: true });
    for (let bit = 0; bit < 8 * inside.length; bit++) {
      const bad = Uint8Array.from(inside);
      bad[bit >> 3]! ^= 1 << (bit & 7);
      const decoded = decodeFrame(bad);
      // The case of a hexadecimal digit does not matter.
      const sameDigits = text(bad).toLowerCase() === text(inside).toLowerCase() && bit >> 3 >= inside.length - 3;
      if (sameDigits) assert.equal(typeof decoded, "object");
      else assert.equal(typeof decoded, "string", `bit ${bit}`);
    }
  });

  it("cut a text at 240 characters, and go on counting modulo 8", () => {
    const frames = framesOf(bytes("x".repeat(481)), 7, 240);
    assert.deepEqual(
      frames.map(({ number, text, last }) => [number, text.length, last]),
      [
        [7, 240, false],
        [0, 240, false],
        [1, 1, true],
      ],
    );
    assert.equal(framesOf(bytes("x".repeat(240)), 1, 240).length, 1);
    assert.equal(framesOf(bytes(""), 1, 240).length, 1);
  });
});

describe("ASTM E1381 receiver", () => {
  it("takes a transfer, joining what is cut into frames", () => {
    const bench = willing();
    assert.deepEqual(bench.hear(ENQ), ["ACK"]);
    assert.deepEqual(bench.hear(frame(1, "H|\\^&\r")), ["ACK"]);
    assert.deepEqual(bench.hear(frame(2, "R|1|part", false)), ["ACK"]);
    assert.deepEqual(bench.hear(frame(3, "ed\r")), ["ACK"]);
    assert.deepEqual(bench.hear(EOT), ["ended: EOT, 0 lost"]);
    assert.deepEqual(bench.texts, ["H|\\^&\r", "R|1|parted\r"]);
    assert.equal(bench.receiver.deadline, null);
  });

  it("gives the same byte by byte", () => {
    const bench = willing();
    const all = ENQ + frame(1, "one") + frame(2, "two") + EOT;
    assert.deepEqual(
      [...all].flatMap((character) => bench.hear(character)),
      ["ACK", "ACK", "ACK", "ended: EOT, 0 lost"],
    );
    assert.deepEqual(bench.texts, ["one", "two"]);
  });

  it("says nothing until the taker has decided", () => {
    const bench = new Bench();
    bench.hear(ENQ + frame(1, "result"));
    assert.deepEqual(bench.said(), []);
    assert.equal(bench.receiver.deadline, null);
    bench.now = 12_000;
    bench.receiver.decide(true, bench.now);
    assert.deepEqual(bench.said(), ["ACK"]);
    assert.equal(bench.receiver.deadline, 42_000);
  });

  it("asks again for what was not taken, and offers it again", () => {
    let tries = 0;
    const bench = new Bench(() => ++tries > 1);
    assert.deepEqual(bench.hear(ENQ + frame(1, "result")), ["ACK", "NAK", "refused: not taken"]);
    assert.deepEqual(bench.hear(frame(1, "result")), ["ACK"]);
    assert.deepEqual(bench.texts, ["result", "result"]);
  });

  it("counts a text as lost when the analyser does not wait for the taker, whose word is then too late", () => {
    const bench = new Bench();
    bench.hear(ENQ + frame(1, "result"));
    assert.deepEqual(bench.hear(EOT, 15_000), ["ended: EOT, 6 lost"]);
    bench.receiver.decide(true, 16_000);
    assert.deepEqual(bench.said(), []);
  });

  it("refuses a transfer while the taker still has a text, or the program is busy", () => {
    const bench = new Bench();
    bench.hear(ENQ + frame(1, "result"));
    assert.deepEqual(bench.hear(ENQ, 20_000), ["ended: ENQ, 6 lost", "NAK"]);
    const busy = willing();
    busy.receiver.busy = true;
    assert.deepEqual(busy.hear(ENQ), ["NAK"]);
    busy.receiver.busy = false;
    assert.deepEqual(busy.hear(ENQ, 10_000), ["ACK"]);
  });

  it("acknowledges a repeated frame without offering it twice", () => {
    const bench = willing();
    bench.hear(ENQ + frame(1, "one"));
    assert.deepEqual(bench.hear(frame(1, "one") + frame(1, "one")), ["ACK", "ACK"]);
    assert.deepEqual(bench.hear(frame(2, "two")), ["ACK"]);
    assert.deepEqual(bench.texts, ["one", "two"]);
    assert.equal(bench.receiver.counters.repeats, 2);
  });

  it("refuses a first frame 0, which repeats nothing, and one that skips a number", () => {
    const bench = willing();
    bench.hear(ENQ);
    bench.said();
    assert.deepEqual(bench.hear(frame(0, "zero")), ["NAK", "refused: number"]);
    assert.deepEqual(bench.hear(frame(2, "two")), ["NAK", "refused: number"]);
    assert.deepEqual(bench.hear(frame(1, "one")), ["ACK"]);
    assert.deepEqual(bench.texts, ["one"]);
  });

  it("counts frames modulo 8", () => {
    const bench = willing();
    bench.hear(ENQ);
    for (let i = 1; i <= 20; i++) assert.deepEqual(bench.hear(frame(i % 8, `${i}`)).at(-1), "ACK");
    assert.equal(bench.texts.length, 20);
  });

  it("refuses what is damaged, and takes it when it comes again", () => {
    const bench = willing();
    bench.hear(ENQ);
    bench.said();
    const right = frame(1, "result");
    const damages: [string, string][] = [
      [right.replace("result", "resolt"), "checksum"],
      [right.replace("result", "res\x04lt"), "checksum"],
      [right.replace("\x03", "\x43"), "framing"],
      [`${STX}\n`, "framing"],
    ];
    for (const [bad, cause] of damages) assert.deepEqual(bench.hear(bad), ["NAK", `refused: ${cause}`]);
    // The end of the first try is lost: the second one begins within it.
    assert.deepEqual(bench.hear(right.slice(0, -2) + right), ["ACK"]);
    assert.deepEqual(bench.texts, ["result"]);
  });

  it("ends a transfer after six NAKs in a row, and not after more that are apart", () => {
    const bench = willing();
    bench.hear(ENQ);
    const bad = frame(2, "skipped");
    for (let i = 0; i < 5; i++) bench.hear(bad);
    bench.hear(frame(1, "one"));
    bench.said();
    for (let i = 0; i < 5; i++) assert.deepEqual(bench.hear(frame(4, "x")), ["NAK", "refused: number"]);
    assert.deepEqual(bench.hear(frame(4, "x")), ["NAK", "refused: number", "ended: refused, 0 lost"]);
    assert.deepEqual(bench.hear(frame(2, "two") + EOT), []);
    assert.deepEqual(bench.texts, ["one"]);
  });

  it("refuses a frame whose end is lost once nothing has come for 3 s, while the analyser still waits, and takes it when it comes again", () => {
    const bench = willing();
    bench.hear(ENQ, 1_000);
    const right = frame(1, "result");
    for (const [i, lost] of [1, 2, 4, 9, right.length - 1].entries()) {
      const at = 2_000 + 10_000 * i;
      bench.hear(right.slice(0, -lost), at);
      bench.said();
      assert.equal(bench.receiver.deadline, at + 3_000);
      assert.deepEqual(bench.expire(at + 2_999), []);
      assert.deepEqual(bench.expire(at + 3_000), ["NAK", "refused: incomplete"]);
      // What was late is no frame, and gets no second answer: the analyser has one for each that it sent.
      assert.deepEqual(bench.hear(right.slice(-lost), at + 3_500), []);
      assert.deepEqual(bench.texts, []);
    }
    assert.deepEqual(bench.hear(right, 46_000), ["ACK"]);
    assert.deepEqual(bench.texts, ["result"]);
  });

  it("waits for a frame that comes slowly", () => {
    const bench = willing();
    bench.hear(ENQ);
    for (const character of frame(1, "slow")) {
      assert.deepEqual(bench.expire(bench.now + 2_500), []);
      bench.hear(character);
    }
    assert.deepEqual(bench.texts, ["slow"]);
  });

  it("gives a transfer up 30 s after its last answer, with what was not whole", () => {
    const bench = willing();
    bench.hear(ENQ, 1_000);
    assert.equal(bench.receiver.deadline, 31_000);
    bench.hear(frame(1, "half", false), 20_000);
    bench.hear(`${STX}2re`, 49_000);
    bench.said();
    assert.deepEqual(bench.expire(49_999), []);
    assert.deepEqual(bench.expire(50_000), ["ended: timeout, 4 lost"]);
    assert.deepEqual(bench.hear(frame(2, "result")), []);
    assert.deepEqual(bench.texts, []);
  });

  it("begins again at an ENQ, and offers nothing of the transfer before", () => {
    const bench = willing();
    bench.hear(ENQ + frame(1, "half", false));
    bench.said();
    assert.deepEqual(bench.hear(ENQ), ["ended: ENQ, 4 lost", "ACK"]);
    bench.hear(frame(1, "whole"));
    assert.deepEqual(bench.texts, ["whole"]);
  });

  it("takes 240 characters and refuses 241, unless it may be more", () => {
    const [fits, exceeds] = ["x".repeat(240), "x".repeat(241)];
    const bench = willing();
    bench.hear(ENQ);
    bench.said();
    assert.deepEqual(bench.hear(frame(1, exceeds)), ["NAK", "refused: too long"]);
    assert.deepEqual(bench.hear(frame(1, fits)), ["ACK"]);
    const wide = new Bench(() => true, { longest: 1000, most: 2000 });
    wide.hear(ENQ);
    wide.said();
    assert.deepEqual(wide.hear(frame(1, exceeds)), ["ACK"]);
  });

  it("bounds a text that never ends", () => {
    const bench = new Bench(() => true, { longest: 240, most: 500 });
    bench.hear(ENQ);
    bench.hear(frame(1, "x".repeat(240), false) + frame(2, "x".repeat(240), false));
    bench.said();
    assert.deepEqual(bench.hear(frame(3, "x".repeat(240), false)), ["NAK", "refused: too long"]);
    // A frame that never ends is not kept either.
    bench.hear(STX + "x".repeat(100_000));
    assert.deepEqual(bench.hear("\n"), ["NAK", "refused: too long"]);
  });

  it("hears nothing but ENQ while nobody sends", () => {
    const bench = willing();
    assert.deepEqual(bench.hear(ACK + NAK + EOT + frame(1, "x") + "noise"), []);
    assert.deepEqual(bench.texts, []);
  });
});

/** A sender, what it says, and how it ends. */
function sender(): { sender: AstmSender; said: () => string[]; ends: string[] } {
  const log: string[] = [];
  const ends: string[] = [];
  const made = new AstmSender({
    send: (data) => void log.push(NAMES[text(data)] ?? text(data)),
    ended: (end, texts) => void ends.push(`${end}, ${texts}`),
  });
  return { sender: made, said: () => log.splice(0), ends };
}

describe("ASTM E1381 sender", () => {
  it("sends texts frame by frame, each when the one before is acknowledged", () => {
    const { sender: analyser, said, ends } = sender();
    analyser.start([bytes("one"), bytes("x".repeat(241))], 0);
    assert.deepEqual(said(), ["ENQ"]);
    for (const expected of [frame(1, "one"), frame(2, "x".repeat(240), false), frame(3, "x"), "EOT"]) {
      analyser.push(bytes(ACK), 0);
      assert.deepEqual(said(), [expected]);
    }
    assert.deepEqual(ends, ["done, 2"]);
  });

  it("asks again 10 s after a NAK, six times in all, and 1 s after an ENQ of the other side", () => {
    const { sender: analyser, said, ends } = sender();
    analyser.start([bytes("one")], 0);
    analyser.push(bytes(ENQ), 100);
    assert.equal(analyser.deadline, 1_100);
    analyser.expire(1_100);
    for (let i = 1; i < 6; i++) {
      analyser.push(bytes(NAK), 10_000 * i);
      assert.equal(analyser.deadline, 10_000 * (i + 1));
      analyser.expire(10_000 * (i + 1));
    }
    analyser.push(bytes(NAK), 70_000);
    assert.deepEqual(said(), [...Array<string>(7).fill("ENQ"), "EOT"]);
    assert.deepEqual(ends, ["refused, 0"]);
  });

  it("sends a refused frame six times, and gives up after 15 s without an answer", () => {
    const refused = sender();
    refused.sender.start([bytes("one")], 0);
    refused.sender.push(bytes(ACK + NAK.repeat(6)), 0);
    assert.deepEqual(refused.said(), ["ENQ", ...Array<string>(6).fill(frame(1, "one")), "EOT"]);
    assert.deepEqual(refused.ends, ["refused, 0"]);
    const alone = sender();
    alone.sender.start([bytes("one"), bytes("two")], 0);
    alone.sender.push(bytes(ACK + ACK), 5_000);
    alone.sender.expire(20_000);
    assert.deepEqual(alone.ends, ["no answer, 1"]);
  });

  it("stops for a receiver that answers with EOT", () => {
    const { sender: analyser, ends } = sender();
    analyser.start([bytes("one"), bytes("two")], 0);
    analyser.push(bytes(ACK + EOT), 0);
    assert.deepEqual(ends, ["interrupted, 1"]);
  });
});

describe("ASTM E1381, both sides", () => {
  it("lose nothing and double nothing within a transfer over a line that damages one byte in fifty", () => {
    for (let seed = 1; seed <= 40; seed++) {
      let state = seed;
      const chance = (): number => (state = (state * 48271) % 2147483647) / 2147483647;
      const bench = willing();
      const { sender: analyser, said, ends } = sender();
      const texts = Array.from({ length: 5 }, (_, i) => `R|${i}|${"v".repeat(20 * i)}\r`);
      analyser.start(texts.map(bytes), 0);
      for (let step = 0; step < 200 && ends.length === 0; step++) {
        const frames = said().map((item) => Object.keys(NAMES).find((key) => NAMES[key] === item) ?? item);
        // What is one character long is spared: its loss is the other test's.
        const line = frames.map((item) =>
          item.length === 1 ? item : item.replace(/[^\n]/g, (c) => (chance() < 0.02 ? "#" : c)),
        );
        const answers = bench.hear(line.join(""));
        for (const answer of answers)
          if (answer === "ACK" || answer === "NAK") analyser.push(bytes(answer === "ACK" ? ACK : NAK), 0);
        // Without its STX a frame is nothing, and gets no answer.
        if (answers.length === 0) analyser.expire(analyser.deadline!);
      }
      const [end] = ends;
      const sure = Number(end!.split(", ")[1]);
      assert.deepEqual(bench.texts, texts.slice(0, bench.texts.length), `seed ${seed}`);
      assert.equal(bench.texts.length, sure, `seed ${seed}: ${end}`);
    }
  });
});
