/** ESC/POS, one byte after another: which of them end a command. */
import { After, after, afterGroup, Code, groups } from "./grammar.js";

const SEMICOLONS = 5;

/** Walks through a byte stream command by command. Needs a few bytes of memory, however long a command is. */
export class CommandCursor {
  /** Header of the command, as far as it tells its length. */
  private header: number[] = [];
  /** Header of the group within it, where it has groups. */
  private group: number[] = [];
  private groupsLeft = 0;
  /** Data bytes still to come before the command, or its group, is over. */
  private data = 0;
  /** The byte that ends the data, or -1, and how many of them have to come. */
  private terminator = -1;
  private terminators = 0;

  /** What ended last was a byte of text. */
  text = false;
  /** The byte taken last was the first of a command. */
  first = false;

  /** No command is under way. */
  get atBoundary(): boolean {
    return this.header.length === 0;
  }

  /** Number of next bytes that can be passed over without a look, the last one of their command not among them. */
  get blind(): number {
    return this.terminator < 0 && this.data > 1 ? this.data - 1 : 0;
  }

  /** Passes `count` bytes, at most `blind` of them. */
  pass(count: number): void {
    this.data -= count;
  }

  /** Takes the next byte. @returns true when a command ends with it */
  take(b: number): boolean {
    this.first = false;
    if (this.terminator >= 0) return b === this.terminator && --this.terminators === 0 && this.end();
    if (this.data > 0) return --this.data === 0 && this.endPart();
    if (this.groupsLeft > 0) return this.takeGroup(b);
    this.first = this.header.push(b) === 1;
    const next = after(this.header);
    if (next === After.restart) {
      this.header = [];
      return this.take(b);
    }
    if (next === 0) this.groupsLeft = groups(this.header);
    return this.go(next);
  }

  private takeGroup(b: number): boolean {
    this.group.push(b);
    return this.go(afterGroup(this.header, this.group));
  }

  private go(next: number): boolean {
    if (next > 0) return false;
    if (next === After.nul) return this.until(0, 1);
    if (next === After.semicolons) return this.until(0x3b, SEMICOLONS);
    this.data = -next;
    return this.data === 0 && this.endPart();
  }

  private until(terminator: number, count: number): boolean {
    this.terminator = terminator;
    this.terminators = count;
    return false;
  }

  /** The end of a group is the end of the command only when no other group follows. */
  private endPart(): boolean {
    const first = this.group.length === 0;
    this.group = [];
    if (!first) this.groupsLeft--;
    return this.groupsLeft === 0 && this.end();
  }

  private end(): boolean {
    this.text = this.header[0]! >= Code.text;
    this.header = [];
    this.group = [];
    this.terminator = -1;
    return true;
  }
}
