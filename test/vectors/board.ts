/**
 * The vectors on a board, in place of the firmware: reads them from Storage, checks one a turn and prints what
 * became of it. `vectors.json` is the plan; vector i is the file `v` + i.
 */
import { runCrypto } from "./run-crypto.js";
import type { CryptoVector } from "./run-crypto.js";
import { runVector } from "./run-link.js";
import type { Vector } from "./run-link.js";

/** The interpreter's own. */
declare function require(module: "Storage"): { readJSON<T>(name: string, noExceptions: boolean): T };
declare function print(line: string): void;

/** How many vectors there are, and what `runVector` is told. */
export interface Plan {
  count: number;
  flips: number;
  splits: number;
  from: number;
}

const storage = require("Storage");
const plan = storage.readJSON<Plan>("vectors.json", false);

function check(i: number): void {
  if (i == plan.count) return print("VECTORS done");
  const vector = storage.readJSON<Vector | CryptoVector>("v" + i, false);
  const found = "frame" in vector ? runVector(vector, plan.flips, plan.splits, plan.from) : runCrypto(vector);
  print("VECTOR " + vector.title + ": " + found);
  setTimeout(() => check(i + 1), 1);
}

check(0);
