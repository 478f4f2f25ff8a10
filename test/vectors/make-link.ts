/** Makes link.json: the frames are worked out here from the specification alone, without the code under test. */
import { writeFileSync } from "node:fs";
import { crc32 } from "node:zlib";

/** One vector: fields and the bytes they must become. `payload` is hex, or a byte repeated. */
export interface LinkVector {
  title: string;
  kind: number;
  priority: number;
  channel: number;
  sequence: number;
  mark: number;
  payload: string | { repeat: string; count: number };
  frame: string;
}

type Fields = Omit<LinkVector, "frame">;

export function payloadOf(payload: LinkVector["payload"]): Buffer {
  return Buffer.from(typeof payload === "string" ? payload : payload.repeat.repeat(payload.count), "hex");
}

function frame(v: Fields): string {
  const payload = payloadOf(v.payload);
  const word = v.kind * 8192 + v.priority * 2048 + v.channel;
  const check = (payload.length + 3 * word + 5 * v.sequence) % 31;
  const head = Buffer.alloc(8);
  head.writeUInt16BE(0xd59a, 0);
  head.writeUInt16BE(payload.length, 2);
  head.writeUInt16BE(word, 4);
  head.writeUInt16BE(v.sequence * 32 + check, 6);
  const body = Buffer.concat([head, payload]);
  const tail = Buffer.alloc(4);
  tail.writeUInt32LE((crc32(body) ^ v.mark) >>> 0);
  return Buffer.concat([body, tail]).toString("hex");
}

const base = { kind: 2, priority: 0, channel: 1, sequence: 0, mark: 0x1234abcd };
const every = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, "0")).join("");
const vectors: Fields[] = [
  { ...base, title: "an empty payload", payload: "" },
  { ...base, title: "one byte", payload: "41", sequence: 1 },
  { ...base, title: "a handshake bears no mark", kind: 0, priority: 3, channel: 0, mark: 0, payload: "0100deadbeef000000007b7d" },
  { ...base, title: "every value of a byte", payload: every, sequence: 2 },
  { ...base, title: "zeros", payload: { repeat: "00", count: 512 }, sequence: 3 },
  { ...base, title: "ones", payload: { repeat: "ff", count: 512 }, sequence: 4 },
  { ...base, title: "sync words all through", payload: { repeat: "d59a", count: 128 }, sequence: 5 },
  { ...base, title: "first halves of sync words", payload: { repeat: "d5", count: 256 }, sequence: 6 },
  { ...base, title: "a payload that is itself a frame", payload: frame({ ...base, title: "", payload: "4142", sequence: 7 }), sequence: 7 },
  { ...base, title: "a payload that begins like a longest frame", payload: "d59affff40010000", sequence: 8 },
  { ...base, title: "all fields at their greatest", kind: 7, priority: 3, channel: 2047, sequence: 2047, mark: 0xffffffff, payload: "00" },
  { ...base, title: "the sign bit of the mark", mark: 0x80000000, payload: "d5", sequence: 9 },
  { ...base, title: "an acknowledgement with two credits", kind: 1, priority: 3, channel: 0, sequence: 1024, payload: "01000500010000100000027fffffff" },
  { ...base, title: "a board's receive chunk, filled", payload: { repeat: "c0", count: 524 }, sequence: 10 },
];

if (process.argv[1]?.endsWith("make-link.ts")) {
  const made = vectors.map((v): LinkVector => ({ ...v, frame: frame(v) }));
  writeFileSync(new URL("link.json", import.meta.url), `${JSON.stringify(made, null, 2)}\n`);
}
