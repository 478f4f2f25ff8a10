import { countedOf } from "../../boards/index.js";
import type { BoardSpec } from "../../boards/index.js";

/** What a board's build of the interpreter allows. The figures come from the interpreter's own board files. */
export interface BoardLimits {
  /** As `process.env.BOARD` says it. */
  board: string;
  /** Variables the interpreter has, and bytes of one. */
  variables: number;
  blockSize: number;
  /** Bytes of flash for Storage. */
  storage: number;
  /** UARTs, Serial1 and up. */
  uarts: string[];
  /** I2C and SPI ports: I2C1, SPI1 and up. */
  buses: string[];
  /** Pin names that are globals. */
  pins: string[];
  /** Those with a converter. */
  analog: string[];
  /** Bytes of the queue that UARTs, USB and watches share. */
  eventQueue: number;
  /** Instructions that it runs in a second, of those that the table of costs counts; 0 where nobody counts. */
  instructions: number;
  /** Items of the transmit ring that all UARTs share. */
  transmitRing: number;
  /** Seconds that its watchdog can be set to at the most; 0 where there is none. */
  watchdog: number;
  /** Bytes a socket receives or sends in one idle turn. */
  chunk: number;
  /** Whether there is the module `crypto`. */
  crypto: boolean;
  /** Sockets the network has: servers and connections; 0 where there are no modules for it. */
  sockets: number;
  /** Connections that one listening port can have at once. */
  clients: number;
  /** Where the console goes when no USB host is there: it eats what that port receives, and prints on it. */
  console: "USB" | "Serial1";
  /** `true`: two pins of the same number (A0, B0) cannot both be watched. */
  sharedInterrupts: boolean;
  /** The module that must bring the network up first; none on a PC. */
  network: "none" | "Wifi" | "WIZnet";
  /** The interpreter's console is on a TCP port, too. */
  telnet: boolean;
  /** It announces its host name by mDNS. */
  mdns: boolean;
}

/** A datagram's address and length travel in front of it inside one chunk. */
export const DATAGRAM_HEADER = 8;

/** Pins of the build for a PC; nothing hangs on them. */
const PC_PINS = Array.from({ length: 32 }, (_, number) => `D${number}`);

/** Of a program for one board at the speed of another: what decides how long it is busy, and what waits meanwhile. */
export function speedOf(spec: BoardSpec): Partial<BoardLimits> {
  const { chunk, transmitRing, eventQueue, network } = spec;
  // One without a network is given that of the program.
  return { ...(network.sockets > 0 && { chunk }), transmitRing, eventQueue, instructions: countedOf(spec) };
}

/** What follows from a board's description. */
export function limitsOf(spec: BoardSpec): BoardLimits {
  const { chunk, transmitRing, eventQueue, variables, storage, network, watchdog } = spec;
  return {
    board: spec.interpreter,
    ...{ chunk, transmitRing, eventQueue, variables, storage, watchdog, instructions: countedOf(spec) },
    blockSize: spec.variableBytes,
    uarts: Object.keys(spec.uarts).filter((name) => name !== "USB"),
    buses: [...Object.keys(spec.buses), ...(network.spi ? [network.spi.port] : [])],
    pins: spec.pins ? spec.pins.split(" ") : PC_PINS,
    analog: spec.analog ? spec.analog.split(" ") : PC_PINS,
    sockets: network.sockets,
    clients: network.clients,
    crypto: spec.crypto,
    network: network.module || "none",
    telnet: network.telnet,
    mdns: network.mdns,
    // STM32: a USB console without a host moves to Serial1
    console: spec.paths ? "USB" : "Serial1",
    sharedInterrupts: spec.interrupts.byNumber,
  };
}
