/** An Espruino board in software: the interpreter's globals and idle loop around a program. */
import { detokenise } from "../../boards/tokens.js";
import type { Clock, Timer } from "../clock.js";
import type { BoardNetwork } from "../network/index.js";
import { Random } from "../random.js";
import type { BoardUart } from "../wire.js";
import { Analog } from "./analog.js";
import { binary, bytesOf } from "./binary.js";
import { BusPorts } from "./buses.js";
import { addNetworkModule } from "./board-modules.js";
import type { Uplink } from "./board-modules.js";
import { Meter } from "./costs/meter.js";
import type { CostTable } from "./costs/natives.js";
import { COSTS } from "./costs/index.js";
import { cryptoModule } from "./crypto-module.js";
import { installE } from "./e.js";
import { installEmitter } from "./emitter.js";
import { EventQueue } from "./event-queue.js";
import { installGlobals, memoryReport, type MemoryReport } from "./globals.js";
import { Interpreter, type ErrorFlag } from "./interpreter.js";
import { adaptLanguage, installPromise } from "./language.js";
import type { BoardLimits } from "./limits.js";
import { Loop, type Costs } from "./loop.js";
import { Modules } from "./modules.js";
import { dgramModule, netModule } from "./network-modules.js";
import { OneWirePins } from "./onewire.js";
import { Pins } from "./pins.js";
import { Realm } from "./realm.js";
import { SerialPorts } from "./serial.js";
import { Repl } from "./repl.js";
import { storageModule, type Flash } from "./storage.js";
import { StreamBuffer } from "./stream.js";
import { TcpSockets, type NetworkWork } from "./tcp.js";
import { Timers } from "./timers.js";
import { TransmitRing } from "./transmit-ring.js";
import { UdpSockets } from "./udp.js";

export interface RuntimeOptions {
  board: BoardLimits;
  clock: Clock;
  network: BoardNetwork;
  storage: Flash;
  seed: number;
  /** What the program prints, a line at a time. */
  log?: (line: string) => void;
  costs?: Costs;
  /** What operations take, if not what was measured. */
  table?: CostTable;
  /** The program called load() or E.reboot(), or starved the watchdog. */
  onRestart?: () => void;
}

/** The file that runs when the board starts. */
export const BOOT_FILE = ".bootcde";

/** Little, but not nothing: a program that never rests must not stop virtual time. */
const DEFAULT_COSTS: Costs = { turn: 0.1, callback: 0.2, look: 0.01 };

/** Of a board whose instructions are counted. */
const CHARGED: Costs = { turn: 0, callback: 0, look: 0.01 };

export class EspruinoRuntime {
  readonly realm = new Realm();
  readonly oneWire: OneWirePins;
  readonly pins: Pins;
  readonly serial: SerialPorts;
  private readonly repl: Repl;
  /** Whether the interpreter has its console on a TCP port. */
  telnet: boolean;
  readonly buses: BusPorts;
  readonly analog: Analog;
  /** What the board's network comes from, where a module brings it up. */
  uplink: Uplink | undefined;
  private readonly loop: Loop;
  private readonly meter: Meter | undefined;
  private readonly queue: EventQueue;
  private readonly interpreter: Interpreter;
  private readonly timers: Timers;
  private readonly modules: Modules;
  private readonly tcp: TcpSockets;
  private readonly udp: UdpSockets;
  private readonly ring: TransmitRing;
  private readonly streams: StreamBuffer;
  private readonly random: Random;
  /** The time that the clock calls 0, in ms since 1970. */
  private readonly epoch: number;
  private newSocket: (() => object) | undefined;
  private watchdog: { seconds: number; timer: Timer } | undefined;
  private online: boolean;
  private away = false;
  private ending: "restart" | "reset" | undefined;

