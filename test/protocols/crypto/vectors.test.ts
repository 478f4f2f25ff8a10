import assert from "node:assert/strict";
import { cryptoVectors } from "../../support/vectors.js";
import { runCrypto } from "../../vectors/run-crypto.js";

describe("cryptography", () => {
  for (const vector of cryptoVectors) it(vector.title, () => assert.equal(runCrypto(vector), "ok"));
});
