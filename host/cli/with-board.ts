/** What every command that talks to a board does around its own work. */
import { connect, DevsockError } from "../index.js";
import type { Board, Tap } from "../index.js";
import { CommandError, ExitCode, orExit } from "./exit.js";
import { givenKey } from "./key.js";
import { onInterrupt } from "./interrupt.js";
import { Recording } from "./recording.js";

/** Connecting takes at most so long, in ms. */
const CONNECT = 10_000;

/** How long a lost connection is tried to be replaced, in ms since the board was last heard. */
const LIFETIME = 30_000;

export interface BoardCommand {
  /** Seconds for the whole command. */
  timeout?: number;
  /** Seconds without a word from the board after which it is lost. */
  silence?: number;
  /** A capture file to write. */
  trace?: string;
  /** In it, of a session with a key: what frames hold. */
  decrypted?: boolean;
  /** Sees what passes on the link. */
  tap?: Tap;
  /** File with the board's key. */
  keyFile?: string;
  /** What is said meanwhile is left out: stderr stays empty. */
  json?: boolean;
}

/** Connects, works, and closes; a signal or the timeout aborts the work. */
export async function withBoard<T>(
  address: string,
  { trace, decrypted, ...command }: BoardCommand,
  work: (board: Board, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (trace === undefined) return connected(address, command, work);
  const recording = await Recording.open(trace, decrypted);
  try {
    return await connected(address, { ...command, tap: recording.tap }, work);
  } finally {
    await recording.close();
  }
}

async function connected<T>(
  address: string,
  { timeout, silence, keyFile, tap, json }: BoardCommand,
  work: (board: Board, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const interrupt = onInterrupt();
  const late = timeout === undefined ? undefined : AbortSignal.timeout(timeout * 1000);
  const signal = late ? AbortSignal.any([interrupt.signal, late]) : interrupt.signal;
  try {
    const options = {
      signal: interrupt.signal,
      // Its own timeout says what to check when no board answers.
      timeout: Math.min(CONNECT, (timeout ?? Infinity) * 1000),
      silence: silence && silence * 1000,
      lifetime: LIFETIME,
      tap,
      key: await givenKey(keyFile),
    };
    const board = await orExit(connect(address, options), ExitCode.unavailable);
    if (!json) tellLosses(board);
    try {
      return await work(board, signal);
    } finally {
      await board.close();
    }
  } catch (error) {
    throw ended(error, interrupt.exitCode, late?.aborted ? timeout : undefined);
  } finally {
    interrupt.stop();
  }
}

/** Half a minute of silence would look like a command that hangs. */
function tellLosses(board: Board): void {
  const say = (what: string): void => {
    // A progress bar may stand there.
    process.stderr.write(`${process.stderr.isTTY ? "\r\x1b[K" : ""}devsock: ${what}\n`);
  };
  board.on("lost", ({ code }) => {
    say(`the connection to ${board.address} is lost (${code}); trying again for up to ${LIFETIME / 1000} s`);
  });
  board.on("resumed", (address, kept) => {
    say(
      kept
        ? `connected to ${address} again`
        : `connected to ${address} again, but anew: the board was restarted, or has forgotten the connection`,
    );
  });
}

/** An aborted command says who aborted it. */
function ended(error: unknown, exitCode: ExitCode | undefined, timeout: number | undefined): unknown {
  const known = error instanceof CommandError ? error.error : error;
  if (!(known instanceof DevsockError) || known.code !== "ECANCELED") return error;
  if (exitCode !== undefined) return new CommandError(known, exitCode);
  if (timeout === undefined) return error;
  const late = new DevsockError(`ETIMEDOUT: not done within ${timeout} s (--timeout): ${known.sentence}`, known);
  if (known.reach) late.reach = known.reach;
  return new CommandError(late, ExitCode.failed);
}
