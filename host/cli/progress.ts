/** Progress on a terminal: one line that is written again. In a pipe there is none. */
import type { PrintProgress } from "../index.js";

const WIDTH = 30;

function drawn(done: number, total: number): string {
  const full = Math.min(WIDTH, Math.floor((WIDTH * done) / total));
  return `[${"#".repeat(full)}${" ".repeat(WIDTH - full)}] ${Math.floor((100 * done) / total)}% ${done}/${total}`;
}

/** Bytes on their way to a board. */
export class TransferBar {
  private shown = false;

  constructor(private readonly out: NodeJS.WriteStream) {}

  readonly update = (done: number, total: number): void => {
    if (!this.out.isTTY) return;
    this.shown = true;
    this.out.write(`\r\x1b[K${drawn(done, total)} bytes`);
  };

  /** Clears the line. */
  end(): void {
    if (this.shown) this.out.write("\r\x1b[K");
    this.shown = false;
  }
}

export class ProgressBar {
  private shown = false;

  constructor(
    private readonly out: NodeJS.WriteStream,
    private readonly device: string,
  ) {}

  readonly update = (progress: PrintProgress): void => {
    if (!this.out.isTTY) return;
    this.shown = true;
    this.out.write(`\r\x1b[K${this.line(progress).slice(0, (this.out.columns || 80) - 1)}`);
  };

  /** Clears the line. */
  end(): void {
    if (this.shown) this.out.write("\r\x1b[K");
    this.shown = false;
  }

  private line({ job, taken, total, ahead, status }: PrintProgress): string {
    const name = job ? `${this.device}, job ${job}` : this.device;
    if (ahead) return `${name}: ${ahead} ${ahead === 1 ? "job" : "jobs"} before this one`;
    const state = status && !/^(ready|printing|not asked)/.test(status.summary) ? `  ${status.summary}` : "";
    if (!total) return `${name}: ${taken} bytes${state}`;
    return `${name} ${drawn(taken, total)}${state}`;
  }
}
