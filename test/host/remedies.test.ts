import assert from "node:assert/strict";
import { DevsockError, remedied } from "../../host/index.js";
import { patternOf, REMEDIES } from "../../host/remedies.js";
import { failureTexts } from "../support/failure-texts.js";

describe("what to do about a failure", () => {
  const table = Object.entries(REMEDIES);
  let texts: string[];
  before(() => (texts = [...failureTexts("firmware"), ...failureTexts("protocols")]));

  it("is added to the few words of a board, once", () => {
    const error = new DevsockError("ENXIO: no chip answers at address 80", { origin: "device" });
    assert.equal(error.code, "ENXIO");
    assert.equal(error.sentence, "no chip answers at address 80; check the address, the supply and the wires");
    assert.equal(new DevsockError(error.failure).message, error.message);
    assert.equal(remedied(error.message), error.message);
  });

  it("is left to a board that says it itself, as those with older firmware do", () => {
    for (const said of [
      "ENXIO: no chip answers at address 80; check the wires",
      "ETIMEDOUT: the bus is held low; a chip hangs, or a pull-up is missing: take the chips' supply away and give it back",
      "EIO: printer0 stopped answering; 5 bytes of the job were sent, how many it printed is unknown: look at the paper before you print it again",
      "EOPNOTSUPP: this board's firmware has no transactions: they did not fit beside its devices",
      "EACCES: this board has no key, so its Storage is changed by its cable only: devsock flash",
    ])
      assert.equal(new DevsockError(said).message, said);
  });

  it("is said of nothing else", () => {
    for (const said of ["", "no failure", "EIO: no chip answers at address 80", "ENXIO: no chip answers at address "])
      assert.equal(remedied(said), said);
    // Of two that fit the first would count, whichever that is.
    for (const text of texts)
      assert.ok(table.filter(([said]) => patternOf(said).test(text)).length <= 1, `two say what to do about "${text}"`);
  });

  it("is there only for what a board can say", () => {
    const rotten = table.filter(([said]) => !texts.some((text) => patternOf(said).test(text)));
    assert.deepEqual(rotten, []);
  });

  it("is in what the host says by itself already", () => {
    for (const text of failureTexts("host")) if (!(text in REMEDIES)) assert.equal(remedied(text), text);
  });
});
