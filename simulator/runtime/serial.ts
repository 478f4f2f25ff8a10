/** Serial ports: bytes from the wire enter the shared queue, writes go through the shared transmit ring. */
import type { BoardUart } from "../wire.js";
import { asText, toBytes } from "./binary.js";
import type { EventQueue } from "./event-queue.js";
import type { Realm } from "./realm.js";
import type { StreamBuffer } from "./stream.js";
import type { TransmitRing } from "./transmit-ring.js";

/** XOFF goes out when the queue is filled this far, XON when it is down to that. */
const XOFF_AT = 6 / 8;
const XON_AT = 3 / 8;
/** Two ports that are each other's far end, without time. */
const LOOPBACK = ["LoopbackA", "LoopbackB"];
const XON = 0x11;
const XOFF = 0x13;

interface Port {
  object: object;
  name: string;
  wire: BoardUart | undefined;
  baud: number;
  /** Receive flow control, the check of each byte, and whether errors are told, as setup asked for them. */
  xon: boolean;
  parity: boolean;
  errors: boolean;
  held: boolean;
}

export class SerialPorts {
  private readonly ports = new Map<number, Port>();
  /** The port the console sits on eats what it receives. */
  consolePort: number | undefined;

  constructor(
    private readonly realm: Realm,
    private readonly queue: EventQueue,
    private readonly ring: TransmitRing,
    private readonly streams: StreamBuffer,
    private readonly environment: {
      now: () => number;
      waitUntil: (time: number) => void;
      look: () => void;
      /** A UART takes a pin. */
      assign: (pin: string) => void;
      log: (line: string) => void;
      /** At the console, where the program itself has the other end of it. */
      typed: (data: string) => void;
    },
  ) {}

  install(names: string[]): void {
    const { realm } = this;
    const Serial = realm.evaluate("(function Serial() {})", "serial") as { prototype: object; new (): object };
    realm.define(realm.global, "Serial", Serial);
    this.installMethods(Serial.prototype);
    for (const [index, name] of ["USB", ...names, ...LOOPBACK].entries()) {
      const object = new Serial();
      this.ports.set(index, {
        object,
        name,
        wire: undefined,
        baud: 0,
        xon: false,
        parity: false,
        errors: false,
        held: false,
      });
      realm.define(realm.global, name, object);
    }
  }

  /** Hangs a cable on a port. */
  attach(name: string, wire: BoardUart): void {
    const port = [...this.ports.values()].find((entry) => entry.name === name);
    if (!port) throw new Error(`this board has no ${name}`);
    port.wire = wire;
  }

  /** When the next byte is complete on any port that listens. */
  next(): number {
    let next = Infinity;
    for (const port of this.listening()) next = Math.min(next, port.wire.nextArrival());
    return next;
  }

  /** Moves what has arrived by a time into the queue, in the order of arrival. */
  receive(until: number): void {
    for (;;) {
      let first: (Port & { wire: BoardUart }) | undefined;
      for (const port of this.listening())
        if (port.wire.nextArrival() <= (first?.wire.nextArrival() ?? until)) first = port;
      if (!first) return;
      const at = first.wire.nextArrival();
      const byte = first.wire.takeArrival();
      // The byte itself comes behind that.
      if (first.errors && first.parity && first.wire.parity && first.wire.damaged)
        this.queue.pushStatus(this.indexOf(first), { framing: false, parity: true });
      this.queue.pushChar(this.indexOf(first), String.fromCharCode(byte));
      if (first.xon && !first.held && this.queue.used > this.queue.size * XOFF_AT) this.hold(first, XOFF, at);
    }
  }

  /** A port that must not wait with its flow control until the interpreter has time. */
  get urgent(): boolean {
    return [...this.ports.values()].some((port) => port.xon);
  }

  /** The interpreter has taken events: peers that were held may go on. */
  release(): void {
    if (this.queue.used >= this.queue.size * XON_AT) return;
    for (const port of this.ports.values()) if (port.held) this.hold(port, XON, this.environment.now());
  }

  handle(index: number, data: string): void {
    const port = this.ports.get(index);
    if (port && index === this.consolePort && LOOPBACK.includes(port.name)) return this.environment.typed(data);
    if (!port || index === this.consolePort) return;
    this.streams.push(port.object, data, true);
  }

  objectOf(index: number): object | undefined {
    return this.ports.get(index)?.object;
  }

