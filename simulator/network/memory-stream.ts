/** One end of a connection in memory. */
import type { Clock } from "../clock.js";
import type { Received } from "./index.js";

export interface StreamOptions {
  clock: Clock;
  latency?: number;
  window?: number;
  rate?: number;
  /** Passes on what arrives, at once or when the network is there again. */
  carry?: (arrive: () => void) => void;
}

const DEFAULT_WINDOW = 16_384;

/** Two ends that are connected. */
export function streamPair(options: StreamOptions): [MemoryStream, MemoryStream] {
  const near = new MemoryStream(options);
  const far = new MemoryStream(options);
  near.peer = far;
  far.peer = near;
  return [near, far];
}

/**
 * Used in two ways: by polling (`read`, `send`, `onActivity`), and by callbacks (`onData`, `onDrain`, `onClose`) for
 * which what was written beyond the peer's window waits here.
 */
export class MemoryStream {
  peer!: MemoryStream;
  private readonly window: number;
  private readonly latency: number;
  /** Arrived and not read. */
  private readonly arrived: Uint8Array[] = [];
  private arrivedBytes = 0;
  /** Sent towards this end and not read yet: what the window counts. */
  private outstanding = 0;
  private lineFree = 0;
  /** The peer has ended or reset; seen when `arrived` is empty. */
  private ended: "end" | "reset" | undefined;
  private closed = false;
  private told = false;
  private paused = false;
  private readonly waiting: Uint8Array[] = [];
  private ending = false;
  private activity: () => void = () => {};
  private dataListener: ((data: Uint8Array) => void) | undefined;
  private drainListener: () => void = () => {};
  private closeListener: (reset: boolean) => void = () => {};

  constructor(private readonly options: StreamOptions) {
    this.window = options.window ?? DEFAULT_WINDOW;
    this.latency = options.latency ?? 0;
  }

  /** Bytes written here that the peer's window has not let go yet. */
  get pending(): number {
    return this.waiting.reduce((sum, data) => sum + data.length, 0);
  }

  /** Bytes that left here and that the peer has not read: on the way, or in its window. */
  get unread(): number {
    return this.peer.outstanding;
  }

  onActivity(listener: () => void): void {
    this.activity = listener;
  }

  /** At most `limit` bytes of what has arrived. */
  read(limit: number): Received {
    const first = this.arrived[0];
    if (!first) return this.ended || this.closed ? null : undefined;
    const data = first.subarray(0, limit);
    if (data.length === first.length) this.arrived.shift();
    else this.arrived[0] = first.subarray(limit);
    this.arrivedBytes -= data.length;
    this.later(() => {
      this.outstanding -= data.length;
      this.peer.flush();
      this.peer.activity();
    });
    return data;
  }

  /** @returns bytes that the peer's window took, -1 when the connection is over */
  send(data: Uint8Array): number {
    if (this.closed || this.ended === "reset" || this.peer.closed) return -1;
    const room = Math.min(data.length, this.window - this.peer.outstanding);
    if (room <= 0) return 0;
    const copy = data.slice(0, room);
    this.peer.outstanding += room;
    this.later(() => this.peer.receive(copy), this.lineTime(room));
    return room;
  }

  /** Sends what fits and keeps the rest. @returns false when something had to be kept: wait for onDrain */
  write(data: Uint8Array): boolean {
    this.waiting.push(data.slice());
    this.flush();
    return this.waiting.length === 0;
  }

  /** No more will be written; the peer sees the end behind what was. */
  end(): void {
    this.ending = true;
    this.flush();
  }

  /** Stops the callbacks with data; the window fills and holds the peer. */
  pause(paused = true): void {
    this.paused = paused;
    this.deliver();
  }

  onData(listener: (data: Uint8Array) => void): void {
    this.dataListener = listener;
    this.deliver();
  }

  onDrain(listener: () => void): void {
    this.drainListener = listener;
  }

  /** Called once; `reset` when the peer cut the connection. */
  onClose(listener: (reset: boolean) => void): void {
    this.closeListener = listener;
  }

  /** Closes in order. */
  close(): void {
    this.finish("end");
  }

  /** Cuts the connection. */
  destroy(): void {
    this.finish("reset");
  }

  private finish(how: "end" | "reset"): void {
    if (this.closed) return;
    this.closed = true;
    this.waiting.length = 0;
    this.later(() => this.peer.over(how), this.lineTime(0));
  }

  private over(how: "end" | "reset"): void {
    if (how === "reset") {
      this.arrived.length = 0;
      this.arrivedBytes = 0;
    }
    this.ended ??= how;
    this.activity();
    this.deliver();
  }

  private receive(data: Uint8Array): void {
    if (this.closed || this.ended) return;
    this.arrived.push(data);
    this.arrivedBytes += data.length;
    this.activity();
    this.deliver();
  }

  private deliver(): void {
    while (this.dataListener && !this.paused && this.arrivedBytes > 0) {
      const data = this.read(this.arrivedBytes);
      if (data) this.dataListener(data);
    }
    if (!this.ended || this.arrivedBytes > 0 || this.told) return;
    this.told = true;
    this.closeListener(this.ended === "reset");
  }

  private flush(): void {
    while (this.waiting[0]) {
      const sent = this.send(this.waiting[0]);
      if (sent <= 0) return;
      if (sent < this.waiting[0].length) this.waiting[0] = this.waiting[0].subarray(sent);
      else this.waiting.shift();
      if (this.waiting.length === 0 && !this.ending) this.drainListener();
    }
    if (this.ending && !this.closed) this.later(() => this.peer.over("end"), this.lineTime(0));
    this.ending = false;
  }

  /** Time until `bytes` more have left at the line's rate. */
  private lineTime(bytes: number): number {
    const { rate, clock } = this.options;
    const now = clock.now();
    this.lineFree = Math.max(this.lineFree, now) + (rate ? (bytes * 1000) / rate : 0);
    return this.lineFree - now;
  }

  private later(run: () => void, extra = 0): void {
    const { clock, carry } = this.options;
    clock.after(this.latency + extra, carry ? () => carry(run) : run);
  }
}
