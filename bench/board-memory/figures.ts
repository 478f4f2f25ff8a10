/** Rows of `board.storage` and `board.ram`, and what of them is written down: boards/variables.ts. */
import { variables } from "../../boards/variables.js";
import type { Measured } from "../../boards/measured.js";
import { figure } from "../figure.js";
import type { Figure } from "../figure.js";
import { BoardMemory } from "./index.js";
import type { Code } from "./start.js";
import { candidates } from "./typical.js";
import type { Candidate } from "./typical.js";
import { writeVariables } from "./write.js";

const CODES: readonly Code[] = ["storage", "ram"];

export interface BoardMemoryOptions {
  /** The repository. */
  root: string;
  /** The interpreter's 32-bit builds: one with some board's number of variables, and one with more, if there is any. */
  interpreters: readonly string[];
  wants: (name: string) => boolean;
  /** Says why there is no row. */
  skip: (name: string, why: string) => void;
  /** Writes down what was measured. */
  write: boolean;
}

export async function* boardMemoryFigures(options: BoardMemoryOptions): AsyncGenerator<Figure> {
  const { root, interpreters, wants, skip, write } = options;
  const memories = interpreters.map((espruino) => new BoardMemory(root, `${root}dist/firmware`, espruino));
  const all = candidates();
  const known: Record<string, Measured> = { ...variables };
  for (const candidate of all)
    for (const code of CODES) {
      const { name, board } = candidate;
      const row = `board.${code}.${name}`;
      if (!wants(`${row}.`)) continue;
      const found = await measured(candidate, code, memories);
      if (typeof found === "string") {
        skip(row, found);
        continue;
      }
      const { idle, busy } = found[code]!;
      yield figure(`${row}.idle`, idle, "variables", board.variables);
      yield figure(`${row}.busy`, busy, "variables", board.variables);
      known[name] = { ...known[name], ...found };
      const names = all.map(({ name }) => name);
      if (write) await writeVariables(`${root}boards/variables.ts`, names, known);
    }
}

/** On the first interpreter that has as many variables as the board and room for the program, else the last. @returns or why not */
async function measured(
  candidate: Candidate,
  code: Code,
  memories: readonly BoardMemory[],
): Promise<Measured | string> {
  let why = "";
  for (const memory of memories) {
    const last = memory === memories.at(-1);
    if (!last && (await memory.total(candidate)) < candidate.board.variables) continue;
    try {
      return code === "storage"
        ? { storage: await memory.inStorage(candidate) }
        : { ram: await memory.inRam(candidate) };
    } catch (error) {
      why = `it does not get through its work: ${String(error)}`;
    }
  }
  return why;
}
