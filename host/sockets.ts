/** BSD sockets by their own names: every constant and every call. docs/sockets.md has what works where. */
import * as calls from "./bsd/calls.js";
import * as constants from "./constants.js";
import type { Board } from "./gateway.js";

export * from "./bsd/calls.js";
export * from "./constants.js";

/** Every constant and every call. */
export type BoardSockets = typeof calls & typeof constants;

/** The same calls, where an address that names no board means this one. */
export function socketsOf(board: Board | string): BoardSockets {
  return {
    ...constants,
    ...calls,
    socket: (family, type, protocol = 0) => calls.socket(family, type, protocol, board),
  };
}
