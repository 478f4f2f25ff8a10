/**
 * What went into one direction of a socket, and what of it may come out: the promises of each type. This knows what
 * a program was promised, nothing of how a session keeps it.
 */
import { EMPTY, Type } from "../protocols/index.js";
import type { Bytes } from "../protocols/index.js";
import { random } from "./random.js";

/** What is wrong, or "". */
export type Fault = string;

export interface Flow {
  /** Bytes for the program to send: `n` of a stream or record, or a message as long. */
  make(n: number): Bytes;
  /** The program ends a record. @returns its length */
  mark(): number;
  /** The program was given this. */
  came(data: Bytes): Fault;
  /** The program was told that a record of so many bytes is whole. */
  cameMark(length: number): Fault;
  /** The other program was told that all has come. */
  ended(): Fault;
  /** The program sends an urgent byte, or a mark alone. @returns the byte, or none */
  urge(byte: boolean): Bytes;
  /** The program was given an urgent byte, or a mark alone, from behind so many bytes. */
  cameUrgent(data: Bytes, mark: number): Fault;
  /** What the program was given credits for: the bytes, and one for each message. */
  cost(data: Bytes): number;
  /** Bytes or messages that the program was given. */
  readonly received: number;
  /** Messages that came again although each comes once at the most. */
  readonly repeated: number;
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

function urgent(data: Bytes, mark: number): string {
  return data.length === 0 ? `mark at ${mark}` : `byte ${data.join()} at ${mark}`;
}

function same(a: Bytes, b: Bytes): boolean {
  return Buffer.compare(a, b) === 0;
}

/**
 * SOCK_STREAM: the bytes as they were sent, none lost, none twice, and the end after the last. Urgent bytes each once,
 * before the end, with the place where they were sent.
 */
class StreamFlow implements Flow {
  readonly repeated = 0;
  protected sent = 0;
  received = 0;
  /** Urgent bytes under way, by place and content. */
  private readonly urgents: string[] = [];
  private urged = 0;

  constructor(private readonly key: number) {}

  make(n: number): Bytes {
    const data = content(this.key, this.sent, n);
    this.sent += n;
    return data;
  }

  mark(): number {
    return 0;
  }

  came(data: Bytes): Fault {
    if (this.received + data.length > this.sent)
      return `${data.length} bytes came after ${this.received}, but only ${this.sent} were sent`;
    if (!same(data, content(this.key, this.received, data.length)))
      return `bytes ${this.received} to ${this.received + data.length} are not what was sent`;
    this.received += data.length;
    return "";
  }

  cameMark(_length: number): Fault {
    return "a stream has no records";
  }

  urge(byte: boolean): Bytes {
    const data = byte ? Uint8Array.of(this.urged++) : EMPTY;
    this.urgents.push(urgent(data, this.sent));
    return data;
  }

  cameUrgent(data: Bytes, mark: number): Fault {
    const came = urgent(data, mark);
    const at = this.urgents.indexOf(came);
    if (at < 0) return `urgent ${came} was not sent, or came twice`;
    this.urgents.splice(at, 1);
    return "";
  }

  ended(): Fault {
    if (this.urgents.length > 0) return `the end came before urgent ${this.urgents.join(", ")}`;
    return this.received === this.sent ? "" : `the end came after ${this.received} of ${this.sent} bytes`;
  }

  cost(data: Bytes): number {
    return data.length;
  }
}

/** SOCK_SEQPACKET: a stream whose records end where they were ended, and no piece of which is of two records. */
class RecordFlow extends StreamFlow {
  /** Where records end: those that were not told of yet. */
  private readonly marks: number[] = [];
  private begun = 0;
  private told = 0;

  override mark(): number {
    this.marks.push(this.sent);
    const length = this.sent - this.begun;
    this.begun = this.sent;
    return length;
  }

  override came(data: Bytes): Fault {
    const end = this.marks[0];
    if (end !== undefined && this.received + data.length > end) return `a piece goes beyond the record's end at ${end}`;
    return super.came(data);
  }

  override cameMark(length: number): Fault {
    const end = this.marks.shift();
    if (end !== this.received) return `a record ends at ${this.received}, but was to end at ${end}`;
    const real = end - this.told;
    this.told = end;
    return length === real ? "" : `a record of ${real} bytes was said to have ${length}`;
  }

  override ended(): Fault {
    return super.ended() || (this.marks.length === 0 ? "" : `${this.marks.length} records lack their end`);
  }
}

/** Messages, whole. A type says whether they keep their order, whether any may be missing, and how often each may come. */
abstract class MessageFlow implements Flow {
  repeated = 0;
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

  mark(): number {
    return 0;
  }

  came(data: Bytes): Fault {
    const index = data.length < 4 ? -1 : Buffer.from(data).readUInt32BE(0);
    const length = this.lengths[index];
    if (length === undefined) return `a message of ${data.length} bytes came that was not sent`;
    if (data.length !== length) return `message ${index} came with ${data.length} bytes instead of ${length}`;
    if (!same(data, message(this.key, index, length))) return `message ${index} is not what was sent`;
    if (this.seen.has(index)) return this.again(index);
    this.seen.add(index);
    const fault = this.inTurn(index);
    this.received++;
    return fault;
  }

  cameMark(_length: number): Fault {
    return "messages are no records";
  }

  ended(): Fault {
    return this.received === this.sent ? "" : `the end came after ${this.received} of ${this.sent} messages`;
  }

  urge(_byte: boolean): Bytes {
    return EMPTY;
  }

  cameUrgent(_data: Bytes, _mark: number): Fault {
    return "only a stream has urgent bytes";
  }

  cost(data: Bytes): number {
    return data.length + 1;
  }

  protected again(index: number): Fault {
    return `message ${index} came twice`;
  }

  protected inTurn(_index: number): Fault {
    return "";
  }
}

/** SOCK_RAW: all messages once, in order. */
class OrderedFlow extends MessageFlow {
  protected override inTurn(index: number): Fault {
    return index === this.received ? "" : `message ${index} came as the one after ${this.received}`;
  }
}

/** SOCK_RDM: all messages once, in any order. */
class ReliableFlow extends MessageFlow {}

/** SOCK_DGRAM: any message may be missing; without a key, a link that doubles frames doubles messages as well. */
class DatagramFlow extends MessageFlow {
  override ended(): Fault {
    return "";
  }

  override cost(_data: Bytes): number {
    return 0;
  }

  protected override again(_index: number): Fault {
    this.repeated++;
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

/** Whether a type carries messages: each is one frame, or none at all. */
export function hasMessages(type: Type): boolean {
  return type !== Type.stream && type !== Type.seqpacket;
}

const FLOWS: Record<Type, new (key: number) => Flow> = {
  [Type.stream]: StreamFlow,
  [Type.datagram]: DatagramFlow,
  [Type.raw]: OrderedFlow,
  [Type.rdm]: ReliableFlow,
  [Type.seqpacket]: RecordFlow,
};

export function flowOf(type: Type, key: number): Flow {
  return new FLOWS[type](key);
}
