/** Runs a small program on the real interpreter and on the simulated one, and gives what each printed. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../simulator/board.js";

/** Path of the real interpreter's Linux build. */
export const espruino = process.env["ESPRUINO"];

const BEGIN = "@BEGIN";
const END = "@END";
/** The interpreter's own words on what the program then catches. */
const WORD = "ERROR: ";

/** However slow the machine is. */
const PATIENCE_MS = 20_000;
/** A program is watched for so long, ms, in so many steps: it gets as many turns even if the machine holds it up. */
const WATCHED_MS = 100;
const STEPS = 50;

/** What the program prints on the real interpreter until it has had time for it. */
export async function onReal(program: string, ms = WATCHED_MS): Promise<string[]> {
  const directory = mkdtempSync(join(tmpdir(), "devsock-test-"));
  const step = `setTimeout(function(){n?wait(n-1):print("\\n${END}")},${ms / STEPS})`;
  const text = `print("\\n${BEGIN}");(function wait(n){${step}})(${STEPS - 1});\n${program}`;
  writeFileSync(join(directory, "program.js"), Buffer.from(text, "latin1"));
  // standard input stays open: at its end the console would never rest
  const child = spawn(espruino!, ["program.js"], { cwd: directory, stdio: ["pipe", "pipe", "pipe"] });
  try {
    const output = await new Promise<string>((resolve, reject) => {
      let text = "";
      const late = (): void => reject(new Error(`the program did not end: ${text.slice(-500)}`));
      const timer = setTimeout(late, PATIENCE_MS);
      child.once("error", reject);
      child.stdout.on("data", (data: Buffer) => {
        text += data.toString("latin1");
        if (!text.includes(`\n${END}`)) return;
        clearTimeout(timer);
        resolve(text);
      });
    });
    return linesOf(output);
  } finally {
    child.kill("SIGKILL");
    rmSync(directory, { recursive: true, force: true });
  }
}

/** What it prints on the simulated interpreter. */
export async function onSimulated(program: string, ms = WATCHED_MS): Promise<string[]> {
  const board = run(program);
  await board.clock.run(ms);
  board.runtime.stop();
  return board.lines.flatMap((line) => line.split("\n")).filter((line) => !line.startsWith(WORD));
}

function linesOf(output: string): string[] {
  const lines = output.split("\n").map((line) => line.replace(/\x1b\[[\d;]*[A-Z]|\r|\x08/g, "").replace(/^>+/, ""));
  return lines
    .slice(lines.indexOf(BEGIN) + 1, lines.indexOf(END))
    .filter((line) => line !== "" && !line.startsWith(WORD));
}

/** A port that nothing uses: the real interpreter would share one that is in use without a word. */
export async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
