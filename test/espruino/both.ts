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

/** What the program prints within `ms` on the real interpreter. */
export async function onReal(program: string, ms = 100): Promise<string[]> {
  const directory = mkdtempSync(join(tmpdir(), "devsock-test-"));
  const text = `print("\\n${BEGIN}");setTimeout(function(){print("\\n${END}")},${ms});\n${program}`;
  writeFileSync(join(directory, "program.js"), Buffer.from(text, "latin1"));
  // standard input stays open: at its end the console would never rest
  const child = spawn(espruino!, ["program.js"], { cwd: directory, stdio: ["pipe", "pipe", "pipe"] });
  try {
    const output = await new Promise<string>((resolve, reject) => {
      let text = "";
      const timer = setTimeout(() => reject(new Error(`the program did not end: ${text.slice(-500)}`)), ms + 5000);
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

/** What it prints within `ms` on the simulated interpreter. */
export async function onSimulated(program: string, ms = 100): Promise<string[]> {
  const board = run(program);
  await board.clock.run(ms);
  board.runtime.stop();
  return board.lines.flatMap((line) => line.split("\n"));
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
