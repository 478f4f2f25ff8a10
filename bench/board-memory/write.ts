/** Writes boards/variables.ts: what docs/limits.md says, and what the memory of a configuration rests on. */
import { writeFileSync } from "node:fs";
import { format } from "prettier";
import type { Measured } from "../../boards/variables.js";

/** @param names of the builds there are, in their order */
export async function writeVariables(
  file: string,
  names: readonly string[],
  variables: Readonly<Record<string, Measured>>,
): Promise<void> {
  const rows = names.flatMap((name) => {
    const { storage, ram } = variables[name] ?? {};
    return storage || ram ? [[name, { storage, ram }]] : [];
  });
  const text = `/**
 * What each build takes of the interpreter's variables. Written by \`npm run bench -- --only board.storage. --write\`, and \`board.ram.\`, which measure it on the
 * real interpreter's 32-bit build: docs/limits.md.
 */
export interface Measured {
  /** With its code in Storage, as it is flashed. */
  readonly storage?: Variables & {
    /** At rest with its link alone, over TCP where there is a network, and with a key where the board can keep one. */
    readonly bare: number;
  };
  /** With its code in RAM, as if it had been typed at the console. */
  readonly ram?: Variables;
}

export interface Variables {
  /** At rest with these drivers' devices, and the most while they work. */
  readonly idle: number;
  readonly busy: number;
  readonly drivers: readonly string[];
  /** Bytes of a variable in the interpreter that was measured. */
  readonly variableBytes: number;
  /** The program that was measured: its bytes in Storage, and the variables at its start as estimated from its text. */
  readonly bytes: number;
  readonly estimated: number;
}

/** By the names of the builds. */
export const variables: Readonly<Record<string, Measured>> = ${JSON.stringify(Object.fromEntries(rows))};
`;
  writeFileSync(file, await format(text, { parser: "typescript", printWidth: 120 }));
}
