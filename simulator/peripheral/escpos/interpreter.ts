/** Takes the receive buffer's bytes one after another and carries commands out as they become whole. */
import { CommandCursor } from "../../../protocols/device/escpos/index.js";
import { COMMANDS, nameOf, parametersOf } from "./commands.js";
import { count } from "./commands-graphics.js";
import type { Mechanism } from "./mechanism.js";

/** Longest command that is carried out, in bytes: a raster of 72 B by 65,535 rows fits. A longer one is passed over. */
export const LONGEST_COMMAND = 8 * 1024 * 1024;

export class Interpreter {
  private readonly cursor = new CommandCursor();
  private command = new Uint8Array(256);
  private length = 0;
  /** First half of a two-byte character, or 0. */
  private firstHalf = 0;

  constructor(private readonly printer: Mechanism) {}

  /** Nothing is under way between two commands. */
  get atBoundary(): boolean {
    return this.cursor.atBoundary;
  }

  take(b: number): void {
    if (this.cursor.atBoundary && b >= 0x20) return this.text(b);
    this.firstHalf = 0;
    const ended = this.cursor.take(b);
    if (ended && this.cursor.text) return this.text(b);
    if (this.cursor.first) this.length = 0;
    this.keep(b);
    if (ended) this.run();
  }

  private text(b: number): void {
    const { set } = this.printer;
    if (this.firstHalf) {
      this.firstHalf = 0;
      set.wideText();
    } else if (set.style.wide && b > 0x80) this.firstHalf = b;
    else set.text(b);
  }

  private keep(b: number): void {
    if (this.length === this.command.length && this.length < LONGEST_COMMAND) {
      const larger = new Uint8Array(2 * this.length);
      larger.set(this.command);
      this.command = larger;
    }
    if (this.length < this.command.length) this.command[this.length] = b;
    this.length++;
  }

  private run(): void {
    const name = nameOf(this.command.subarray(0, Math.min(this.length, 3)));
    const command = COMMANDS[name];
    if (!command || this.length > this.command.length) return count(this.printer, name);
    command(this.printer, parametersOf(this.command.subarray(0, this.length)));
  }
}
