/** What stands around a session: the link below it, who has that, and the sockets above. docs/protocol/session.md. */
import type { Bytes } from "../bytes/index.js";
import type { Failure } from "../errors/index.js";
import type { Terms } from "./hello.js";

/** States of a session [SES-5]. */
export const enum State {
  /** The initiator offers; the responder listens. */
  opening = 0,
  open = 1,
  closed = 2,
  /** The link is gone; the session may go on over another one. */
  lost = 3,
}

/** Times in ms [SES-10] [SES-11]. */
export const enum Timing {
  /** Between two offers. */
  offer = 300,
  /** A handshake that takes longer has failed. */
  handshake = 10000,
  /** So long a responder waits for the first frame of a session to which it has agreed. */
  confirm = 3000,
  /** So long after the last frame what came is acknowledged, if not earlier. */
  ack = 20,
  /** By the initiator so long after the first that is not: each acknowledgement costs a board, and a sender waits for 200 ms at the least. */
  ackInitiator = 100,
  /**
   * The same over TCP, where nothing is sent again and nobody waits for it, counted from the last frame in either
   * direction: a short frame in the midst of a stream would cut those behind it across the receiver's chunks.
   */
  ackReliable = 200,
  /** Silence after which a side asks for a sign of life, and how soon it asks again when none comes. */
  keepalive = 5000,
  again = 1000,
  /** A sender without credit on a lossy link asks this often. */
  probe = 500,
  /** Silence after which the session is over, and how long it waits for another link, unless the terms say otherwise. */
  lifetime = 30000,
  /** A half frame on a serial line ends after this silence. */
  half = 250,
}

/** What the link under a session is like. */
export interface LinkTraits {
  /** Longest payload this link's sender may use, in bytes. */
  payload: number;
  /** TCP: nothing is lost or reordered while it lives, so nothing is sent again but over another link. */
  reliable: boolean;
  /** UDP: frames never span two chunks. */
  datagram: boolean;
  /** A cable whose holder needs no key. */
  trusted?: boolean;
}

/** What may go now [SES-16]. */
export const enum Room {
  /** The window is full: only datagrams. */
  none = 0,
  /** What is left is kept for priority 3. */
  urgent = 1,
  all = 2,
}

/** Who has the link under a session. */
export interface SessionOwner {
  /**
   * A session begins, or goes on here.
   * @param user what serves the sockets of the one that goes on, or null
   * @returns what serves its sockets from now on
   */
  begin(user: SessionUser | null): SessionUser;
  /** The session went on over another link: nothing more comes from this one. */
  onmoved(): void;
  /** There will be no session. */
  ondown(failure: Failure): void;
  /** `receive` or `take` has left work, for who does not look himself: what came may have taken long, so a frame is made in a turn of its own. */
  onwork?(): void;
}

/** The layer above: sockets. */
export interface SessionUser {
  /** The handshake is done, on this link or a further one; the terms are the peer's. */
  opened(terms: Terms): void;
  /** Sockets: without any there is nothing worth a further link. */
  readonly count: number;
  /** Open streams by what stands before the sequence number of a full frame for them. */
  readonly streams: { [head: string]: Stream };
  /** Payload of a full frame on the way to this side, in bytes; the session says it. */
  full: number;
  /** Bytes by which a datagram is shorter than other payloads: the counter of a session with a key. The session says it. */
  toll: number;
  /** A stream's peer sent more than its credit. */
  overrun(stream: Stream): void;
  /**
   * What came of kind data, control (in order, once), message (once) or datagram: `bytes` from `from` up to, not
   * including, `to`.
   */
  frame(tagWord: number, bytes: Bytes, from: number, to: number): void;
  /** The payload of the next frame, or EMPTY; its tag is then in `tag`. */
  next(max: number, room: Room): Bytes;
  /** Tag of what `next` gave, or -1. */
  tag: number;
  /** The only socket with something to send, if it has a source and `next` gave bytes of it, and nothing is due. */
  bulk: Bulk | null;
  /**
   * What is to be granted: pairs of channel (16 bits) and limit (32 bits). If not all fits, `due` remains.
   * @param all every channel again
   */
  credits(all: boolean, max: number): Bytes;
  /** A credit from the peer. */
  raiseCredit(channel: number, limit: number): void;
  /** An acknowledgement is to go out: something is to be granted, or the session wants it. */
  due: boolean;
  /** Nothing was left to send when `next` gave what it did. */
  idle: boolean;
  /** A socket may have bytes but no credit; `anyBlocked` looks whether one has. */
  starved: boolean;
  anyBlocked(): boolean;
  /** All is over. */
  abandoned(failure: Failure): void;
}

/** What the session knows of a stream, so that full frames go to it without a detour. */
export interface Stream {
  /** Bytes that the peer may still send. */
  room: number;
  ondata(frame: Bytes, from: number, to: number): void;
}

/** What the session knows of a stream with a source, so that full frames of it go out without a detour. */
export interface Bulk {
  /** Bytes that the peer lets us send. */
  credit: number;
  /** Tag of its frames. */
  word: number;
  /** Gives exactly `n` bytes, or EMPTY. */
  source: ((n: number) => Bytes) | null | undefined;
  /** It has no more, and says when there is: there is no work until then. */
  paused: boolean | undefined;
}

/** What the session knows of a socket whose message or record goes out without a detour. @internal */
export interface Posted {
  readonly whole: 0 | 1;
  credit: number;
  word: number;
}

/** Counters of a session; read them at any time. */
export interface Counters {
  /** Sequenced frames, up to the last acknowledgement. */
  received: number;
  duplicates: number;
  discarded: number;
}