  indexOfName(name: string): number | undefined {
    for (const [index, port] of this.ports) if (port.name === name) return index;
    return undefined;
  }

  indexOfObject(object: unknown): number | undefined {
    for (const [index, port] of this.ports) if (port.object === object) return index;
    return undefined;
  }

  nameOf(index: number): string | undefined {
    return this.ports.get(index)?.name;
  }

  isSetUp(index: number): boolean {
    const port = this.ports.get(index);
    return !!port && (port.baud > 0 || LOOPBACK.includes(port.name));
  }

  write(index: number, data: Uint8Array): void {
    const port = this.ports.get(index);
    if (port && LOOPBACK.includes(port.name)) return this.loop(LOOPBACK[1 - LOOPBACK.indexOf(port.name)]!, data);
    if (!port?.baud || !port.wire) {
      if (index !== 0) this.environment.log(`${port?.name ?? "Serial"}.write before setup, or nothing connected`);
      return;
    }
    for (const byte of data) {
      const { resume, arrives } = this.ring.push(index, 10_000 / port.baud, this.environment.now());
      this.environment.waitUntil(resume);
      port.wire.transmit(byte, arrives);
    }
  }

  private loop(name: string, data: Uint8Array): void {
    for (const byte of data) this.queue.pushChar(this.indexOfName(name)!, String.fromCharCode(byte));
    this.environment.look();
  }

  private *listening(): Generator<Port & { wire: BoardUart }> {
    for (const port of this.ports.values()) if (port.baud && port.wire) yield port as Port & { wire: BoardUart };
  }

  private indexOf(port: Port): number {
    for (const [index, entry] of this.ports) if (entry === port) return index;
    return -1;
  }

  private hold(port: Port, code: number, at: number): void {
    port.held = code === XOFF;
    const { arrives } = this.ring.push(this.indexOf(port), 10_000 / port.baud, at);
    port.wire?.transmit(code, arrives);
  }

  private setup(port: Port, baud: number, options: Record<string, unknown>): void {
    if (options.tx !== undefined) this.environment.assign(asText(options.tx));
    port.baud = baud;
    port.xon = options.flow === "xon";
    port.parity = options.parity === "odd" || options.parity === "even";
    port.errors = options.errors === true;
    if (port.wire && Math.abs(port.wire.baud / baud - 1) > 0.05)
      this.environment.log(
        `${port.name} is set to ${baud} Bd, its cable's far end to ${port.wire.baud}: what passes is garbled`,
      );
    port.wire?.setBaud(baud);
    port.wire?.onTraffic(this.environment.look);
    this.environment.look();
  }

  private installMethods(prototype: object): void {
    const { realm, streams } = this;
    const portOf = (object: object): Port => {
      const port = this.ports.get(this.indexOfObject(object) ?? -1);
      if (!port) throw realm.error("Software serial is not simulated");
      return port;
    };
    const write = (object: object, data: unknown): void => this.write(this.indexOf(portOf(object)), toBytes(data));
    const setup = (object: object, baud: number, options: Record<string, unknown>): void =>
      this.setup(portOf(object), baud, options);
    const inject = (object: object, data: Uint8Array): void => {
      for (const byte of data) this.queue.pushChar(this.indexOf(portOf(object)), String.fromCharCode(byte));
      this.environment.look();
    };
    const flush = (object: object): void => this.environment.waitUntil(this.ring.flushed(this.indexOf(portOf(object))));
    const methods = {
      setup(this: object, baud = 9600, options: Record<string, unknown> = {}) {
        setup(this, baud, options);
      },
      unsetup(this: object) {
        Object.assign(portOf(this), { baud: 0, xon: false, held: false });
      },
      write(this: object, ...data: unknown[]) {
        write(this, data);
      },
      print(this: object, data: unknown) {
        write(this, String(data));
      },
      println(this: object, data: unknown) {
        write(this, String(data) + "\r\n");
      },
      inject(this: object, ...data: unknown[]) {
        inject(this, toBytes(data));
      },
      flush(this: object) {
        flush(this);
      },
      isConnected(this: object) {
        return portOf(this).baud > 0;
      },
      available(this: object) {
        return streams.available(this);
      },
      read(this: object, count = 0) {
        return streams.read(this, count);
      },
    };
    realm.methods(prototype, methods);
  }
}
