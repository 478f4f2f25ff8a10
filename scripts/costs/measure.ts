/** Instructions of pieces of program on the real interpreter, by valgrind's count. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tokenise } from "../firmware/tokenise.js";

/** callgrind writes a profile before each call of it, and no program has a use for it. */
const MARK = "E.sum([1]);\n";

export interface Piece {
  before: string;
  run: string;
}

/** Counts each piece's `run`; its `before` and those of all earlier pieces have run. */
export function measure(espruino: string, pieces: readonly Piece[]): number[] {
  const directory = mkdtempSync(join(tmpdir(), "devsock-costs-"));
  try {
    const empty = { before: "", run: "" };
    const script = [empty, ...pieces].map(({ before, run }) => `${before}\n${MARK}${run}\n${MARK}`);
    writeFileSync(join(directory, "boot.js"), tokenise(`${script.join("")}quit();\n`), "latin1");
    const options = ["--tool=callgrind", "--dump-line=no", "--dump-before=jswrap_espruino_sum"];
    const command = [...options, "--callgrind-out-file=profile", espruino, "boot.js"];
    const { stdout, error } = spawnSync("valgrind", command, { cwd: directory, input: "", timeout: 300_000 });
    if (error) throw error;
    const said = /(Uncaught .*Error|Got ).*/.exec(stdout.toString("latin1"))?.[0];
    if (said) throw new Error(`the interpreter says: ${said}`);
    const counts = script.map((_, i) => instructions(join(directory, `profile.${2 * i + 2}`)));
    return counts.slice(1).map((count) => count - counts[0]!);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function instructions(profile: string): number {
  return Number(/^summary: (\d+)/m.exec(readFileSync(profile, "latin1"))![1]);
}
