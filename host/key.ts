/** A board's key: 32 random bytes, written as 64 hexadecimal digits, in a file that nobody else may read. */
import { randomBytes } from "node:crypto";
import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { CONSOLE, CONSOLE_PASSWORD } from "../protocols/service/secrets.js";
import { ACCESS_POINT, accessPointPassword as passwordOf, hmac, hmacKey } from "../protocols/index.js";
import { DevsockError, fromNode } from "./errors.js";

export const KEY_BYTES = 32;

/** The form of its text, in any case. */
export const KEY_FORM = /^[0-9a-f]{64}$/i;

/** Longest file that is taken for one with a key. */
const LONGEST = 1024;

/** A new key, as text. */
export function newKey(): string {
  return randomBytes(KEY_BYTES).toString("hex");
}

/**
 * @param key its text, white space around it left out of account, or its bytes
 * @param where it came from, as it is called in an error; the key itself is never shown
 * @throws DevsockError EINVAL
 */
export function parseKey(key: string | Uint8Array, where = "the key"): Uint8Array {
  if (typeof key !== "string") {
    if (key instanceof Uint8Array && key.length === KEY_BYTES) return key;
    throw new DevsockError(`EINVAL: ${where} must be ${KEY_BYTES} bytes, or their text`);
  }
  const text = key.trim();
  if (KEY_FORM.test(text)) return Buffer.from(text, "hex");
  throw new DevsockError(
    `EINVAL: ${where} must be ${2 * KEY_BYTES} hexadecimal digits; make a key with: devsock key new -o FILE`,
  );
}

/** The password of the access point that a board with this key becomes: docs/network.md. @throws DevsockError EINVAL */
export function accessPointPassword(key: string | Uint8Array): string {
  return passwordOf(hmac(hmacKey(parseKey(key)), ACCESS_POINT));
}

/** What the console of a board with this key asks for. @throws DevsockError EINVAL */
export function consolePassword(key: string | Uint8Array): string {
  return Buffer.from(hmac(hmacKey(parseKey(key)), CONSOLE))
    .toString("base64")
    .slice(0, CONSOLE_PASSWORD);
}

/** @throws DevsockError EACCES for a file that others may read, EINVAL for one that holds no key, ENOENT ... */
export async function readKeyFile(file: string): Promise<Uint8Array> {
  return parseKey(await readSecret(file, LONGEST), `the content of ${file}`);
}

/** Creates the file with mode 0600. @throws DevsockError EEXIST when it is there already */
export async function writeKeyFile(file: string, key: string): Promise<void> {
  const handle = await open(file, "wx", 0o600).catch((error: unknown) => {
    throw fromNode(error, "output", file);
  });
  try {
    await handle.writeFile(`${key}\n`);
    // It must be there before a board gets the key.
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * The text of a file that holds a secret.
 * @param longest bytes that are read at the most
 * @throws DevsockError EACCES for a file that others may read, ENOENT ...
 */
export async function readSecret(file: string, longest: number): Promise<string> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file);
    // Of the file that is open, not of one that may have taken its name meanwhile.
    checkPrivate((await handle.stat()).mode, file);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(longest), 0, longest, null);
    return buffer.toString("utf8", 0, bytesRead);
  } catch (error) {
    throw fromNode(error, "file", file);
  } finally {
    await handle?.close();
  }
}

/** @throws DevsockError EACCES for the mode of a file that others than its owner may read or write */
export function checkPrivate(mode: number, file: string): void {
  // Windows has no such modes, Node makes them up.
  if (process.platform === "win32" || (mode & 0o077) === 0) return;
  throw new DevsockError(
    `EACCES: ${file} holds a key or a password, and others than you may read or change it: chmod 600 ${file}`,
    {
      address: file,
    },
  );
}
