/** The real interpreter under valgrind's instruction count, with a profile for every stretch of its run. */
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asciiLiteral } from "../../scripts/firmware/measure.js";
import { Profile } from "./callgrind.js";

/** Longest run of one interpreter, in ms. */
const LIMIT = 55_000;

export interface Counted {
  /** Port that the script was given. */
  readonly port: number;
  /** Ends the stretch that began with the last call, or with the start; gives its profile. */
  cut(): Promise<Profile>;
  /**
   * Runs code on the console, and waits for what it prints.
   * @param until the begin of a line; what follows it there is given
   * @param hear all that was printed meanwhile, each time that more comes
   */
  say(code: string, until: string, hear?: (text: string) => void): Promise<string>;
  stop(): Promise<void>;
}

/**
 * Runs a script, all of it from RAM: on the Linux build each read of Storage is a call of the C library, which a
 * board with its flash in the address space does not make.
 * @param script what to run, given the port that it is to listen on
 * @param storage files for the interpreter's Storage
 * @param limitMs longest run
 * @throws Error with what the interpreter printed
 */
export async function startCounted(
  espruino: string,
  script: (port: number) => string,
  storage: (port: number) => Record<string, string> = () => ({}),
  limitMs = LIMIT,
): Promise<Counted> {
  const directory = await mkdtemp(join(tmpdir(), "devsock-bench-"));
  const port = await freePort();
  const files = Object.entries(storage(port)).map(
    ([name, text]) => `require("Storage").write(${JSON.stringify(name)}, ${asciiLiteral(text)});\n`,
  );
  await writeFile(join(directory, "boot.js"), files.join("") + script(port), "latin1");
  // E.reverseByte serves as the mark: callgrind writes a profile before each call of it, and the firmware has no use for it.
  const options = ["--tool=callgrind", "--dump-line=no", "--dump-before=jswrap_espruino_reverseByte"];
  const child = spawn("valgrind", [...options, "--callgrind-out-file=profile", espruino, "boot.js"], {
    cwd: directory,
    stdio: ["pipe", "pipe", "pipe"],
  });
  let printed = "";
  let look = (): void => {};
  const print = (data: Buffer): void => {
    printed += data.toString("latin1");
    look();
  };
  child.stdout.on("data", print);
  child.stderr.on("data", print);
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const limit = setTimeout(() => child.kill("SIGKILL"), limitMs);
  const say = async (code: string, until: string, hear?: (text: string) => void): Promise<string> => {
    const from = printed.length;
    const answer = new Promise<string>((resolve, reject) => {
      look = () => {
        hear?.(printed.slice(from));
        if (printed.indexOf("Uncaught", from) >= 0) reject(new Error(`the program failed:\n${printed.slice(from)}`));
        const at = printed.indexOf(until, from);
        const end = at < 0 ? -1 : printed.indexOf("\n", at);
        if (end >= 0) resolve(printed.slice(at + until.length, end).trim());
      };
    });
    // The first character keeps the console from echoing.
    child.stdin.write(`\x10${code}\n`);
    return Promise.race([
      answer,
      exited.then(() => {
        throw new Error(`${espruino} ended under valgrind; it printed:\n${printed}`);
      }),
    ]);
  };
  let part = 0;
  const cut = async (): Promise<Profile> => {
    part++;
    await say(`E.reverseByte(1);print("<"+"${part}>")`, `<${part}>`);
    return new Profile(await readFile(join(directory, `profile.${part}`), "latin1"));
  };
  const stop = async (): Promise<void> => {
    clearTimeout(limit);
    child.kill("SIGKILL");
    await exited;
    await rm(directory, { recursive: true });
  };
  try {
    await cut();
  } catch (error) {
    await stop();
    throw error;
  }
  return { port, cut, say, stop };
}

async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
