/** A link within one process: both of its ends are connections, and time passes on a given clock. For tests. */
import type { Bytes } from "../../protocols/bytes/index.js";
import type { Clock } from "../clock.js";
import { canceled, DevsockError, fromNode } from "../errors.js";
import { Gate } from "./transport.js";
import type { Connection, ConnectionEvents, Transport, TransportTraits } from "./transport.js";

export interface MemoryOptions {
  /** How long a frame travels, in ms. */
  delay?: number;
  /** Bytes that the line sends in a ms. */
  rate?: number;
  /** Frames that wait for the line beside the one on it: 1, or none. */
  waiting?: 0 | 1;
}

export class MemoryLine {
  readonly transport: Transport;
  /** Set by the far end: takes a new connection, or throws to refuse it. */
  onaccept: (connection: Connection) => ConnectionEvents;

  constructor(
    address: string,
    readonly traits: TransportTraits,
    private readonly clock: Clock,
    private readonly options: MemoryOptions = {},
  ) {
    this.onaccept = () => {
      throw new DevsockError(`ECONNREFUSED: nothing listens at ${address}`, { origin: "link", address });
    };
    this.transport = { address, traits, open: async (events, signal) => this.open(new Gate(events), signal) };
  }

  private open(gate: Gate, signal: AbortSignal | undefined): Connection {
    const { address } = this.transport;
    if (signal?.aborted) throw canceled(signal, `connecting to ${address} was given up`, address);
    const near = new End(this.clock, this.options, gate, address);
    const far = new End(this.clock, this.options, undefined, address);
    near.peer = far;
    far.peer = near;
    try {
      far.gate = new Gate(this.onaccept(far));
    } catch (error) {
      throw fromNode(error, "network", address);
    }
    return near;
  }
}

class End implements Connection {
  peer!: End;
  /** When the line is free again. */
  private free = 0;
  private full = false;

  constructor(
    private readonly clock: Clock,
    private readonly options: MemoryOptions,
    public gate: Gate | undefined,
    private readonly address: string,
  ) {}

  send(frame: Bytes): boolean {
    const { rate = Infinity, waiting = 1 } = this.options;
    const start = Math.max(this.free, this.clock.now());
    this.free = start + frame.length / rate;
    const bytes = Buffer.from(frame);
    this.later(() => this.peer.gate?.data(bytes));
    const room = waiting ? start : this.free;
    this.full = room > this.clock.now();
    if (this.full) this.clock.after(room - this.clock.now(), () => this.drained());
    return !this.full;
  }

  async close(): Promise<void> {
    if (!this.gate?.stop()) return;
    const text = `ECONNRESET: the other end of ${this.address} closed the connection`;
    this.later(() => this.peer.gate?.closed(new DevsockError(text, { origin: "link", address: this.address })));
  }

  private later(run: () => void): void {
    this.clock.after(Math.max(this.free, this.clock.now()) - this.clock.now() + (this.options.delay ?? 0), run);
  }

  private drained(): void {
    if (!this.full) return;
    this.full = false;
    this.gate?.drain();
  }
}
