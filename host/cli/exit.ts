/** How a command ends: exit codes (docs/cli.md), and errors in words or as JSON. */
import { DevsockError } from "../index.js";

export const ExitCode = {
  ok: 0,
  /** The board refused it, or the job failed. */
  failed: 1,
  usage: 2,
  /** The file to print, or the configuration, cannot be read. */
  noInput: 66,
  /** No board could be reached, or the link to it was lost. */
  unavailable: 69,
  /** A fault of devsock itself. */
  internal: 70,
  /** Ctrl-C. */
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** An error with the code that the command shall end with. */
export class CommandError extends Error {
  constructor(
    readonly error: DevsockError,
    readonly exitCode: ExitCode,
  ) {
    super(error.message);
  }
}

/** Rejects with the given exit code what rejects with a DevsockError; wrong words of the user's are wrong usage. */
export async function orExit<T>(work: Promise<T>, exitCode: ExitCode): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof DevsockError)) throw error;
    const usage = error.code === "EINVAL" && error.origin === "local" && exitCode !== ExitCode.noInput;
    throw new CommandError(error, usage ? ExitCode.usage : exitCode);
  }
}

/** Says what went wrong: one line on stderr, or with --json one line on stdout. @returns the exit code */
export function report(error: unknown, json: boolean): ExitCode {
  const { exitCode, known } = classify(error);
  if (json)
    process.stdout.write(JSON.stringify({ error: known ?? { code: "EINTERNAL", message: String(error) } }) + "\n");
  else if (known) process.stderr.write(`devsock: ${known.message}\n`);
  else process.stderr.write(`devsock: a fault of devsock itself, please report it: ${stackOf(error)}\n`);
  return exitCode;
}

function classify(error: unknown): { exitCode: ExitCode; known?: DevsockError } {
  if (error instanceof CommandError) return { exitCode: error.exitCode, known: error.error };
  if (!(error instanceof DevsockError)) return { exitCode: ExitCode.internal };
  return { exitCode: error.origin === "link" ? ExitCode.unavailable : ExitCode.failed, known: error };
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
