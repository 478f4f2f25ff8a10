/** The two checks of a byte that sensors use. Neither inverts; both begin with 0, so that what has its check behind it gives 0. */
import { u8 } from "../../bytes/index.js";
import type { Bytes } from "../../bytes/index.js";

/** x^8 + x^2 + x + 1, the highest bit first: the PEC of SMBus (System Management Bus Specification 2.0, 5.4). */
export function smbusPec(data: Bytes): number {
  let crc = 0;
  for (let i = 0; i < data.length; i++) {
    crc ^= u8(data, i);
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x80 ? ((crc << 1) ^ 0x07) & 0xff : crc << 1;
  }
  return crc;
}

/** x^8 + x^5 + x^4 + 1, the lowest bit first: that of one-wire devices (Maxim, application note 27). */
export function oneWireCrc(data: Bytes): number {
  let crc = 0;
  for (let i = 0; i < data.length; i++) {
    crc ^= u8(data, i);
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0x8c : crc >> 1;
  }
  return crc;
}
