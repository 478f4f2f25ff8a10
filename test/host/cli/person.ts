/** The command in a terminal, and somebody who types. */
import { spawn } from "@lydell/node-pty";
import { COMMAND } from "./run.js";

export class Person {
  screen = "";
  private seen = 0;
  private readonly pty;
  readonly ended: Promise<number>;

  constructor(args: string[]) {
    this.pty = spawn(COMMAND[0]!, [...COMMAND.slice(1), ...args], { cols: 200, rows: 60 });
    this.pty.onData((data) => (this.screen += data));
    this.ended = new Promise((resolve) => this.pty.onExit(({ exitCode }) => resolve(exitCode)));
  }

  get pid(): number {
    return this.pty.pid;
  }

  /** Waits for a question, then types. */
  async answer(question: string, ...keys: string[]): Promise<void> {
    const from = this.seen;
    for (const end = Date.now() + 10_000; !this.screen.slice(from).includes(question);) {
      if (Date.now() > end) throw new Error(`"${question}" was not asked:\n${this.screen.slice(from)}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    this.seen = this.screen.indexOf(question, from) + question.length;
    for (const key of keys) {
      this.pty.write(key);
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  }

  /** Types without being asked. */
  type(keys: string): void {
    this.pty.write(keys);
  }
}
