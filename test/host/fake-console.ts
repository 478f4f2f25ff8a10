/** An interpreter's console on a pseudo terminal: it evaluates packets, and has a Storage. */
import vm from "node:vm";
import { crc32 } from "node:zlib";
import { bootState, logEntry, LOGS } from "../../protocols/service/boot-log.js";
import type { Mark } from "../../protocols/service/boot-log.js";
import { openPty } from "../../simulator/pty.js";
import type { Pty } from "../../simulator/pty.js";

const PACKET = Buffer.from([0x10, 0x01]);
const ACK = 0x06;
const NAK = 0x15;
const CAPACITY = 262_144;
/** What the interpreter says when it starts. */
const BANNER = "\r\n\r\n |_| espruino.com\r\n 2v29 (c) 2026 G.Williams\r\n\r\n>";
const ENTRY = 32;

export class FakeConsole {
  board = "LINUX";
  version = "2v29";
  /** Where its console is. */
  at = "USB";
  /** In Storage, by name. */
  readonly files = new Map<string, Buffer>();
  /** What it is instead. */
  fault: "silent" | "garbage" | undefined;
  /** Bytes that get into Storage wrong, one of a write. */
  damage = 0;
  /** Packets after which nothing is heard of it any more. */
  unplugAfter = Infinity;
  /** Of expressions whose answers have a wrong byte; of those that start it anew so soon that their answers' last byte does not leave. */
  garbled: RegExp | undefined;
  swallowed: RegExp | undefined;
  /** ms that an answer takes. */
  delay = 0;
  /** Of a console that is locked. */
  password: string | undefined;
  locked = false;
  /** What answers on an I2C port, whose lines may be held down, and on a pin with one wire. */
  readonly i2c: Record<string, number[] | "held"> = {};
  readonly oneWire: Record<string, string[]> = {};
  /** What it says of a line that is held down: each kind of board has its own words. */
  heldWords = "jshI2CRead: timeout";
  /** Addresses that were asked, and the seconds that one takes where nobody answers. */
  reads = 0;
  silence = 0;
  /** Whether somebody kicks its watchdog, when a file is written first. */
  kicked: boolean | undefined;
  private kicking = false;
  private readonly kick = (): void => undefined;
  private seconds = 0;
  private line = "";
  private asked = "";
  private waiting = Buffer.alloc(0);

  private constructor(private readonly pty: Pty) {
    pty.onData((data) => this.receive(data));
  }

  static async open(): Promise<FakeConsole> {
    return new FakeConsole(await openPty());
  }

  get port(): string {
    return this.pty.path;
  }

  async untilAsked(text: string): Promise<void> {
    while (!this.asked.includes(text)) await new Promise((resolve) => setTimeout(resolve, 2));
  }

  close(): void {
    this.pty.close();
  }

  private receive(data: Buffer): void {
    if (this.fault === "garbage") this.pty.write(Buffer.from("login: \r\n"));
    if (this.fault) return;
    if (this.locked) return this.lineOf(data.toString("latin1"));
    this.waiting = Buffer.concat([this.waiting, data]);
    for (;;) {
      const at = this.waiting.indexOf(PACKET);
      if (at < 0 || this.waiting.length < at + 4) return;
      const end = at + 4 + (this.waiting.readUInt16BE(at + 2) & 0x1fff);
      if (this.waiting.length < end) return;
      const expression = this.waiting.toString("latin1", at + 4, end);
      this.waiting = this.waiting.subarray(end);
      if (--this.unplugAfter < 0) return;
      setTimeout(() => this.answer(expression), this.delay);
    }
  }

  /** As the interpreter does while it is locked: 20 characters of a line at the most. */
  private lineOf(text: string): void {
    for (const char of text)
      if (char !== "\n") this.line += this.line.length < 20 ? char : "";
      else {
        this.locked &&= this.line !== this.password;
        this.line = "";
        this.pty.write(Buffer.from(this.locked ? "\r\n  Invalid password\r\npassword>" : "\r\n  Logged in.\r\n>"));
      }
  }

