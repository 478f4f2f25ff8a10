/** What happens on a board, for the BSD calls: a read never goes beyond the end of a record, which is one line. */
import { MSG_OOB, MSG_PEEK, MSG_WAITALL } from "../constants.js";
import { DuplexEndpoint } from "./duplex-endpoint.js";
import type { Readiness, Received } from "./endpoint.js";

/** Seconds since the board's start, in a record. */
const AT = /"at":(\d+(?:\.\d+)?)/;

const NEWLINE = 10;

/** Bytes read at once, and of the longest record that is waited for as a whole. */
const PIECE = 4096;
const LONGEST = 16_384;

export class NetlinkEndpoint extends DuplexEndpoint {
  /** What came and was not read; it begins where the last read ended. */
  private rest = Buffer.alloc(0);
  /** When the record under way was made; undefined at its beginning. */
  private tick: number | undefined;

  override async recv(max: number, flags: number, signal?: AbortSignal): Promise<Received | null> {
    if (flags & MSG_OOB) return super.recv(max, flags, signal);
    let last: Received | null = null;
    while (!this.rest.includes(NEWLINE) && this.rest.length < LONGEST) {
      last = await super.recv(PIECE, flags & ~(MSG_PEEK | MSG_WAITALL), signal);
      if (!last) break;
      this.rest = Buffer.concat([this.rest, last.data]);
    }
    if (this.rest.length === 0) return null;
    const end = this.rest.indexOf(NEWLINE) + 1 || this.rest.length;
    this.tick ??= tickOf(this.rest.subarray(0, end));
    const data = this.rest.subarray(0, Math.min(end, max));
    const got = { data, address: this.peer, flags: 0, time: last?.time ?? Date.now(), tick: this.tick };
    if (flags & MSG_PEEK) return got;
    this.rest = this.rest.subarray(data.length);
    if (data.length === end) this.tick = undefined;
    return got;
  }

  override ready(): Readiness {
    const ready = super.ready();
    return { ...ready, readable: ready.readable || this.rest.includes(NEWLINE) };
  }
}

/** When a record was made, in ms since the board's start. */
function tickOf(record: Buffer): number | undefined {
  const at = AT.exec(record.toString("latin1"));
  return at ? Number(at[1]) * 1000 : undefined;
}
