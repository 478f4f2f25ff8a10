/** What of a board nobody gets, and its console only with the board's key. docs/decisions/0014-secrets.md. */
import { fromText } from "../bytes/index.js";
import type { Bytes } from "../bytes/index.js";

/** What the key is asked for, for the console's password: HMAC-SHA256 over this. No handshake begins so. */
export const CONSOLE: Bytes = fromText("console");

/** Characters of that in base64: the interpreter takes no more of them. */
export const CONSOLE_PASSWORD = 20;

/** @param config the file of a configuration: devsock.json, or devsock.b.json @returns the file of its secrets */
export function secretFileOf(config: string): string {
  return config.substring(0, config.length - 4) + "key";
}
