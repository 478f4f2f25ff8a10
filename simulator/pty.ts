/** Pseudo terminals: a serial port that any program can open by its path, with us at the other end. */
import { closeSync, writeSync } from "node:fs";
import { createRequire } from "node:module";
import { ReadStream } from "node:tty";
import { SerialPort } from "serialport";
import type { Clock, Timer } from "./clock.js";
import type { UartWire } from "./wire.js";

export interface Pty {
  /** What a serial port client opens. */
  readonly path: string;
  onData(listener: (data: Buffer) => void): void;
  /** Bytes beyond what a UART's far end would keep are lost, and counted. */
  write(data: Uint8Array): void;
  pause(): void;
  resume(): void;
  readonly lost: number;
  close(): void;
}

/** Bytes that wait for a reader. Nobody may be there: a UART would lose them all. */
const UNREAD = 4_096;
/** Bytes on the way to the board at which a writer is held, as its own driver would hold it. */
const HELD = 512;

/** Until a full terminal is tried again. */
const RETRY_MS = 5;

interface Binding {
  open(columns: number, rows: number): { master: number; slave: number; pty: string };
}

/** Opens a pair, binary clean from the start. @throws Error ENOTSUP where the system has none */
export async function openPty(): Promise<Pty> {
  const { master: fd, slave, pty: path } = loadBinding().open(80, 24);
  const master = new ReadStream(fd);
  const writer = new Writer(fd);
  master.on("error", () => {});
  await makeRaw(path);
  return {
    path,
    onData: (listener) => void master.on("data", listener),
    write: (data) => writer.write(data),
    pause: () => void master.pause(),
    resume: () => void master.resume(),
    get lost() {
      return writer.lost;
    },
    close: () => {
      writer.close();
      master.destroy();
      closeSync(slave);
    },
  };
}

/** Writes to a terminal without waiting for its reader: Node's own stream would stop the whole process meanwhile. */
class Writer {
  lost = 0;
  private waiting = Buffer.alloc(0);
  private timer: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(private readonly fd: number) {}

  write(data: Uint8Array): void {
    if (this.closed || this.waiting.length + data.length > UNREAD) {
      this.lost += data.length;
      return;
    }
    this.waiting = Buffer.concat([this.waiting, data]);
    this.flush();
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
  }

  private flush(): void {
    try {
      while (this.waiting.length) this.waiting = this.waiting.subarray(writeSync(this.fd, this.waiting));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      this.timer ??= setTimeout(() => {
        this.timer = undefined;
        if (!this.closed) this.flush();
      }, RETRY_MS);
    }
  }
}

function loadBinding(): Binding {
  try {
    const { requireBinary } = createRequire(import.meta.url)("@lydell/node-pty/requireBinary.js") as {
      requireBinary: (name: string) => Binding;
    };
    return requireBinary("pty.node");
  } catch (cause) {
    const text = "no pseudo terminals on this system: leave the serial link out, or run on Linux or macOS";
    throw Object.assign(new Error(text, { cause }), { code: "ENOTSUP" });
  }
}

/** Opening a serial port turns echo and translation off, and that stays: we keep the terminal open ourselves. */
async function makeRaw(path: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const port = new SerialPort({ path, baudRate: 115_200 }, (error) => {
      if (error) reject(error);
      else port.close((closing) => (closing ? reject(closing) : resolve()));
    });
  });
}

/** Whoever opens the terminal is the far end of the wire, as a host on a board's link. */
export function hostOnPty(wire: Pick<UartWire, "peripheral">, pty: Pty): void {
  const { peripheral } = wire;
  peripheral.onData((data) => pty.write(data));
  pty.onData((data) => {
    peripheral.write(data);
    if (peripheral.backlog > HELD) pty.pause();
  });
  peripheral.onTaken(() => {
    if (peripheral.backlog <= HELD / 2) pty.resume();
  });
}

/**
 * Whoever opens the terminal is the board's end of the wire, as the real interpreter. Its bytes are taken at once
 * and travel at the line's speed from here.
 */
export function boardOnPty(wire: UartWire, pty: Pty, clock: Clock): () => void {
  const { board } = wire;
  let lineFree = 0;
  let timer: Timer | undefined;
  pty.onData((data) => {
    lineFree = Math.max(lineFree, clock.now());
    for (const byte of data) board.transmit(byte, (lineFree += wire.byteTime));
  });
  const look = (): void => {
    const wait = board.nextArrival() - clock.now();
    if (!timer && wait !== Infinity) timer = clock.after(wait, deliver);
  };
  const deliver = (): void => {
    timer = undefined;
    const due: number[] = [];
    while (board.nextArrival() <= clock.now()) due.push(board.takeArrival());
    if (due.length) pty.write(Uint8Array.from(due));
    look();
  };
  board.onTraffic(look);
  return () => timer?.cancel();
}