  constructor(private readonly options: RuntimeOptions) {
    const { board, clock, network, storage } = options;
    const { realm } = this;
    const costs =
      options.costs ?? (board.instructions ? { ...CHARGED, instructions: board.instructions } : DEFAULT_COSTS);
    this.meter = costs.instructions ? new Meter(realm, options.table ?? COSTS, costs.instructions) : undefined;
    const loop = (this.loop = new Loop(clock, costs, this.meter));
    const now = (): number => loop.now();
    this.epoch = Date.now() - clock.now();
    this.random = new Random(options.seed);
    this.online = board.network === "none";
    this.telnet = board.telnet;
    this.interpreter = new Interpreter(
      realm,
      () => loop.chargeCallback(),
      (line) => this.print(line),
    );
    this.queue = new EventQueue(board.eventQueue, () => this.interpreter.raise("FIFO_FULL"));
    this.ring = new TransmitRing(board.transmitRing);
    this.streams = new StreamBuffer(this.interpreter);
    this.serial = new SerialPorts(realm, this.queue, this.ring, this.streams, {
      now,
      look: loop.look,
      assign: (pin) => this.pins.assign(pin),
      waitUntil: (time) => loop.waitUntil(time),
      log: (line) => options.log?.(line),
      typed: (data) => this.repl.type(data),
    });
    this.repl = new Repl(
      (text) => realm.evaluate(text, "console"),
      (text) => this.serial.write(this.serial.consolePort!, bytesOf(text)),
    );
    this.timers = new Timers(realm, this.interpreter, now);
    this.pins = new Pins(realm, this.interpreter, this.queue, {
      names: board.pins,
      sharedInterrupts: board.sharedInterrupts,
      epoch: this.epoch,
      now: () => clock.now(),
      interrupt: (push) => loop.interrupt(push),
    });
    this.buses = new BusPorts(realm, {
      busy: (ms) => this.busy(ms),
      write: (pin, level) => this.pins.set(pin, level),
    });
    this.analog = new Analog(realm, this.interpreter, {
      clock,
      converts: (pin) => board.analog.includes(pin),
      flipped: (waveform) => loop.interrupt(() => this.queue.pushFlip(waveform)),
    });
    const work: NetworkWork = (kind, bytes) => this.meter?.event(kind, bytes);
    this.tcp = new TcpSockets(realm, this.interpreter, this.streams, network, board, work);
    this.udp = new UdpSockets(realm, this.interpreter, network, board.chunk, this.random, work);
    this.modules = new Modules(realm, storage);
    this.oneWire = new OneWirePins(realm, { busy: (ms) => this.busy(ms) });
    storage.now = now;
    this.install();
  }

  /** Hangs a cable on a UART. */
  attach(port: string, wire: BoardUart): void {
    this.serial.attach(port, wire);
  }

  /** Starts the program in the boot file. */
  start(): void {
    this.options.network.onActivity(this.loop.wake);
    const { queue, interpreter, serial, pins, analog, timers } = this;
    this.loop.start({
      queue,
      interpreter,
      serial,
      pins,
      analog,
      timers,
      network: () => this.serveNetwork(),
      done: this.endOfTurn,
    });
    const boot = this.options.storage.read(BOOT_FILE);
    if (boot) this.run(detokenise(binary(boot)), BOOT_FILE);
  }

  /** Runs a program text. */
  run(source: string, file = "program"): void {
    this.loop.run(() => {
      try {
        this.realm.evaluate(this.realm.translate(source), file);
      } catch (error) {
        this.interpreter.caught(error);
      }
      this.interpreter.emit(this.realm.global.E as object, "init", []);
      this.interpreter.report();
    });
  }

  /** Stops at once, as when power goes: connections are cut. */
  stop(): void {
    this.loop.stop();
    this.analog.stop();
    this.watchdog?.timer.cancel();
    this.options.network.onActivity(() => {});
    this.options.network.reset();
  }

  /** Charges work to the interpreter: until it is done nothing else runs, while interrupts fill the queue. */
  busy(ms: number): void {
    this.loop.busy(ms);
    this.loop.look();
  }

  /** A hardware fault, as the interrupt that sees it reports it. */
  raise(flag: ErrorFlag): void {
    this.interpreter.raise(flag);
    this.loop.wake();
  }

  /** A byte with a framing error on a UART. */
  framingError(port: string): void {
    const index = this.serial.indexOfName(port);
    if (index === undefined) throw new Error(`this board has no ${port}`);
    this.loop.interrupt(() => this.queue.pushStatus(index, { framing: true, parity: false }));
  }

  /** The interpreter's time in ms: ahead of the clock while it is busy. */
  now(): number {
    return this.loop.now();
  }

  memory(): MemoryReport {
    return memoryReport(this.options.board, {
      program: this.modules.variables,
      queued: this.tcp.queued + this.udp.queued,
      sockets: this.tcp.open + this.udp.open,
      timers: this.timers.size,
      watches: this.pins.watching,
      received: this.queue.used,
      transmitting: this.ring.used(this.loop.now()),
    });
  }

