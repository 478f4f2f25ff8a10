import type { Command } from "commander";
import { openConsole, Repl } from "../../index.js";
import type { Board, SocketStream } from "../../index.js";
import { takesKey } from "../key.js";
import { ADDRESS } from "../options.js";
import { printJson } from "../output.js";
import { withBoard } from "../with-board.js";

interface Options {
  keyFile?: string;
  execute?: string;
  json?: boolean;
}

/** Ctrl-], as telnet has it. */
const LEAVE = 0x1d;

const HELP = `
What runs on the board goes on meanwhile; a loop that does not end stops all of it, until the board's watchdog starts it anew. Ctrl-C is
not handed on. Only one at a time has the console, and only in a session with the board's key; afterwards it is locked again.

Examples:
  devsock console tcp://192.168.1.20 --key-file frontdesk.key
  devsock console tcp://192.168.1.20 --key-file frontdesk.key --execute 'process.memory()'`;

export function addConsole(program: Command): void {
  takesKey(program.command("console"))
    .summary("the interpreter's console of a board, over its link")
    .description("Opens the console of a board's interpreter over a session with its key. Ctrl-] leaves it.")
    .argument("<address>", ADDRESS)
    .option("--execute <expression>", "evaluate this, and print its value as JSON")
    .option("--json", "print one line of JSON, of --execute")
    .addHelpText("after", HELP)
    .action((address: string, options: Options) =>
      withBoard(address, options, (board, signal) =>
        options.execute === undefined ? converse(board, signal) : execute(board, options.execute, options.json, signal),
      ),
    );
}

async function execute(
  board: Board,
  expression: string,
  json: boolean | undefined,
  signal: AbortSignal,
): Promise<void> {
  const repl = await Repl.over(await openConsole(board, signal), `${board.address} :console`);
  try {
    const value = await repl.evaluate(expression);
    if (json) printJson({ value: value ?? null });
    else process.stdout.write(`${JSON.stringify(value) ?? "undefined"}\n`);
  } finally {
    await repl.close();
  }
}

async function converse(board: Board, signal: AbortSignal): Promise<void> {
  const { stdin, stdout, stderr } = process;
  const socket = await openConsole(board, signal);
  const over = untilOver(socket);
  if (stdin.isTTY) stderr.write("Ctrl-] leaves the console\r\n");
  if (stdin.isTTY) stdin.setRawMode(true);
  const typed = (data: Buffer): void => {
    const at = stdin.isTTY ? data.indexOf(LEAVE) : -1;
    if (at >= 0) socket.end(data.subarray(0, at));
    else if (!socket.write(data)) {
      stdin.pause();
      socket.once("drain", () => stdin.resume());
    }
  };
  const ended = (): void => void socket.end();
  stdin.on("data", typed).once("end", ended);
  socket.pipe(stdout, { end: false });
  try {
    await over;
  } finally {
    stdin.off("data", typed).off("end", ended).pause();
    if (stdin.isTTY) stdin.setRawMode(false);
    stdout.write("\n");
  }
}

function untilOver(socket: SocketStream): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("error", reject).once("close", () => resolve());
  });
}
