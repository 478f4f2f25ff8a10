/** Values of options, checked, with words that say what is right. */
import { InvalidArgumentError } from "commander";

/** Help for the argument that every command with a board has. */
export const ADDRESS = "tcp://HOST[:PORT], udp://HOST[:PORT] or serial:/dev/ttyX[?baud=115200]";

/** Help for the option of the same commands. */
export const TRACE = "write what passes on the link to a capture file (pcapng)";

/** Help for the option that goes with it. */
export const DECRYPTED = "in it, of a session with a key, what the frames hold: the file is as secret as that";

/** A TCP or UDP port; 0 is any. */
export function port(text: string): number {
  if (!/^\d+$/.test(text) || Number(text) > 65535) throw new InvalidArgumentError("Give a port from 0 (any) to 65535.");
  return Number(text);
}

export function seconds(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 1e6)) throw new InvalidArgumentError("Give a number of seconds, such as 30.");
  return value;
}

/** How long a board may say nothing; less than 6 s would end links that are only idle. */
export function silence(text: string): number {
  const value = seconds(text);
  if (value < 6)
    throw new InvalidArgumentError("Give 6 seconds or more: a board that is only idle says nothing for 5.");
  return value;
}

export function integer(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("Give a whole number, 0 or more.");
  return Number(text);
}

/** How many there may be of what there is to be one of at the least. */
export function atLeastOne(text: string): number {
  if (!/^\d+$/.test(text) || Number(text) < 1) throw new InvalidArgumentError("Give a whole number, 1 or more.");
  return Number(text);
}

/** A file that is written at several places; standard output has one. */
export function seekable(path: string): string {
  if (path === "-")
    throw new InvalidArgumentError("Name a file: its header is written again as it grows. ./- is one named -.");
  return path;
}

/** `printer0=escpos,buffer=45`, as often as there are devices. */
export function device(text: string, before: Record<string, string> = {}): Record<string, string> {
  const match = /^([a-z][a-z0-9_-]*)=(.+)$/i.exec(text);
  if (!match) throw new InvalidArgumentError("Give NAME=KIND, such as printer0=escpos or printer0=escpos,buffer=45.");
  return { ...before, [match[1]!]: match[2]! };
}

/** `i2c0=24c02`, once for each chip. */
export function bus(text: string, before: Record<string, string[]> = {}): Record<string, string[]> {
  const match = /^([a-z][a-z0-9_-]*)=(.+)$/i.exec(text);
  if (!match) throw new InvalidArgumentError("Give NAME=CHIP, such as i2c0=24c02 or spi0=w25q80.");
  const [, name, chip] = match as unknown as [string, string, string];
  return { ...before, [name]: [...(before[name] ?? []), chip] };
}

/** `9100` for the first device, or `printer1=9101`. The first device's own name is not known here: "". */
export function rawPort(text: string, before: Record<string, number> = {}): Record<string, number> {
  const [name, number] = text.includes("=") ? text.split("=", 2) : ["", text];
  return { ...before, [name!]: port(number!) };
}

/** Checked by the library once more; here it is wrong usage. */
export function jobId(text: string): string {
  if (!/^[\w.-]{1,24}$/.test(text)) throw new InvalidArgumentError("Give 1 to 24 of A-Z, a-z, 0-9, ., _ and -.");
  return text;
}

/** A subfield of an EDF+ header. */
export function edfCode(text: string): string {
  if (!/^[ -~]{1,40}$/.test(text)) throw new InvalidArgumentError("Give 1 to 40 characters of ASCII.");
  return text;
}

/** Whether the camera can do it, the board knows. */
export function imageSize(text: string): string {
  if (!/^[1-9]\d{0,4}x[1-9]\d{0,4}$/.test(text))
    throw new InvalidArgumentError("Give width and height, such as 640x480.");
  return text;
}

export function imageQuality(text: string): number {
  if (!/^\d+$/.test(text) || Number(text) < 1 || Number(text) > 100)
    throw new InvalidArgumentError("Give a whole number from 1 to 100.");
  return Number(text);
}

/** Ms of `10s`, `500ms`, `5m`, `1h`; a bare number is seconds. */
export function duration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text);
  const ms = match ? Number(match[1]) * { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[(match[2] ?? "s") as "s"] : NaN;
  if (!(ms >= 100 && ms <= 86_400_000))
    throw new InvalidArgumentError("Give a time from 100ms to 24h, such as 10s or 5m.");
  return ms;
}
