/** setsockopt and getsockopt on the board. docs/sockets.md says which option works where. */
import { codeOf } from "../../protocols/errors/index.js";
import { tell } from "./handle.js";
import type { Callback, Handle } from "./handle.js";

export const SOL_SOCKET = 1;
export const SOL_DEVICE = 1000;
export const SO_TYPE = 3;
export const SO_ERROR = 4;
export const SO_SNDBUF = 7;
export const SO_RCVBUF = 8;
export const SO_PRIORITY = 12;
export const SO_RCVTIMEO = 20;

/** Bytes that a board's socket may hold, whatever its program wants. */
const MOST_BUFFER = 4096;

/** Asks the device, or sets: `name`, `name=value`. */
function ask(s: Handle, text: string, told: Callback): void {
  if (!s.socket || !s.socket.ask)
    return tell(told, "ENOTCONN: options of a device need a socket that was connected to it");
  if (s.asker) return tell(told, "EALREADY: another option is on its way; wait for that");
  s.asker = told;
  s.socket.ask(0, text);
}

export function setsockopt(s: Handle, level: number, name: number | string, value: number, told: Callback): void {
  if (level == SOL_DEVICE) return ask(s, name + "=" + value, (error) => told(error));
  if (!(value >= 0)) return tell(told, "EINVAL: the value is a number from 0 up");
  if (name == SO_RCVTIMEO) s.patience = value;
  else if (name == SO_SNDBUF && s.socket) s.socket.sendBuffer = Math.min(value, MOST_BUFFER);
  else if (name == SO_PRIORITY || name == SO_RCVBUF) {
    if (s.socket) return tell(told, "EISCONN: this option travels with the connection; set it before connect");
    if (name == SO_RCVBUF) s.buffer = Math.min(value, MOST_BUFFER);
    else if (value > 3) return tell(told, "EINVAL: SO_PRIORITY is 0 to 3");
    else s.priority = value;
  } else return tell(told, "ENOPROTOOPT: a board's socket has no option " + name + "; docs/sockets.md has them");
  tell(told, "");
}

export function getsockopt(s: Handle, level: number, name: number | string, told: Callback): void {
  if (level == SOL_DEVICE) return ask(s, "" + name, told);
  if (name == SO_TYPE) return tell(told, "", s.type);
  if (name == SO_ERROR) {
    const error = s.failure ? codeOf(s.failure) : 0;
    if (!s.ended) s.failure = "";
    return tell(told, "", error);
  }
  if (name == SO_RCVTIMEO) return tell(told, "", s.patience);
  if (name == SO_PRIORITY) return tell(told, "", s.priority);
  if (name == SO_RCVBUF) return tell(told, "", s.buffer);
  if (name == SO_SNDBUF && s.socket) return tell(told, "", s.socket.sendBuffer);
  tell(told, "ENOPROTOOPT: a board's socket has no option " + name + "; docs/sockets.md has them");
}
