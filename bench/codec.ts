/**
 * `codec.encode` and `codec.decode`: our frame on Node beside two public codecs, over the same payloads of 512 bytes, half of them random
 * and half zeros, decoded in chunks of 1460 bytes. SLIP (npm `slip`) and COBS (npm `cobs`) mark the ends of packets and check nothing;
 * ours also checks a header and a CRC-32. The value is MB of payload a second; each part runs in turns, and the best of its turns counts.
 */
import cobs from "cobs";
import slip from "slip";
import { crc32, Decoder, encode, Kind, residue, tag } from "../protocols/index.js";
import { figure } from "./figure.js";
import type { Figure } from "./figure.js";

const SIZE = 512;
const PACKETS = 400;
const TURNS = 15;
const CHUNK = 1460;
const MARK = 7;

interface Codec {
  encode(payload: Buffer): Uint8Array;
  /** @returns how many packets came out */
  decode(chunks: Buffer[]): number;
}

const ours: Codec = {
  encode: (payload) => encode(tag(Kind.data, 0, 1), 0, payload, MARK),
  decode(chunks) {
    let packets = 0;
    const expected = residue(MARK);
    const decoder = new Decoder(
      { frame: (frame) => crc32(frame) === expected && ++packets > 0, ondiscard: () => {} },
      SIZE,
    );
    for (const chunk of chunks) decoder.push(chunk, 0);
    return packets;
  },
};

const peers: Record<string, Codec> = {
  slip: {
    encode: (payload) => slip.encode(payload),
    decode(chunks) {
      let packets = 0;
      const decoder = new slip.Decoder({ onMessage: (message) => void (packets += Number(message.length === SIZE)) });
      for (const chunk of chunks) decoder.decode(chunk);
      return packets;
    },
  },
  cobs: {
    encode: (payload) => Buffer.concat([cobs.encode(payload), Buffer.of(0)]),
    decode(chunks) {
      let packets = 0;
      let rest: Buffer = Buffer.alloc(0);
      for (const chunk of chunks) {
        rest = Buffer.concat([rest, chunk]);
        for (let end; (end = rest.indexOf(0)) >= 0; rest = rest.subarray(end + 1))
          packets += Number(cobs.decode(rest.subarray(0, end)).length === SIZE);
      }
      return packets;
    },
  },
};

export function codecFigures(wants: (name: string) => boolean): Figure[] {
  const payloads = Array.from({ length: PACKETS }, (_, i) => (i % 2 ? Buffer.alloc(SIZE) : noise(i)));
  const figures: Figure[] = [];
  for (const [name, peer] of Object.entries(peers)) {
    if (wants("codec.encode")) figures.push(compare(`codec.encode.${name}`, ours, peer, (c) => encodeAll(c, payloads)));
    if (wants("codec.decode")) {
      const wire = new Map([ours, peer].map((codec) => [codec, cut(payloads.map((p) => codec.encode(p)))]));
      figures.push(compare(`codec.decode.${name}`, ours, peer, (c) => decodeAll(c, wire.get(c)!)));
    }
  }
  return figures;
}

function encodeAll(codec: Codec, payloads: Buffer[]): void {
  let bytes = 0;
  for (const payload of payloads) bytes += codec.encode(payload).length;
  if (bytes < PACKETS * SIZE) throw new Error("a codec made less than it was given");
}

function decodeAll(codec: Codec, chunks: Buffer[]): void {
  const packets = codec.decode(chunks);
  if (packets !== PACKETS) throw new Error(`${packets} of ${PACKETS} packets came out of a codec`);
}

function compare(name: string, mine: Codec, peer: Codec, run: (codec: Codec) => void): Figure {
  const best = [Infinity, Infinity];
  for (let turn = 0; turn < TURNS; turn++)
    [mine, peer].forEach((codec, i) => {
      const start = performance.now();
      run(codec);
      best[i] = Math.min(best[i]!, performance.now() - start);
    });
  const [a, b] = best.map((ms) => (PACKETS * SIZE) / 1000 / ms) as [number, number];
  return figure(name, a, "MB/s", b);
}

function cut(packets: Uint8Array[]): Buffer[] {
  const all = Buffer.concat(packets);
  const chunks = [];
  for (let at = 0; at < all.length; at += CHUNK) chunks.push(all.subarray(at, at + CHUNK));
  return chunks;
}

/** Repeatable bytes of all values. */
function noise(seed: number): Buffer {
  let a = seed + 1;
  return Buffer.from(Array.from({ length: SIZE }, () => ((a = (Math.imul(a, 1103515245) + 12345) >>> 0) >> 16) & 255));
}
