/** Writes boards/variables.ts: what docs/limits.md says, and what the memory of a configuration rests on. */
import { writeFileSync } from "node:fs";
import { format } from "prettier";
import type { Measured } from "../../boards/measured.js";

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
import type { Measured } from "./measured.js";

/** By the names of the builds. */
export const variables: Readonly<Record<string, Measured>> = ${JSON.stringify(Object.fromEntries(rows))};
`;
  writeFileSync(file, await format(text, { parser: "typescript", printWidth: 120 }));
}
