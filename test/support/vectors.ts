/** The vectors as a board runs them: test/vectors/board.ts in place of the firmware. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { tokenise } from "../../scripts/firmware/tokenise.js";
import { build, BOOT, PROGRAM } from "../../scripts/firmware/build.js";
import { BOOT_FILE } from "../../simulator/runtime/index.js";
import type { Plan } from "../vectors/board.js";
import type { CryptoVector } from "../vectors/run-crypto.js";
import type { Vector } from "../vectors/run-link.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

const read = <V>(name: string): V[] => JSON.parse(readFileSync(`${root}/test/vectors/${name}.json`, "utf8")) as V[];

export const cryptoVectors = read<CryptoVector>("crypto");

export const vectors = [...read<Vector>("link"), ...cryptoVectors];

/** What the board prints last. */
export const DONE = "VECTORS done";

/** What it prints for a vector that holds. */
export function verdict({ title }: { title: string }): string {
  return `VECTOR ${title}: ok`;
}

/** For a boot file: memory is so scattered that there is none in one piece for a longer result. */
export const SCATTERED = `var A=require("crypto").AES,e=A.encrypt;A.encrypt=function(m,k,o){if(m.length<=64)return e(m,k,o)};`;

/** Files for a board's Storage, one character a byte. */
export async function vectorFiles(
  share: Omit<Plan, "count">,
  which: readonly (Vector | CryptoVector)[] = vectors,
): Promise<Record<string, string>> {
  const [program] = await build(root, ["linux"], "test/vectors/board.ts");
  const files = which.map((vector, i) => [`v${i}`, JSON.stringify(vector)] as const);
  const plan: Plan = { count: which.length, ...share };
  return {
    ...Object.fromEntries(files),
    "vectors.json": JSON.stringify(plan),
    // In one piece: it may run as a module, whose names what is read later does not see.
    [PROGRAM]: tokenise(program!.code),
    [BOOT_FILE]: BOOT,
  };
}
