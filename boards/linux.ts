import type { BoardSpec } from "./board.js";

/** The interpreter's Linux build: the real language and network code on a PC. */
export const board: BoardSpec = {
  id: "linux",
  chunk: 536,
  datagram: 528,
  serialPayload: 256,
  transmitRing: 256,
  window: 8,
  sessions: 3,
};
