/** What every ring between an interrupt and its driver keeps to: firmware/io/receive.ts. */
import assert from "node:assert/strict";
import { Random } from "../../simulator/random.js";

export interface Taken {
  batch(data: Uint8Array, units: number, at: number, flags: number): void;
  gap(units: number, cause: string, at: number): void;
}

export interface ReceiverUnderTest {
  readonly receiver: { readonly size: number; readonly high: number };
  /** An interrupt brings one more unit, which bears a number modulo 256, at a time in seconds. */
  write(number: number, at: number): void;
  /** Units that the interpreter lost itself, where it tells of such. */
  lose?(units: number, cause: string, at: number): void;
  /** The driver has time. */
  drain(at: number): void;
  /** Numbers of the units of a batch. */
  numbers(data: Uint8Array, flags: number): number[];
  /** Units that the source keeps for itself until there are more. */
  readonly held: number;
}

/** Seconds from unit to unit, and by how much a stamp may be late. */
const PERIOD = 0.004;

export function receiverCompliance(
  name: string,
  make: (taker: Taken) => Promise<ReceiverUnderTest>,
  tolerance = 1e-9,
): void {
  describe(`${name} as a receiver`, () => {
    /** Writes as many units as `script` says between two visits of the driver, and judges all that it is given. */
    const run = async (
      script: (size: number) => Generator<number>,
    ): Promise<{ lost: number; gaps: number; most: number }> => {
      let [next, written, lost, gaps, most] = [0, 0, 0, 0, 0];
      const taker: Taken = {
        batch: (data, units, at, flags) => {
          const numbers = test.numbers(data, flags);
          assert.equal(numbers.length, units);
          for (const number of numbers) assert.equal(number, next++ & 0xff, `unit ${next - 1}`);
          const was = next * PERIOD;
          assert.ok(at >= was - 1e-9 && at <= was + tolerance, `unit ${next - 1} was at ${was}, not at ${at}`);
        },
        gap: (units, cause, at) => {
          assert.ok(units > 0 && cause, `${units} ${cause}`);
          // Not before what was given last, nor behind now.
          assert.ok(at >= next * PERIOD - tolerance && at <= written * PERIOD + 1e-9, `a gap at ${at}`);
          next += units;
          lost += units;
          gaps++;
        },
      };
      const test = await make(taker);
      const { receiver } = test;
      for (const units of script(receiver.size)) {
        for (let i = 0; i < units; i++) {
          written++;
          test.write(written - 1, written * PERIOD);
        }
        most = Math.max(most, Math.min(units, receiver.size));
        test.drain(written * PERIOD);
        assert.ok(receiver.high <= receiver.size, "never more than there is room for");
        assert.ok(written - next <= test.held, `${written - next} units are neither given nor in a gap`);
      }
      assert.ok(receiver.high >= most || test.held > 0, `${receiver.high} is not the most that waited, ${most}`);
      return { lost, gaps, most };
    };

    it("gives everything once, in its order, with the time of its last unit", async () => {
      const { lost } = await run(function* (size) {
        for (let i = 0; i < 50; i++) yield size / 4;
      });
      assert.equal(lost, 0);
    });

    it("gives what it has room for and tells the rest, exactly, whatever comes between two visits", async () => {
      for (let seed = 1; seed <= 10; seed++) {
        const random = new Random(seed);
        const { lost, gaps } = await run(function* (size) {
          for (let i = 0; i < 60; i++) yield random.next() % (random.chance(0.2) ? 6 * size : size / 2);
          yield 2 * size;
        });
        assert.ok(lost > 0 && gaps > 3, `seed ${seed}: ${lost} in ${gaps} gaps`);
      }
    });

    it("tells nothing when nothing came", async () => {
      const { lost } = await run(function* () {
        for (let i = 0; i < 5; i++) yield 0;
      });
      assert.equal(lost, 0);
    });

    it("tells what the source itself has lost, behind what waited, and once", async function () {
      const told: unknown[] = [];
      const taker: Taken = {
        batch: (data, units, _at, flags) => told.push(["batch", ...test.numbers(data, flags), units]),
        gap: (...gap) => told.push(["gap", ...gap]),
      };
      const test = await make(taker);
      if (!test.lose) return this.skip();
      test.write(1, 1);
      test.lose(3, "parity", 2);
      // What comes behind it, before it is told, is lost with it.
      test.write(2, 3);
      test.drain(3);
      test.write(3, 4);
      test.lose(-1, "FIFO_FULL", 5);
      test.lose(2, "parity", 6);
      test.drain(6);
      test.drain(6);
      assert.deepEqual(told, [
        ["batch", 1, 1],
        ["gap", 4, "parity", 2],
        ["batch", 3, 1],
        ["gap", -1, "FIFO_FULL", 5],
      ]);
    });
  });
}
