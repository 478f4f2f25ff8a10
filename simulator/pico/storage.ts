/**
 * Files in the interpreter's Storage as they lie in flash: 32 bytes with size and name before each, the next at a
 * multiple of 4. So a program is there at power on, as after an upload.
 */
import { failure } from "../simulation.js";

/** Where Storage lies in the Pico's flash. Source: Espruino 2v29, boards/RP2040_PICO.py, saved_code. */
export const STORAGE = { start: 0x1c0000, bytes: 64 * 4096 };

const HEADER = 32;
const NAME = 28;
const SIZE_MASK = 0xffffff;
const BLANK = 0xff;

/** Replaces all of Storage. @throws Error ENOSPC, EINVAL for a name that is too long */
export function writeFiles(flash: Uint8Array, files: Record<string, Uint8Array>): void {
  const bank = flash.subarray(STORAGE.start, STORAGE.start + STORAGE.bytes).fill(BLANK);
  const view = new DataView(bank.buffer, bank.byteOffset, bank.length);
  let at = 0;
  for (const [name, data] of Object.entries(files)) {
    if (name.length > NAME) throw failure("EINVAL", `${name} is no name for Storage: use at most ${NAME} characters`);
    if (at + HEADER + data.length > bank.length)
      throw failure(
        "ENOSPC",
        `${name} does not fit into Storage: leave files out, of ${STORAGE.bytes} bytes ${at} are taken`,
      );
    view.setUint32(at, data.length, true);
    bank.fill(0, at + 4, at + HEADER);
    bank.set(Buffer.from(name, "latin1"), at + 4);
    bank.set(data, at + HEADER);
    at = next(at, data.length);
  }
}

/** The files that are there; those erased are not. */
export function readFiles(flash: Uint8Array): Record<string, Uint8Array> {
  const bank = flash.subarray(STORAGE.start, STORAGE.start + STORAGE.bytes);
  const view = new DataView(bank.buffer, bank.byteOffset, bank.length);
  const files: Record<string, Uint8Array> = {};
  for (let at = 0; at + HEADER <= bank.length;) {
    const size = view.getUint32(at, true);
    if (size === 0xffffffff) break;
    const length = size & SIZE_MASK;
    const name = Buffer.from(bank.subarray(at + 4, at + HEADER))
      .toString("latin1")
      .replace(/\0.*$/s, "");
    if (name) files[name] = bank.slice(at + HEADER, at + HEADER + length);
    at = next(at, length);
  }
  return files;
}

function next(at: number, length: number): number {
  return at + HEADER + Math.ceil(length / 4) * 4;
}
