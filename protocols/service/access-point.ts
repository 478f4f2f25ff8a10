/** The password of a board's access point: docs/network.md. */
import { fromText, u8 } from "../bytes/index.js";
import type { Bytes } from "../bytes/index.js";

/** What the key is asked for: HMAC-SHA256 over this. No handshake begins so. */
export const ACCESS_POINT: Bytes = fromText("access point");

/** None that are taken for others. */
const LETTERS = "abcdefghijkmnpqrstuvwxyz23456789";

/** Of a password: 60 bits, more than WPA2 lets anybody try. */
const LENGTH = 12;

/** @param random of this many bytes, or more, five bits each count */
export function accessPointPassword(random: Bytes): string {
  let text = "";
  for (let i = 0; i < LENGTH; i++) text += LETTERS.charAt(u8(random, i) & 31);
  return text;
}