  /** Uncaught exceptions, events that found the queue full, bytes cut off datagrams. */
  get counters(): { exceptions: number; dropped: number; cut: number } {
    return { exceptions: this.interpreter.exceptions, dropped: this.queue.dropped, cut: this.udp.cut };
  }

  /** ms of the interpreter's time so far, by what it was busy with. */
  get spent(): Loop["spent"] {
    return this.loop.spent;
  }

  /** Most bytes that the event queue has held. */
  get mostQueued(): number {
    return this.queue.most;
  }

  private *serveNetwork(): Generator<void, boolean> {
    const streams = this.newSocket ? yield* this.tcp.idle(this.newSocket) : false;
    return (yield* this.udp.idle()) || streams;
  }

  private readonly endOfTurn = (): void => {
    if (!this.ending) return;
    const restart = this.ending === "restart";
    this.ending = undefined;
    this.stop();
    if (restart) this.options.onRestart?.();
  };

  private print(line: string): void {
    this.options.log?.(line);
    const port = this.serial.consolePort;
    if (port && this.serial.isSetUp(port)) this.serial.write(port, bytesOf(line + "\r\n"));
  }

  private telnetModule(): object {
    const module = this.realm.object();
    this.realm.methods(module, {
      setOptions: ({ mode }: { mode?: unknown }) => {
        this.telnet = mode === "on";
      },
    });
    return module;
  }

  private restart(): void {
    this.ending ??= "restart";
    this.loop.wake();
  }

  private kickWatchdog(): void {
    if (this.watchdog) this.startWatchdog(this.watchdog.seconds);
  }

  private startWatchdog(seconds: number): void {
    this.watchdog?.timer.cancel();
    const timer = this.options.clock.after(seconds * 1000, () => this.restart());
    this.watchdog = { seconds, timer };
  }

  private enableWatchdog(seconds: number, automatic: boolean): void {
    const most = this.options.board.watchdog;
    if (most === 0) return;
    // Here no turn is without an end.
    if (automatic) this.watchdog?.timer.cancel();
    else this.startWatchdog(Math.min(seconds, most));
    if (seconds > most) throw this.realm.error("Maximum watchdog timeout exceeded");
  }

  private install(): void {
    const { realm, interpreter, serial, streams, tcp, udp, modules, options } = this;
    adaptLanguage(realm);
    installPromise(realm, interpreter);
    installEmitter(realm, interpreter, streams);
    this.oneWire.install();
    this.timers.install();
    serial.install(options.board.uarts);
    this.buses.install(options.board.buses);
    serial.consolePort = serial.indexOfName(options.board.console);
    this.pins.install();
    this.analog.install();
    const { random } = this;
    realm.methods(realm.global.Math as object, { random: () => random.fraction() });
    installE({
      ...{ realm, interpreter, serial, random, repl: this.repl },
      restart: () => this.restart(),
      kickWatchdog: () => this.kickWatchdog(),
      enableWatchdog: (seconds, automatic) => this.enableWatchdog(seconds, automatic),
    });
    const parts = {
      realm,
      interpreter,
      streams,
      tcp,
      udp,
      online: () => this.online,
      away: () => this.away,
      wake: this.loop.wake,
    };
    modules.add("Storage", () => storageModule(realm, options.storage));
    if (options.board.crypto) modules.add("crypto", () => cryptoModule(realm, (line) => this.print(line)));
    if (options.board.sockets > 0) {
      modules.add("net", () => {
        const { module, newSocket } = netModule(parts);
        this.newSocket = newSocket;
        return module;
      });
      modules.add("dgram", () => dgramModule(parts));
    }
    if (options.board.telnet) modules.add("TelnetServer", () => this.telnetModule());
    this.uplink = addNetworkModule(modules, options.board, {
      ...{ realm, interpreter, online: () => void (this.online = true) },
      later: (ms, run) => void options.clock.after(ms, () => (run(), this.loop.wake())),
      reach: (there) => {
        this.away = !there;
        options.network.reach(there);
      },
      cut: (told) => {
        options.network.cut();
        if (told) udp.end();
        else udp.forget();
      },
      busy: (ms) => this.busy(ms),
    });
    modules.install();
    installGlobals({
      ...{ realm, board: options.board, epoch: this.epoch, now: () => this.loop.readTime() },
      print: (line) => this.print(line),
      memory: () => this.memory(),
      modules: () => modules.names,
      load: () => this.restart(),
      reset: () => void (this.ending = "reset"),
    });
    this.meter?.install();
  }
}
