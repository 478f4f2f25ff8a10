/** Why a simulated board did not start, in words, and the exit code for it. */
import { DevsockError, fromNode } from "../index.js";
import { CommandError, ExitCode } from "./exit.js";

/** @returns what to throw: the error itself when it is a fault of devsock */
export function simFailure(error: unknown, printerLog: string | undefined): unknown {
  const { code, message, path } = error as NodeJS.ErrnoException;
  if (typeof code !== "string" || !/^E[A-Z]+$/.test(code)) return error;
  const port = portOf(error);
  if (port !== undefined) return new CommandError(fromNode(error, "network", `port ${port}`), ExitCode.failed);
  if (printerLog !== undefined && path?.startsWith(printerLog))
    return new CommandError(fromNode(error, "output", path || '""'), ExitCode.failed);
  const text = message.startsWith(`${code}: `) ? message : `${code}: ${message}`;
  const exitCode = code === "EINVAL" ? ExitCode.usage : ExitCode.failed;
  return new CommandError(new DevsockError(text, { cause: error }), exitCode);
}

/** The port that Node could not open, if that is what happened. */
function portOf(error: unknown): number | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { syscall, port } = at as NodeJS.ErrnoException & { port?: number };
    if (port !== undefined && (syscall === "listen" || syscall === "bind")) return port;
  }
  return undefined;
}
