/** What the BSD calls need of whatever is behind a socket. */
import type { EventEmitter } from "node:events";
import { DevsockError } from "../errors.js";
import type { Timestamps } from "./timestamps.js";

/** What a call is given beside its arguments. */
export interface Received {
  data: Buffer;
  /** Where it came from. */
  address: unknown;
  /** MSG_TRUNC, MSG_EOR, MSG_OOB. */
  flags: number;
  /** When it came, in ms since 1970. */
  time: number;
  /** When it was made, in ms since the board's start, where it says so. */
  tick?: number;
}

/** What poll looks at. */
export interface Readiness {
  readable: boolean;
  writable: boolean;
  urgent: boolean;
  failed: boolean;
  hungUp: boolean;
}

/** A socket that can send and receive. */
export interface Endpoint {
  readonly local: unknown;
  readonly peer: unknown;
  /** Bytes of a stream, or one message; null at the end. */
  recv(max: number, flags: number, signal?: AbortSignal): Promise<Received | null>;
  /** Bytes that were taken. `to`: the address, where there is no other. */
  send(data: Buffer, flags: number, to: unknown, signal?: AbortSignal): Promise<number>;
  /** No more that way. */
  shutdown(read: boolean, write: boolean): void;
  /** In order; done when the other end has ended too, or after a few seconds. */
  close(): Promise<void>;
  /** At once: both sides forget what is under way. */
  destroy(): void;
  ready(): Readiness;
  /** Of a stream with urgent bytes: whether the mark is where the next byte is read. */
  readonly atMark?: boolean;
  /** Of a socket to a board: when what came was made. */
  timestamps?: Timestamps;
  /** Tells when something may have changed. @returns stops that */
  onchange(told: () => void): () => void;
  /** An option of its own. @throws DevsockError ENOPROTOOPT */
  setOption(level: number, name: number | string, value: unknown): Promise<void>;
  getOption(level: number, name: number | string): Promise<unknown>;
}

/** A socket that listens. */
export interface Listener {
  readonly local: unknown;
  /** Connections that wait. */
  readonly pending: number;
  accept(signal?: AbortSignal): Promise<Endpoint>;
  close(): Promise<void>;
  onchange(told: () => void): () => void;
}

/** Listens to events of an emitter. @returns stops that */
export function listen(emitter: EventEmitter, events: string[], told: () => void): () => void {
  for (const event of events) emitter.on(event, told);
  return () => {
    for (const event of events) emitter.off(event, told);
  };
}

export function again(what: string): DevsockError {
  return new DevsockError(`EAGAIN: ${what}; try again later, or leave MSG_DONTWAIT out`);
}

export function noOption(name: number | string): DevsockError {
  return new DevsockError(`ENOPROTOOPT: this socket has no option ${name}; docs/sockets.md says which it has`);
}
