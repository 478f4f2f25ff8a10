/** DEV_LEASE: a host has a device for itself for a time, as long as the socket on which it asked is open [SVC-12]. */
import type { Failure } from "../../protocols/errors/index.js";
import { Phase } from "../../protocols/socket/socket.js";
import type { Socket } from "../../protocols/socket/socket.js";
import type { Sockets } from "../../protocols/socket/sockets.js";

/** @internal */
interface Lease {
  /** The session that has it, whatever link carries it. */
  sockets: Sockets;
  socket: Socket;
  who: string;
  /** Seconds, as getTime. */
  until: number;
}

/** By the device's name. What is over stays until it is looked at. */
const leases: { [device: string]: Lease } = {};

const enum Bound {
  /** Seconds of a lease. */
  longest = 3600,
  /** Characters of its holder's name. */
  name = 32,
}

/** Why a session, or somebody without one, may not use a device now, or "". */
export function denied(device: string, sockets: Sockets | null): Failure {
  const lease = leases[device];
  if (!lease) return "";
  const left = lease.until - getTime();
  if (left <= 0 || lease.socket.phase != Phase.open) {
    delete leases[device];
    return "";
  }
  if (lease.sockets == sockets) return "";
  return "EBUSY: " + device + " is leased to " + lease.who + " for " + Math.ceil(left) + " s more";
}

/** @param value seconds, a space and who; "" only asks. @returns the seconds that are left, or a failure */
export function leaseSetting(device: string, value: string, sockets: Sockets, socket: Socket): string {
  const failure = denied(device, sockets);
  if (failure) return failure;
  if (value) {
    const seconds = parseInt(value);
    if (!(seconds >= 0 && seconds <= Bound.longest)) return "EINVAL: a lease is 1 to 3600 seconds";
    const at = value.indexOf(" ") + 1;
    const who = (at && value.substring(at, at + Bound.name)) || "another host";
    delete leases[device];
    if (seconds) leases[device] = { sockets, socket, who, until: getTime() + seconds };
  }
  const lease = leases[device];
  return "" + (lease ? Math.ceil(lease.until - getTime()) : 0);
}
