/** The module `crypto`, as far as the firmware uses it: SHA256 and AES.encrypt. */
import { createCipheriv, createHash } from "node:crypto";
import { iterated } from "./binary.js";
import type { Realm } from "./realm.js";

const BLOCK = 16;
const MODES = ["CBC", "CFB", "CTR", "OFB", "ECB"];

/** What went wrong below the interpreter: it is said on the console, and the call gives undefined. */
class Complaint extends Error {}

/** @param print writes a line on the console */
export function cryptoModule(realm: Realm, print: (line: string) => void): object {
  const buffer = (data: Uint8Array): ArrayBufferLike => realm.bytes(data).buffer;
  const encrypt = (message: unknown, key: unknown, options: unknown): ArrayBufferLike | undefined => {
    if (options !== undefined && (typeof options !== "object" || options === null))
      throw new Complaint("'options' must be undefined, or an Object");
    const { mode = "CBC", iv } = (options ?? {}) as { mode?: unknown; iv?: unknown };
    if (!MODES.includes(mode as string)) throw realm.error(`Unknown Crypto mode ${JSON.stringify(mode)}`);
    const start = Buffer.alloc(BLOCK);
    if (iv !== undefined) iterated(realm, iv).copy(start);
    if (message === undefined || key === undefined) return undefined;
    return buffer(encrypted(mode as string, iterated(realm, key), start, iterated(realm, message)));
  };
  const AES = realm.object();
  realm.methods(AES, {
    encrypt: (message?: unknown, key?: unknown, options?: unknown) => {
      try {
        return encrypt(message, key, options);
      } catch (error) {
        if (!(error instanceof Complaint)) throw error;
        print(`ERROR: ${error.message}`);
        return undefined;
      }
    },
  });
  const module = realm.object();
  realm.define(module, "AES", AES);
  realm.methods(module, {
    SHA256: (message?: unknown) =>
      message === undefined ? undefined : buffer(createHash("sha256").update(iterated(realm, message)).digest()),
  });
  return module;
}

function encrypted(mode: string, key: Buffer, iv: Buffer, message: Buffer): Buffer {
  if (![16, 24, 32].includes(key.length)) throw new Complaint("Unknown error: -0x20");
  if (mode === "CFB" || mode === "OFB") throw new Complaint("Feature unavailable");
  if (mode === "CBC" && message.length % BLOCK !== 0) throw new Complaint("Invalid input length");
  // The interpreter leaves an iv out of account in counter mode; of a last block that is not whole, ECB makes zeros.
  const start = mode === "ECB" ? null : mode === "CTR" ? Buffer.alloc(BLOCK) : iv;
  const cipher = createCipheriv(`aes-${key.length * 8}-${mode.toLowerCase()}`, key, start).setAutoPadding(false);
  return Buffer.concat([cipher.update(message)], message.length);
}
