/**
 * The interpreter's console on a serial port or in a session, as a program uses it: an expression is evaluated, and its value comes back.
 * Source: README_Protocol.md of Espruino, "Packet Transfer" (2v25 and later). Packets for files are not used: their bytes would end a PC's
 * interpreter (Ctrl-D), and a file that did not fit is acknowledged all the same.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { Duplex } from "node:stream";
import { DevsockError } from "../errors.js";
import { openPort } from "../transport/serial.js";

const DLE = 0x10;
const SOH = 0x01;
const NAK = 0x15;
const CTRL_C = 0x03;
const CTRL_D = 0x04;
const LF = 0x0a;

/** What a console that is locked says to each line. */
const LOCKED = "password>";
export const LET_IN = "Logged in.";
const LOCK = "E.lockConsole()";

/** What a board's console says in a session where bytes are missing. docs/protocol/services.md */
const LOST = "[the interpreter lost bytes";

/** What an interpreter says that starts. */
const BANNER = "espruino.com";

/** The upper three bits of a packet's length are its kind: this is one to be evaluated. */
const EVALUATE = 0x2000;

const LENGTH = 0x1fff;

/** An answer takes so many ms at the most: Storage may have to erase its pages first. */
const PATIENCE = 15_000;

/** While it is not known that an interpreter is there. */
const FIRST = 1_500;

/** Characters of an answer at once in a session; as many as four times of that are sent for them. */
const PART = 200;

/** What is said last. */
const LAST = 500;

/** ms that an answer has to leave before what was asked for begins. */
const LATER = 200;

/** Times that it is asked whether one is there. */
const TRIES = 3;

/** Bytes of what came that are kept, to say what it was. */
const KEPT = 4096;

interface Waiting {
  /** Looks through what came; whether that is enough. */
  look: () => boolean;
  done: () => void;
}

export class Repl {
  private received = Buffer.alloc(0);
  private waiting: Waiting | undefined;
  private failure: DevsockError | undefined;

  /** It was locked: so it is when this is over. */
  private unlocked = false;
  private inPieces = false;

  private constructor(
    private readonly port: Duplex,
    readonly path: string,
    private readonly finish: () => Promise<void>,
    private readonly passwords: readonly string[] = [],
  ) {
    port.on("data", (data: Buffer) => {
      this.received = Buffer.concat([this.received, data]);
      if (this.waiting?.look()) this.waiting.done();
    });
    const lost = (): void => {
      const text = `ENODEV: the serial port ${path} is gone; plug the cable in again`;
      this.failure ??= new DevsockError(text, { origin: "link", address: path });
      this.waiting?.done();
    };
    port.on("close", lost);
    port.on("error", (error) => {
      if (error instanceof DevsockError) this.failure = error;
      lost();
    });
  }

  /**
   * Opens the port and finds the interpreter on it.
   * @param interrupt what runs there is broken off if it does not answer
   * @param passwords what may open it if it is locked
   * @throws DevsockError: the port's own (ENOENT, EACCES, EBUSY …); ENODEV when nothing, or something else, answers; EACCES when it is locked
   */
  static async open(path: string, baud: number, interrupt = true, passwords: readonly string[] = []): Promise<Repl> {
    const port = await openPort(path, baud);
    const finish = (): Promise<void> =>
      port.isOpen ? new Promise((resolve) => port.close(() => resolve())) : Promise.resolve();
    const repl = new Repl(port, path, finish, passwords);
    try {
      await repl.find(interrupt);
      return repl;
    } catch (error) {
      await repl.close();
      throw error;
    }
  }

  /** In a session: `:console`. @param path what it is called in errors */
  static async over(stream: Duplex, path: string): Promise<Repl> {
    const repl = new Repl(stream, path, async () => void stream.destroy());
    repl.inPieces = true;
    await repl.find(false);
    return repl;
  }

  /** The value of an expression, as JSON has it. @throws DevsockError EREMOTEIO with what the interpreter said instead */
  async evaluate(expression: string, patience = PATIENCE): Promise<unknown> {
    const json = this.inPieces
      ? await this.fetch(expression, patience)
      : await this.text(`JSON.stringify(${expression})`, patience);
    return json ? this.parse(json) : undefined;
  }

  /** An answer that is longer than the board's event queue would be lost. */
  private async fetch(expression: string, patience: number): Promise<string> {
    const length = await this.ask(`(global.$_c=JSON.stringify(${expression})||"").length`, patience);
    if (length === undefined) throw this.silent();
    let json = "";
    for (let at = 0; at < Number(length); at += PART) json += await this.text(`$_c.substr(${at},${PART})`, PATIENCE);
    await this.text('delete global.$_c,""', PATIENCE);
    return json;
  }

  /** Of an expression that is a string, or nothing. */
  private async text(expression: string, patience: number): Promise<string> {
    const text = await this.ask(expression, patience);
    if (text === undefined) throw this.silent();
    // As the interpreter writes it: with \xHH, which JSON does not know.
    const literal = text.replace(/\\x([0-9a-f]{2})/gi, "\\u00$1").replace(/\\([0-7]{1,3})/g, (_all, octal: string) => {
      return `\\u${parseInt(octal, 8).toString(16).padStart(4, "0")}`;
    });
    return literal === "undefined" ? "" : (this.parse(literal) as string);
  }

  private parse(json: string): unknown {
    try {
      return JSON.parse(json);
    } catch (cause) {
      const text = `what the interpreter at ${this.path} answers is damaged; is the cable too long?`;
      throw new DevsockError(`EIO: ${text}`, { origin: "device", address: this.path, cause });
    }
  }

