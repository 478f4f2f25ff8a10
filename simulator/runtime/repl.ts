/** A stand-in for the interpreter's console: lines and packets are evaluated, and a password keeps it closed. */
import { format } from "./console.js";

const DLE = 0x10;
const SOH = 0x01;
const ACK = "\x06";
const NAK = "\x15";
/** A packet's length; the three bits above it are its kind: only those that are evaluated are known here. */
const LENGTH = 0x1fff;
/** Characters that the interpreter keeps while it is locked. */
const PASSWORD = 20;

export class Repl {
  password: string | undefined;
  private locked = false;
  private line = "";
  /** A packet, from its DLE on. */
  private packet = "";

  constructor(
    private readonly evaluate: (text: string) => unknown,
    private readonly say: (text: string) => void,
  ) {}

  lock(): void {
    this.locked = this.password !== undefined;
  }

  /** What is typed, one character a byte. */
  type(data: string): void {
    for (const char of data) this.take(char);
  }

  private take(char: string): void {
    if (this.locked) this.takeLocked(char);
    else if (this.packet || char.charCodeAt(0) === DLE) this.takePacket(char);
    else if (char === "\n" || char === "\r") {
      const text = this.line;
      this.line = "";
      this.say("\r\n" + (text ? this.answer(text) : "") + ">");
    } else {
      this.line += char;
      this.say(char);
    }
  }

  private takeLocked(char: string): void {
    if (char !== "\n" && char !== "\r") {
      if (this.line.length < PASSWORD) this.line += char;
      return;
    }
    this.locked = this.line !== this.password;
    this.line = "";
    this.say(this.locked ? "\r\n  Invalid password\r\npassword>" : "\r\n  Logged in.\r\n>");
  }

  private answer(text: string): string {
    try {
      return `=${format([this.evaluate(text)])}\r\n`;
    } catch (error) {
      return `Uncaught ${String(error)}\r\n`;
    }
  }

  private takePacket(char: string): void {
    this.packet += char;
    const byte = (at: number): number => this.packet.charCodeAt(at);
    if (this.packet.length === 2 && byte(1) !== SOH) this.packet = "";
    if (this.packet.length < 4 || this.packet.length < 4 + (((byte(2) << 8) | byte(3)) & LENGTH)) return;
    const text = this.packet.slice(4);
    this.packet = "";
    try {
      const value = this.evaluate(text);
      const said = typeof value === "string" ? JSON.stringify(value) : format([value]);
      this.say(ACK + String.fromCharCode(DLE, SOH, said.length >> 8, said.length & 0xff) + said);
    } catch (error) {
      this.say(`${NAK}Uncaught ${String(error)}\r\n>`);
    }
  }
}
