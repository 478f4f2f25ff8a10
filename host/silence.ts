/** How long a silent board is waited for, and what is said then. */
import type { Failure } from "../protocols/index.js";
import { DevsockError } from "./errors.js";

/** Silence in ms that ends a link with an open socket: by then ten questions of the session [SES-11] were in vain. */
export const SILENCE = 15_000;

/** The session's first question comes after 5 s: less would end links that are only idle. */
const LEAST = 6000;

/** @throws DevsockError EINVAL */
export function checkSilence(ms: number): void {
  if (!(ms >= LEAST)) throw new DevsockError(`EINVAL: silence is a time in ms, ${LEAST} or more, not ${ms}`);
}

/** A board that had been there says nothing any more. */
export function unheard(address: string, silence: number): Failure {
  const way = isSerial(address) ? "the cable" : "the network";
  return `ETIMEDOUT: nothing was heard from ${address} for ${silence / 1000} s; check the board's power and ${way}, then connect again`;
}

/** @param discarded bytes that came and were none of a board's */
export function unanswered(address: string, timeout: number, discarded: number): DevsockError {
  const what = discarded
    ? `only bytes that make no sense came from ${address}`
    : `no devsock board answered at ${address}`;
  const check = !isSerial(address)
    ? "the address, that its port is the board's link and not a printer's (9100), and that the board is on"
    : discarded
      ? "the speed (?baud=), which has to be the one in the board's configuration"
      : "the port, the speed (?baud=) and that the board is on";
  return new DevsockError(`ETIMEDOUT: ${what} within ${timeout / 1000} s; check ${check}`, { origin: "link", address });
}

function isSerial(address: string): boolean {
  return address.startsWith("serial:");
}
