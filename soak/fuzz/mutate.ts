/** Inputs that are almost right. */
import { crc32, headerCheck, headSum, Frame, Sync } from "../../protocols/index.js";
import type { Bytes } from "../../protocols/index.js";
import { below } from "../random.js";
import type { Random } from "../random.js";

/** Numbers at which lengths, counts and signs turn over. */
const EDGES = [0, 1, 2, 3, 7, 8, 31, 32, 127, 128, 254, 255];

/** Longest input in bytes. */
const LONGEST = 1200;

type Change = (bytes: Buffer, rand: Random) => Buffer;

const CHANGES: Change[] = [
  (bytes, rand) => set(bytes, rand, (old) => old ^ (1 << below(rand, 8))),
  (bytes, rand) => set(bytes, rand, () => below(rand, 256)),
  (bytes, rand) => set(bytes, rand, () => EDGES[below(rand, EDGES.length)]!),
  (bytes, rand) => bytes.subarray(0, below(rand, bytes.length + 1)),
  (bytes, rand) => bytes.subarray(below(rand, bytes.length + 1)),
  (bytes, rand) => cut(bytes, rand, (_piece) => Buffer.alloc(0)),
  (bytes, rand) => cut(bytes, rand, (piece) => Buffer.concat([piece, piece])),
  (bytes, rand) => cut(bytes, rand, (piece) => Buffer.from(piece).fill(EDGES[below(rand, EDGES.length)]!)),
  (bytes, rand) => Buffer.concat([bytes, noise(rand, below(rand, 40))]),
];

/** One to four changes. */
export function mutated(bytes: Bytes, rand: Random): Bytes {
  let out = Buffer.from(bytes);
  for (let n = 1 + below(rand, 4); n > 0; n--) out = Buffer.from(CHANGES[below(rand, CHANGES.length)]!(out, rand));
  return out.subarray(0, LONGEST);
}

/** Random bytes. */
export function noise(rand: Random, n: number): Buffer {
  return Buffer.from(Array.from({ length: n }, () => below(rand, 256)));
}

/** A frame whose header check and CRC are right, whatever it says. */
export function sealed(frame: Bytes, mark: number): Bytes {
  const bytes = Buffer.from(frame);
  if (bytes.length < Number(Frame.overhead)) return bytes;
  bytes.writeUInt16BE(Sync.word, 0);
  const length = bytes.length - Frame.overhead;
  bytes.writeUInt16BE(length, 2);
  const sequence = bytes.readUInt16BE(6) >> 5;
  const check = headerCheck(headSum(length, bytes.readUInt16BE(4)), sequence);
  bytes.writeUInt16BE((sequence << 5) | check, 6);
  bytes.writeUInt32LE((crc32(bytes.subarray(0, -4)) ^ mark) >>> 0, bytes.length - 4);
  return bytes;
}

function set(bytes: Buffer, rand: Random, to: (old: number) => number): Buffer {
  if (bytes.length === 0) return bytes;
  const at = below(rand, bytes.length);
  bytes[at] = to(bytes[at]!);
  return bytes;
}

function cut(bytes: Buffer, rand: Random, to: (piece: Buffer) => Buffer): Buffer {
  const from = below(rand, bytes.length + 1);
  const end = Math.min(bytes.length, from + below(rand, 32));
  return Buffer.concat([bytes.subarray(0, from), to(bytes.subarray(from, end)), bytes.subarray(end)]);
}
