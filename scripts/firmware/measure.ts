/** What a bundle costs the board, counted from its text and, where the interpreter is at hand, measured by it. */
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ts from "typescript";

export interface Cost {
  /** Size in Storage. */
  bytes: number;
  functions: number;
  parameters: number;
  /** Variables after loading from Storage, as estimated: 4.2 a function and 1 a parameter. */
  estimated: number;
}

/** Variables that a program has at the top level beside its functions: measured on the real interpreter, 144 to 164 of linux, pico and microbit2. */
const TOP_LEVEL = 150;

/** Variables that a program takes at its start, as estimated. @param main without what is loaded later */
export function atStart(main: string): number {
  return TOP_LEVEL + count(main).estimated;
}

export function count(code: string, bytes = code.length): Cost {
  let functions = 0;
  let parameters = 0;
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node)) {
      functions++;
      parameters += node.parameters.length;
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile("bundle.js", code, ts.ScriptTarget.ES5, false, ts.ScriptKind.JS));
  return { bytes, functions, parameters, estimated: Math.round(4.2 * functions + parameters) };
}

/**
 * Loads the script from Storage on the real interpreter.
 * @returns the variables that are in use after loading and were not before
 * @throws Error when the interpreter does not answer within 10 s
 */
export async function measure(espruino: string, code: string): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), "devsock-"));
  try {
    // Part by part, each in a run of its own: a small interpreter could not hold all of it in RAM.
    for (let at = 0; at < code.length; at += PART) {
      const part = asciiLiteral(code.slice(at, at + PART));
      await run(
        espruino,
        directory,
        `require("Storage").write("devsock", ${part}, ${at}, ${code.length}); print("\\nDONE 0");`,
      );
    }
    return await run(
      espruino,
      directory,
      'var m = process.memory().usage; eval(require("Storage").read("devsock")); print("\\nDONE " + (process.memory().usage - m));',
    );
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** Bytes that are written to Storage at once. */
const PART = 8192;

/** A string literal that the interpreter takes: one character a byte. */
export function asciiLiteral(code: string): string {
  return JSON.stringify(code).replace(/[^ -~]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`);
}

/** Runs a script until it prints `DONE n`; gives n. Standard input stays open: at its end the console floods. */
async function run(espruino: string, directory: string, script: string): Promise<number> {
  const file = join(directory, "run.js");
  await writeFile(file, script);
  const child = spawn(espruino, [file], { cwd: directory, stdio: ["pipe", "pipe", "inherit"] });
  try {
    return await new Promise<number>((resolve, reject) => {
      let text = "";
      const fail = (why: string): void => reject(new Error(`${espruino} ${why}; it printed:\n${text}`));
      const timer = setTimeout(() => fail("did not answer within 10 s"), 10_000);
      child.on("error", (error) => fail(error.message));
      child.on("exit", () => fail("ended early"));
      child.stdout.on("data", (data: Buffer) => {
        text += data.toString("latin1");
        const done = /^DONE (\d+)\s/m.exec(text);
        if (!done) return;
        clearTimeout(timer);
        resolve(Number(done[1]));
      });
    });
  } finally {
    child.removeAllListeners("exit");
    child.kill();
  }
}