  /** Something that has no value, such as `reset()`: nobody waits for its end, which may come before all of the answer has left. */
  async run(statement: string): Promise<void> {
    const begun = await this.ask(`(setTimeout(function(){${statement}},${LATER}),1)`, PATIENCE, [], BANNER);
    if (begun === undefined && !this.received.includes(BANNER)) throw this.silent();
  }

  /** `load()` or `E.reboot()`: the port itself may go with the answer. */
  async restart(statement: string): Promise<void> {
    await this.run(statement).catch((error: unknown) => {
      if (!(error instanceof DevsockError) || error.code !== "ENODEV") throw error;
    });
  }

  /** What has been printed, and is left of it. */
  get printed(): string {
    return this.received.toString("latin1").replace(/[^\n\x20-\x7e]/g, "");
  }

  async close(): Promise<void> {
    const { waiting } = this;
    if (this.unlocked && !this.failure) {
      this.unlocked = false;
      if (!waiting) await this.ask(LOCK, LAST).catch(() => undefined);
      else {
        this.packet(LOCK);
        await delay(LAST);
      }
    }
    this.port.removeAllListeners("close");
    this.failure ??= new DevsockError("ECANCELED: the console was left", { address: this.path });
    waiting?.done();
    await this.finish();
  }

  /** Until an expression is answered. */
  async find(interrupt = true): Promise<void> {
    for (let i = 0; i < TRIES; i++) {
      // A PC's interpreter takes the second one within 5 s for the end.
      if (interrupt && i === 1) this.write(Buffer.from([CTRL_C, 0x0a]));
      await delay(100);
      // A line's end brings a locked one to say so.
      if ((await this.ask("1", FIRST, [LF])) === "1") return;
      if (this.received.includes(LOCKED)) {
        await this.unlock();
        if ((await this.ask("1", FIRST)) === "1") return;
      }
    }
    const said = this.received.length > 0;
    throw new DevsockError(
      said
        ? `ENODEV: what answers at ${this.path} is no Espruino's console; is it the right port, and its baud the right one?`
        : `ENODEV: no Espruino answers at ${this.path}; check the port, its baud, and that no program of the board's has taken the console: hold its button while it starts`,
      { origin: "link", address: this.path },
    );
  }

  private async unlock(): Promise<void> {
    for (const password of this.passwords) {
      this.forget();
      this.write(Buffer.from(`${password}\n`, "latin1"));
      await this.until(() => this.received.includes(LET_IN) || this.received.includes(LOCKED), FIRST);
      if (!this.received.includes(LET_IN)) continue;
      this.unlocked = true;
      return;
    }
    const whose = this.passwords.length > 0 ? "it is open to another key than this" : "it is open to the board's key";
    throw new DevsockError(
      `EACCES: the console at ${this.path} is locked: ${whose}; give --key-file FILE with the one that the board has, or, where that is lost, start the board without its firmware: "A lost key" in docs/flashing.md`,
      { origin: "peer", address: this.path },
    );
  }

  /** @param more bytes behind it @param end what ends it as well @returns the response, or undefined when there is none */
  private async ask(
    expression: string,
    patience: number,
    more: number[] = [],
    end?: string,
  ): Promise<string | undefined> {
    this.forget();
    this.packet(expression, more);
    let lost = false;
    let response: string | undefined;
    let refused = false;
    await this.until(() => {
      const at = this.received.indexOf(Buffer.from([DLE, SOH]));
      const known = this.received.subarray(0, at < 0 ? undefined : at);
      const nak = known.indexOf(NAK);
      refused = nak >= 0;
      if (this.received.includes(LOCKED) || (end !== undefined && this.received.includes(end))) return true;
      if ((lost = this.received.includes(LOST))) return true;
      // Its words follow, a line of them.
      if (refused && known.includes(0x0a, nak)) return true;
      if (at < 0 || this.received.length < at + 4) return false;
      const length = this.received.readUInt16BE(at + 2) & LENGTH;
      if (this.received.length < at + 4 + length) return false;
      response = this.received.toString("latin1", at + 4, at + 4 + length);
      return true;
    }, patience);
    if (lost)
      throw new DevsockError(
        "EMSGSIZE: more was printed at once than the board's event queue holds; print less, or wait between",
      );
    if (response !== undefined) return response;
    if (!refused) return undefined;
    const said = this.printed.replace(/^[\s>]+/, "").split("\n")[0]!;
    throw new DevsockError(`EREMOTEIO: the interpreter says "${said}"`, { origin: "peer", address: this.path });
  }

  /** Its length must hold nothing that the console takes for a key. */
  private packet(expression: string, more: number[] = []): void {
    let text = expression;
    while ([CTRL_C, CTRL_D].includes(text.length & 0xff)) text += " ";
    const data = Buffer.from(text, "latin1");
    this.write(
      Buffer.concat([
        Buffer.from([DLE, SOH, (EVALUATE | data.length) >> 8, data.length & 0xff]),
        data,
        Buffer.from(more),
      ]),
    );
  }

  private write(data: Uint8Array): void {
    if (this.failure) throw this.failure;
    this.port.write(data);
  }

  private forget(): void {
    this.received = Buffer.alloc(0);
  }

  private async until(look: () => boolean, ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((done) => {
      timer = setTimeout(done, ms);
      this.waiting = { look, done };
      if (look()) done();
    });
    clearTimeout(timer);
    this.waiting = undefined;
    if (this.received.length > KEPT) this.received = this.received.subarray(-KEPT);
    if (this.failure) throw this.failure;
  }

  private silent(): DevsockError {
    const text = `ETIMEDOUT: the interpreter at ${this.path} does not answer any more; is the cable still plugged in?`;
    return new DevsockError(text, { origin: "link", address: this.path });
  }
}