  private answer(expression: string): void {
    this.asked += expression.slice(0, 200);
    try {
      const value: unknown = vm.runInNewContext(expression, this.globals());
      const whole = typeof value === "string" ? JSON.stringify(value) : String(value);
      const text = Buffer.from(this.garbled?.test(expression) ? whole.replace(/.$/, "?") : whole, "latin1");
      const head = Buffer.from([ACK, 0x10, 0x01, text.length >> 8, text.length & 0xff]);
      const swallowed = this.swallowed?.test(expression) === true;
      this.pty.write(Buffer.concat([head, swallowed ? text.subarray(0, -1) : text]));
      if (swallowed) setTimeout(() => this.pty.write(Buffer.from(BANNER)), 20);
    } catch (error) {
      this.pty.write(Buffer.concat([Buffer.from([NAK]), Buffer.from(`Uncaught ${String(error)}\r\n>`)]));
    }
  }

  /** As the firmware does, of what it runs. */
  note(mark: Mark, slots = bootState(this.files.get(LOGS[0]!))!.last): void {
    const log = this.files.get(LOGS[0]!)!;
    Buffer.from(logEntry(mark, slots)).copy(log, bootState(log)!.end);
  }

  /** As the interpreter of an RP2040 has it. */
  private bus(answering: readonly number[] | "held"): object {
    const readFrom = (address: number): void => {
      this.reads++;
      if (answering === "held") throw new Error(this.heldWords);
      if (!answering.includes(address)) this.seconds += this.silence;
      if (!answering.includes(address)) throw new Error("jshI2CRead: I2C I/O error");
    };
    return { setup: () => undefined, readFrom };
  }

  private globals(): object {
    const { files, oneWire } = this;
    class Pin {
      constructor(readonly name: string) {}
    }
    class OneWire {
      constructor(private readonly pin: Pin) {}
      search = (): string[] => oneWire[this.pin.name] ?? [];
    }
    const free = (): number => CAPACITY - [...files.values()].reduce((sum, { length }) => sum + ENTRY + length, 0);
    const storage = {
      read: (name: string) => files.get(name)?.toString("latin1"),
      list: () => [...files.keys()],
      erase: (name: string) => void files.delete(name),
      getStats: () => ({ totalBytes: CAPACITY, freeBytes: free(), trashBytes: 0 }),
      write: (name: string, text: string, offset = 0, size = 0) => {
        this.kicked ??= this.kicking;
        const data = Buffer.from(text, "latin1");
        if (offset === 0) {
          if (free() < (size || data.length) + ENTRY) throw new Error("Unable to find or create file");
          files.set(name, Buffer.alloc(size || data.length, 0xff));
        }
        if (this.damage-- > 0) data[0]! ^= 1;
        data.copy(files.get(name)!, offset);
        return true;
      },
    };
    return {
      process: { env: { BOARD: this.board, VERSION: this.version } },
      E: {
        getConsole: () => this.at,
        kickWatchdog: this.kick,
        CRC32: (text: string) => crc32(Buffer.from(text, "latin1")),
        lockConsole: () => void (this.locked = this.password !== undefined),
      },
      require: () => storage,
      btoa: (text: string) => Buffer.from(text, "latin1").toString("base64"),
      atob: (text: string) => Buffer.from(text, "base64").toString("latin1"),
      ...Object.fromEntries(Object.entries(this.i2c).map(([port, found]) => [port, this.bus(found)])),
      ...{ Pin, OneWire },
      setTimeout: (work: () => void) => {
        // It loses its timers.
        if (String(work).includes("reset()")) this.kicking = false;
        return 1;
      },
      setInterval: (work: () => void) => void (this.kicking = work === this.kick),
      getTime: () => this.seconds,
      clearTimeout: () => undefined,
      $_b: { t: 1, note: (mark: Mark) => this.note(mark) },
    };
  }
}
