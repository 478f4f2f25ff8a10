/** Holds the real interpreter's UARTs to what has been read of their terminals. */
import { openPty } from "./pty.js";
import type { Pty } from "./pty.js";

/** Bytes that one token stands for. */
const TOKEN = 128;
/** Tokens at the start: about 2,000 bytes may be unread, a tenth of what a terminal keeps. */
const WINDOW = 16;

/**
 * The interpreter writes to a terminal without waiting and never looks whether that went well: a terminal keeps 20 KB,
 * and what it writes while nobody reads beyond that is gone without a word. So its program takes a token from a
 * terminal of their own before it writes, and stops there until one comes, as a board stops in `write` while its
 * transmit ring is full.
 */
export class TransmitCredit {
  private taken = 0;

  private constructor(
    private readonly uarts: readonly string[],
    private readonly pty: Pty,
  ) {
    pty.write(new Uint8Array(WINDOW));
  }

  static async open(uarts: readonly string[]): Promise<TransmitCredit> {
    return new TransmitCredit(uarts, await openPty());
  }

  /** Goes before the boot file's text. A call of `write` counts its first argument only. */
  bootText(): string {
    return (
      `(function(n,f){[${this.uarts.join()}].forEach(function(s){var w=s.write;s.write=function(d){` +
      `for(n+=d.length;n>=${TOKEN};n-=${TOKEN})f.read(1);w.apply(s,arguments)}})` +
      `})(0,E.openFile(${JSON.stringify(this.pty.path)},"r"));`
    );
  }

  /** So many bytes more were read of the UARTs' terminals. */
  give(bytes: number): void {
    this.taken += bytes;
    const tokens = Math.floor(this.taken / TOKEN);
    this.taken %= TOKEN;
    if (tokens > 0) this.pty.write(new Uint8Array(tokens));
  }

  close(): void {
    this.pty.close();
  }
}
