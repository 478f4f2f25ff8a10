/**
 * What a firmware may have, or leave out so that its board's Storage holds more modules: printers, their raw ports, and ids of jobs that outlive a loss of power; links on UDP and on serial lines; answers to `devsock discover`;
 * the services discard and chargen; transactions on UARTs and buses, settings of devices and leases (`extras`); sockets of the board's own network, and of its programs; other boards that it dials (docs/decisions/0015); a camera's HTTP;
 * a watchdog, and a new start after a crash, with its reason; a count of starts, which without slots shows a crash loop (docs/decisions/0017); two slots in Storage, and a way back from what does not start (docs/decisions/0013); the interpreter's console over a session (docs/decisions/0014);
 * and that what takes long comes a turn later while an alarm waits in a TCP connection (`aside`).
 */
export type Feature =
  | "printers"
  | "raw"
  | "ids"
  | "udp"
  | "discover"
  | "serial"
  | "chargen"
  | "extras"
  | "inet"
  | "peers"
  | "programs"
  | "http"
  | "watchdog"
  | "starts"
  | "slots"
  | "console"
  | "aside";

/** One of a board's firmwares. */
export interface Build {
  /** Behind the board's in the names of its files; "" of the first. */
  readonly name: string;
  readonly features: readonly Feature[];
}

/** What the firmware, the simulator and the host have to know of a kind of board. One declarative file a board. */
export interface BoardSpec {
  /** Name in `--board` and in configurations. */
  readonly id: string;
  /** What people call it. */
  readonly title: string;
  /** What its interpreter calls it: `process.env.BOARD`. Who flashes asks for it first. */
  readonly interpreter: string;
  /** Why no firmware runs on it, and which board would do instead: then it has no builds, and a configuration for it is refused with this. */
  readonly refuses?: string;

  /** TCP: bytes the interpreter takes or gives in one idle turn. */
  readonly chunk: number;
  /** UDP: longest datagram that is not cut, in bytes. */
  readonly datagram: number;
  /** Serial link: longest payload of a frame that comes; one that goes fits the transmit ring as well. On the wire the longest that an alarm waits. */
  readonly serialPayload: number;
  /** Items of the transmit ring that all UARTs share. */
  readonly transmitRing: number;
  /** Sequenced frames kept while one before them is missing. */
  readonly window: number;
  /** Sessions at once, on TCP and on UDP each. */
  readonly sessions: number;

  /** Items of the one event queue of all UARTs, USB and watches; an event takes 2 and its bytes. */
  readonly eventQueue: number;
  /** Bytes that a UART keeps until the interpreter asks it; 0 where each one is an interrupt. */
  readonly uartFifo: number;
  /** The interpreter's variables: all of its memory. */
  readonly variables: number;
  /** Bytes of one variable. */
  readonly variableBytes: number;
  /** Bytes of Storage for the program and its configuration. */
  readonly storage: number;
  /** Most bytes of the marks by which a print job is found again after a power cut. */
  readonly marks: number;
  /**
   * Whether the program lies in flash pages that Storage erases to write them anew, so that a power cut in just that time loses it:
   * then jobs have ids, which fill those pages, only when they are asked for.
   */
  readonly sharedFlash: boolean;
  /** Whether the interpreter has SHA256 and AES: without them there are no keys, and nobody is asked for one. */
  readonly crypto: boolean;
  /** By how much its clock and a host's may be apart in speed at the worst, as a share: docs/clock.md. */
  readonly drift: number;
  /** Its firmwares, the one that has most first: a configuration gets the first that has all it needs and leaves room for its modules. */
  readonly builds: readonly Build[];
  /** Clock of the processor in MHz; 0 where it is a PC's. */
  readonly mhz: number;
  readonly network: Network;
  /**
   * UARTs by the interpreter's names, with the pins that can serve them; the first of a list is its default. One without pins is the cable to a
   * host, where a link can be on it; so is `USB`.
   */
  readonly uarts: { readonly [name: string]: UartPins };
  /** I2C and SPI ports by the interpreter's names, with the pins that can serve them; the first of a list is its default. */
  readonly buses: { readonly [port: string]: BusPins };
  /** Pins on the headers, separated by spaces. Empty where there are none. */
  readonly pins: string;
  /** Those of them that can only be read. */
  readonly inputs?: string;
  /** Those of them that have a converter. */
  readonly analog: string;
  /** Pins that can be watched at once; where `byNumber`, those of one number on all ports share a line: A0 and B0 cannot both be watched. */
  readonly interrupts: { readonly lines: number; readonly byNumber: boolean };
  /** For who wires it; none where there are no pins. */
  readonly power?: Power;
  /** UARTs are terminal devices of an operating system, and have a path instead of pins. */
  readonly paths: boolean;
  /** Seconds until its watchdog resets the chip: 26, or the most that it can count; 0 where the interpreter has none. */
  readonly watchdog: number;
  /** Speeds a UART can be set to: a list, or a least and a most. */
  readonly bauds: readonly number[] | { readonly least: number; readonly most: number };
}

export interface UartPins {
  readonly tx: readonly string[];
  readonly rx: readonly string[];
}

export interface Power {
  /** What the headers call 3.3 V and 5 V; "" where there is none. */
  readonly v3: string;
  readonly v5: string;
  /** Pins that bear no more than 3.3 V, separated by spaces; `all` where none bears 5 V. */
  readonly only3V3: string;
}

/** By signal: `scl` and `sda`, or `sck`, `miso` and `mosi`. */
export interface BusPins {
  readonly [signal: string]: readonly string[];
}

export interface Network {
  /** The interpreter's module that brings the network up, or none where it is always there. */
  readonly module: "WIZnet" | "Wifi" | "";
  /** Sockets at once: servers, connections and UDP together. */
  readonly sockets: number;
  /** TCP ports that can be listened on at once. */
  readonly servers: number;
  /** Connections that one listening port can have at once. */
  readonly clients: number;
  /** Pins on the headers that its hardware hangs on, separated by spaces. */
  readonly pins?: string;
  /** WIZnet: its SPI port; null for the interpreter's own, an STM32's SPI3 on B3, B4 and B5. Named for each, so that the build leaves nothing of the others. */
  readonly spi?: { readonly port: string; readonly sck: string; readonly miso: string; readonly mosi: string } | null;
  /** WIZnet: its chip select. */
  readonly cs?: string;
  /** The interpreter has its console on a TCP port as well, by itself: the firmware closes it. */
  readonly telnet: boolean;
  /** The interpreter announces the board's host name by mDNS. */
  readonly mdns: boolean;
  /** Bits a second of the UART with flow control that it hangs on: what comes goes through the event queue. */
  readonly baud?: number;
}
