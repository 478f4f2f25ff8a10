/**
 * What went into one direction of a socket, and what of it may come out: the promises of each type. This knows what
 * a program was promised, nothing of how a session keeps it.
 */
import { Type } from "../protocols/index.js";
import type { Bytes } from "../protocols/index.js";
import { random } from "./random.js";

/** What is wrong, or "". */
export type Fault = string;

export interface Flow {
  /** Bytes for the program to send: `n` of a stream, or a message as long. */
  make(n: number): Bytes;
  /** The program was given this. */
  came(data: Bytes): Fault;
  /** The other program was told that all has come. */
  ended(): Fault;
  /** Bytes or messages: what went in, what came out. */
  readonly sent: number;
  readonly received: number;
}

/** Bytes of all values: content is a piece of them, twice as long as the longest piece. No length used divides it. */
const PERIOD = 65_521;
const PAD = pad();

function pad(): Uint8Array {
  const rand = random(1);
  const once = Uint8Array.from({ length: PERIOD }, () => rand() * 256);
  return Uint8Array.from(Buffer.concat([once, once]));
}

/** `n` bytes of the content `key` from `offset` on. */
function content(key: number, offset: number, n: number): Bytes {
  const from = (Math.imul(key, 7919) + offset) % PERIOD;
  return PAD.subarray(from, from + n);
}

function same(a: Bytes, b: Bytes): boolean {
  return Buffer.compare(a, b) === 0;
}

/** SOCK_STREAM: the bytes as they were sent, none lost, none twice, and the end after the last. */
class StreamFlow implements Flow {
  sent = 0;
  received = 0;

  constructor(private readonly key: number) {}

  make(n: number): Bytes {
    const data = content(this.key, this.sent, n);
    this.sent += n;
    return data;
  }

  came(data: Bytes): Fault {
    if (this.received + data.length > this.sent)
      return `${data.length} bytes came after ${this.received}, but only ${this.sent} were sent`;
    if (!same(data, content(this.key, this.received, data.length)))
      return `bytes ${this.received} to ${this.received + data.length} are not what was sent`;
    this.received += data.length;
    return "";
  }

  ended(): Fault {
    return this.received === this.sent ? "" : `the end came after ${this.received} of ${this.sent} bytes`;
  }
}

/** SOCK_DGRAM: each message whole and at most once; any may be missing, and they may come in any order. */
class DatagramFlow implements Flow {
  received = 0;
  private readonly lengths: number[] = [];
  private readonly seen = new Set<number>();

  constructor(private readonly key: number) {}

  get sent(): number {
    return this.lengths.length;
  }

  make(n: number): Bytes {
    const index = this.lengths.push(n) - 1;
    return message(this.key, index, n);
  }

  came(data: Bytes): Fault {
    const index = data.length < 4 ? -1 : Buffer.from(data).readUInt32BE(0);
    const length = this.lengths[index];
    if (length === undefined) return `a message of ${data.length} bytes came that was not sent`;
    if (data.length !== length) return `message ${index} came with ${data.length} bytes instead of ${length}`;
    if (!same(data, message(this.key, index, length))) return `message ${index} is not what was sent`;
    if (this.seen.has(index)) return `message ${index} came twice`;
    this.seen.add(index);
    this.received++;
    return "";
  }

  ended(): Fault {
    return "";
  }
}

/** At least 4 bytes: its number, and what only this message has at this length. */
function message(key: number, index: number, n: number): Bytes {
  const data = Buffer.alloc(n);
  data.writeUInt32BE(index, 0);
  data.set(content(key + index, 0, n - 4), 4);
  return data;
}

/** Whether two flows of a type carry messages, or bytes. */
export function hasMessages(type: Type): boolean {
  return type !== Type.stream;
}

export function flowOf(type: Type, key: number): Flow {
  return type === Type.stream ? new StreamFlow(key) : new DatagramFlow(key);
}
