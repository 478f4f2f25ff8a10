/** The contract of a transport: what carries a session's frames. test/compliance/transport.ts holds each one to it. */
import type { Bytes } from "../../protocols/bytes/index.js";
import type { LinkTraits } from "../../protocols/session/contract.js";
import { formatAddress } from "../address.js";
import type { Address } from "../address.js";
import type { DevsockError } from "../errors.js";

/** What a connection tells its owner. */
export interface ConnectionEvents {
  /** Bytes as they come, or one datagram. They are the owner's to keep. */
  data(bytes: Bytes): void;
  /** Room again after `send` said false. */
  drain(): void;
  /** The connection ended by itself. Told once, and nothing after it; never after `close`. */
  closed(error: DevsockError): void;
}

/** An open way to a board. */
export interface Connection {
  /**
   * Hands over one frame. It is always taken.
   * @returns false when the next one should wait for `drain`: at most about two frames are kept here unsent
   */
  send(frame: Bytes): boolean;
  /**
   * Ends the connection after what was handed over; silent, and harmless when it has ended already.
   * Fulfilled, within a second, when its port or socket is free again.
   */
  close(): Promise<void>;
}

/** What the link under a session is like, and its line. */
export interface TransportTraits extends LinkTraits {
  /** Ms that a byte takes on the way at the least, where that is known: `leastByteTime` of a UART. */
  byteTime?: number;
}

/** Ms of a byte on a UART's line, 8N1, that is as much faster than its baud rate says as the other end bears. */
export function leastByteTime(baud: number): number {
  return (0.97 * 10_000) / baud;
}

export interface Transport {
  /** What the user would type. */
  readonly address: string;
  readonly traits: TransportTraits;
  /**
   * Opens a connection; may be called again for another one.
   * @throws DevsockError says what to do; ECANCELED when the signal is aborted first
   */
  open(events: ConnectionEvents, signal?: AbortSignal): Promise<Connection>;
}

/** A transport whose connections tell their end once, and nothing after it. */
export function gated(
  to: Address,
  traits: TransportTraits,
  open: (gate: Gate, address: string, signal?: AbortSignal) => Promise<Connection>,
): Transport {
  const address = formatAddress(to);
  return { address, traits, open: (events, signal) => open(new Gate(events), address, signal) };
}

/** Events until `stop` is called. A transport tells its end once, and is silent after `close`. */
export class Gate implements ConnectionEvents {
  private open = true;

  constructor(private readonly events: ConnectionEvents) {}

  data(bytes: Bytes): void {
    if (this.open) this.events.data(bytes);
  }

  drain(): void {
    if (this.open) this.events.drain();
  }

  closed(error: DevsockError): void {
    if (this.stop()) this.events.closed(error);
  }

  /** @returns whether it was open */
  stop(): boolean {
    const was = this.open;
    this.open = false;
    return was;
  }
}
