/**
 * Random bytes for epochs and challenges. The interpreter's own numbers are not enough: on a microcontroller they are
 * noise of the voltage reference, a few bits each, and on Linux the same at every start.
 */
import { be32, byte, EMPTY, fromText, join, slice, u32 } from "../../protocols/bytes/index.js";
import type { Bytes } from "../../protocols/bytes/index.js";
import { sha256 } from "../../protocols/crypto/index.js";

/** Numbers of the interpreter that are gathered at the start. */
const GATHERED = 32;

/** Everything gathered so far. It is never shown, only hashes of it. */
let pool = EMPTY;

/** Adds what nobody else knows, or what does not come again. */
export function stir(more: Bytes): void {
  pool = sha256(join(pool, more));
}

/** @param system the operating system's source, where there is one */
export function gatherRandom(system: boolean): void {
  let gathered = system ? fromText(E.openFile("/dev/urandom", "r").read(32)) : EMPTY;
  for (let i = 0; i < GATHERED; i++) gathered = join(gathered, be32(E.hwRand()));
  stir(gathered);
}

/** @param count 32 at the most */
export function randomBytes(count: number): Bytes {
  stir(join(be32(E.hwRand()), fromText("" + getTime())));
  return slice(sha256(join(pool, byte(0))), 0, count);
}

/** 32 bits. */
export function randomWord(): number {
  return u32(randomBytes(4), 0);
}
