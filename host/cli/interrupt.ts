/** Ctrl-C and SIGTERM: the first one ends the command in order, the second one at once. */
import { ExitCode } from "./exit.js";

/** Signals this close are one, in ms: a terminal, timeout(1) or npx may send it to the program and to its whole group. */
const ONE = 250;

export interface Interrupt {
  readonly signal: AbortSignal;
  /** The code to end with when one came. */
  readonly exitCode: ExitCode | undefined;
  /** Signals do again what they do without a listener. */
  stop(): void;
}

export function onInterrupt(): Interrupt {
  const controller = new AbortController();
  let exitCode: ExitCode | undefined;
  let first = 0;
  const listen = (code: ExitCode) => (): void => {
    if (exitCode !== undefined && performance.now() - first < ONE) return;
    if (exitCode !== undefined) process.exit(code);
    exitCode = code;
    first = performance.now();
    controller.abort();
  };
  const sigint = listen(ExitCode.interrupted);
  const sigterm = listen(ExitCode.terminated);
  process.on("SIGINT", sigint).on("SIGTERM", sigterm);
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode;
    },
    stop: () => void process.off("SIGINT", sigint).off("SIGTERM", sigterm),
  };
}
