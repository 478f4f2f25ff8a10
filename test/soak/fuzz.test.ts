import assert from "node:assert/strict";
import { Decoder, EMPTY, Sender } from "../../protocols/index.js";
import { fuzz } from "../../soak/fuzz/fuzz.js";

const SEED = 1;

describe("mutated inputs", function () {
  this.timeout(60_000);

  it(`are taken by all that reads from outside: 100,000 of seed ${SEED}`, async () => {
    const { failures, inputs } = await fuzz(100_000, SEED);
    assert.deepEqual(failures, []);
    assert.ok(inputs >= 100_000);
  });

  it("show a decoder that loses count", async () => {
    const flush = function (this: Decoder): void {
      this.half = false;
      this.rest = EMPTY;
    };
    await sabotaged(Decoder.prototype, { flush }, /bytes came, \d+ are accounted for/);
  });

  it("show an exception", async () => {
    const acknowledge = (cumulative: number): void => {
      if (cumulative > 1000) throw new RangeError("too far");
    };
    await sabotaged(Sender.prototype, { acknowledge }, /too far/);
  });
});

/** Inputs for a class some methods of which are replaced. */
async function sabotaged<T extends object>(of: T, by: Partial<T>, expected: RegExp): Promise<void> {
  const real = Object.getOwnPropertyDescriptors(of);
  Object.assign(of, by);
  try {
    assert.match((await fuzz(20_000, SEED)).failures.join(), expected);
  } finally {
    Object.defineProperties(of, real);
  }
}
