/**
 * Runs the link vectors. This file is compiled for the board as well: the same checks on Node, in the simulated
 * runtime and on the real interpreter. It says `ok` or what failed; it throws nothing.
 */
import { byte, crc32, EMPTY, join, slice, u8 } from "../../protocols/bytes/index.js";
import type { Bytes } from "../../protocols/bytes/index.js";
import { Decoder } from "../../protocols/link/decoder.js";
import { encode, Kind, kindOf, residue, sequenceOf, tag, tagOf } from "../../protocols/link/frame.js";

/** As in link.json. */
export interface Vector {
  title: string;
  kind: number;
  priority: number;
  channel: number;
  sequence: number;
  mark: number;
  payload: string | { repeat: string; count: number };
  frame: string;
}

function fromHex(hex: string): Bytes {
  let out = EMPTY;
  for (let i = 0; i < hex.length; i += 2) out = join(out, byte(parseInt(hex.substring(i, i + 2), 16)));
  return out;
}

function same(a: Bytes, b: Bytes): boolean {
  return a.length == b.length && crc32(a) == crc32(b);
}

/** Takes frames with one mark, and counts. */
class Sink {
  frames: Bytes[] = [];
  discarded = 0;
  private readonly _residue: number;

  constructor(mark: number) {
    this._residue = residue(mark);
  }

  frame(frame: Bytes): boolean {
    if (crc32(frame) != this._residue) return false;
    this.frames.push(frame);
    return true;
  }

  ondiscard(_reason: string, bytes: number): void {
    this.discarded += bytes;
  }
}

/** Feeds pieces and gives back the frames that were taken. */
function decode(pieces: Bytes[], mark: number, max: number): Sink {
  const sink = new Sink(mark);
  const decoder = new Decoder(sink, max);
  for (let i = 0; i < pieces.length; i++) decoder.push(pieces[i]!, 0);
  decoder.flush(0);
  return sink;
}

/** A frame with one bit turned over. */
function flip(frame: Bytes, bit: number): Bytes {
  const at = bit >> 3;
  const turned = byte(u8(frame, at) ^ (1 << (bit & 7)));
  return join(join(slice(frame, 0, at), turned), slice(frame, at + 1, frame.length));
}

/**
 * Checks one vector.
 * @param flips how far apart the flipped bits are: 1 = every bit
 * @param splits how far apart the split points are: 1 = every one
 * @param from the first bit and split point, so that several may share the work
 */
export function runVector(v: Vector, flips: number, splits: number, from = 0): string {
  const frame = fromHex(v.frame);
  const payload = typeof v.payload == "string" ? fromHex(v.payload) : fromHex(repeat(v.payload.repeat, v.payload.count));
  const word = tag(v.kind, v.priority, v.channel);
  if (!same(encode(word, v.sequence, payload, v.mark), frame)) return v.title + ": encodes to other bytes";
  const max = Math.max(600, payload.length);
  const next = encode(tag(Kind.data, 0, 5), 77, byte(0x55), v.mark);

  for (let at = from; at <= frame.length; at += splits) {
    const got = decode([slice(frame, 0, at), slice(frame, at, frame.length), next], v.mark, max);
    if (got.frames.length != 2 || got.discarded || !same(got.frames[0]!, frame)) return v.title + ": split at " + at;
  }
  const whole = decode([join(frame, next)], v.mark, max).frames[0]!;
  if (tagOf(whole) != word || kindOf(tagOf(whole)) != v.kind || sequenceOf(whole) != v.sequence) return v.title + ": fields";
  if (!same(slice(whole, 8, whole.length - 4), payload)) return v.title + ": payload";

  for (let bit = from; bit < frame.length * 8; bit += flips) {
    const got = decode([join(flip(frame, bit), next)], v.mark, max);
    const taken = got.frames;
    // The damaged frame must not come out; the next one must. (A payload may hold whole frames of its own.)
    for (let i = 0; i < taken.length; i++) if (same(taken[i]!, flip(frame, bit))) return v.title + ": took a flipped bit " + bit;
    if (!taken.length || !same(taken[taken.length - 1]!, next)) return v.title + ": lost its way after bit " + bit;
  }

  const noise = [fromHex("d5"), fromHex("d59a"), fromHex("d59a0001"), fromHex("00ffd59a0002400000"), fromHex("00d5d5d59a")];
  for (let i = 0; i < noise.length; i++) {
    const n = noise[i]!;
    const got = decode([n, frame, n, next, n], v.mark, max);
    if (got.frames.length < 2 || got.discarded < 3 * n.length) return v.title + ": noise " + i;
    const half = slice(frame, 0, frame.length >> 1);
    const inside = decode([half, n, slice(frame, frame.length >> 1, frame.length), next], v.mark, max);
    if (!inside.frames.length || !same(inside.frames[inside.frames.length - 1]!, next)) return v.title + ": noise inside " + i;
  }
  // A frame of another session is not taken.
  if (decode([frame, next], v.mark ^ 1, max).frames.length) return v.title + ": took another session's frame";
  return "ok";
}

function repeat(text: string, count: number): string {
  let out = "";
  for (let i = 0; i < count; i++) out += text;
  return out;
}
