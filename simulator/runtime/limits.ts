/** What a board's build of the interpreter allows. The figures come from the interpreter's own board files. */
export interface BoardLimits {
  /** As `process.env.BOARD` says it. */
  board: string;
  /** Variables the interpreter has, and bytes of one. */
  variables: number;
  blockSize: number;
  /** Bytes of flash for Storage. */
  storage: number;
  /** UARTs, named Serial1 and up. */
  uarts: number;
  /** Pin names that are globals. */
  pins: string[];
  /** Bytes of the queue that UARTs, USB and watches share. */
  eventQueue: number;
  /** Items of the transmit ring that all UARTs share. */
  transmitRing: number;
  /** Bytes a socket receives or sends in one idle turn. */
  chunk: number;
  /** Bytes that the network chip keeps for a connection before it closes the window. */
  receiveWindow: number;
  /** Open sockets the network chip has. */
  sockets: number;
  /** Where the console goes when no USB host is there: it eats what that port receives, and prints on it. */
  console: "USB" | "Serial1";
  /** `true`: two pins of the same number (A0, B0) cannot both be watched. */
  sharedInterrupts: boolean;
  /** The module that must bring the network up first; none on a PC. */
  network: "none" | "Wifi" | "WIZnet";
}

/** A datagram's address and length travel in front of it inside one chunk. */
export const DATAGRAM_HEADER = 8;

/** Pins A0..A15, B0..B15 and so on. */
export function pinNames(ports: string, each = 16): string[] {
  return [...ports].flatMap((port) => Array.from({ length: each }, (_, n) => port + n));
}

/** The build for a PC. */
export const linuxLimits: BoardLimits = {
  board: "LINUX",
  variables: 5000,
  blockSize: 13,
  storage: 262_144,
  uarts: 6,
  pins: pinNames("D", 32),
  eventQueue: 1024,
  transmitRing: 256,
  chunk: 536,
  receiveWindow: 65_536,
  sockets: 64,
  console: "USB",
  sharedInterrupts: false,
  network: "none",
};
