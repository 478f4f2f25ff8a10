/** Time, printing, `process` and the other global functions of the board. */
import { format } from "./console.js";
import type { BoardLimits } from "./limits.js";
import type { Realm } from "./realm.js";

export const VERSION = "2v29";

export interface GlobalsHost {
  realm: Realm;
  board: BoardLimits;
  /** The time that the clock calls 0, in ms since 1970. */
  epoch: number;
  now: () => number;
  print: (line: string) => void;
  memory: () => MemoryReport;
  modules: () => string[];
  load: () => void;
  reset: () => void;
}

/** What process.memory() says; in variables, and in bytes for rx and tx. */
export interface MemoryReport {
  free: number;
  usage: number;
  total: number;
  history: number;
  gc: number;
  gctime: number;
  blocksize: number;
  rx: { used: number; total: number };
  tx: { used: number; total: number };
}

export function installGlobals(host: GlobalsHost): void {
  const { realm, board } = host;
  const time = (): number => host.epoch + host.now();
  const print = (...values: unknown[]): void => host.print(format(values));
  const console = realm.object();
  realm.methods(console, { log: print, debug: print, info: print, warn: print, error: print, trace: print });
  const process = realm.object({ version: VERSION });
  realm.methods(process, {
    memory: () => {
      const report = host.memory();
      return realm.object({ ...report, rx: realm.object(report.rx), tx: realm.object(report.tx) });
    },
  });
  const env = { VERSION, BOARD: board.board, STORAGE: board.storage, SERIAL: "00000000-00000000-00000001" };
  realm.define(process, "env", realm.object({ ...env, MODULES: host.modules().join() }));
  realm.define(realm.global, "process", process);
  realm.define(realm.global, "console", console);
  realm.define(realm.global, "global", realm.global);
  const nothing = (): void => undefined;
  realm.methods(realm.global, {
    print,
    trace: print,
    getTime: () => time() / 1000,
    // The firmware asks a Pico's UARTs whether they have lost bytes; simulated ones lose none unseen.
    peek32: () => 0,
    poke32: () => undefined,
    setTime: nothing,
    getSerial: () => env.SERIAL,
    load: () => host.load(),
    reset: () => host.reset(),
    save: nothing,
    echo: nothing,
    atob: (text: string) => Buffer.from(text, "base64").toString("latin1"),
    btoa: (text: string) => Buffer.from(text, "latin1").toString("base64"),
  });
  realm.methods(realm.global.Date as object, { now: () => Math.floor(time()) });
}

/** What is alive, for an estimate of the variables in use. */
export interface Live {
  /** Variables of the program's functions. */
  program: number;
  /** Bytes that wait in sockets. */
  queued: number;
  sockets: number;
  timers: number;
  watches: number;
  received: number;
  transmitting: number;
}

/** Variables that a freshly booted interpreter uses, and those of one timer, watch and socket. */
const IDLE = 200;
const PER_TIMER = 8;
const PER_WATCH = 12;
const PER_SOCKET = 35;

/** An estimate: the objects that the program made are not counted. */
export function memoryReport(board: BoardLimits, live: Live): MemoryReport {
  const usage = Math.ceil(
    IDLE +
      live.program +
      live.timers * PER_TIMER +
      live.watches * PER_WATCH +
      live.sockets * PER_SOCKET +
      live.queued / (board.blockSize - 1),
  );
  return {
    free: Math.max(0, board.variables - usage),
    usage,
    total: board.variables,
    history: 0,
    gc: 0,
    gctime: 1,
    blocksize: board.blockSize,
    rx: { used: live.received, total: board.eventQueue },
    tx: { used: live.transmitting, total: board.transmitRing },
  };
}
