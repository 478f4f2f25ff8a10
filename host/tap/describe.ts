/** Frames in words, for people. */
import { u16, u32, u8, slice, toText } from "../../protocols/bytes/index.js";
import type { Bytes } from "../../protocols/bytes/index.js";
import { channelOf, Frame, Kind, kindOf, priorityOf, sequenceOf, tagOf } from "../../protocols/link/frame.js";
import { Hello } from "../../protocols/session/hello.js";
import { Op } from "../../protocols/socket/socket.js";
import type { Packet } from "./packet.js";

/** One packet in a line, `> data 1 #5 512 bytes`; `>` is towards the board. */
export function packetLine({ direction, kind, bytes, sealed, note, dropped }: Packet): string {
  const frame = sealed ? sealedFrame : describe;
  const text = kind === "frame" ? frame(bytes) : kind === "noise" ? `${bytes.length} bytes discarded: ${note}` : note!;
  const lost = dropped ? `(${dropped} packets lost) ` : "";
  return lost + (kind === "event" ? text : `${direction === "out" ? ">" : "<"} ${text}`);
}

const OPS: Record<number, string> = {
  [Op.open]: "open",
  [Op.accept]: "accept",
  [Op.refuse]: "refuse",
  [Op.fin]: "fin",
  [Op.reset]: "reset",
  [Op.gone]: "gone",
  [Op.option]: "option",
  [Op.answer]: "answer",
};

const KINDS = ["hello", "ack", "data", "control", "datagram", "message", "last", "bye"];

/** What a frame of a session with a key shows. */
function sealedFrame(frame: Bytes): string {
  const word = tagOf(frame);
  const length = frame.length - Frame.header - Frame.mac;
  return `${KINDS[kindOf(word)]} ${channelOf(word)} #${sequenceOf(frame)} encrypted, ${length} bytes`;
}

/** One valid frame in words. */
export function describe(frame: Bytes): string {
  const word = tagOf(frame);
  const payload = slice(frame, Frame.header, frame.length - 4);
  const place = `${channelOf(word)} #${sequenceOf(frame)}` + (priorityOf(word) ? ` priority ${priorityOf(word)}` : "");
  switch (kindOf(word)) {
    case Kind.hello:
      return `hello ${["offer", "answer", "refusal", "challenge"][u8(payload, 1)] ?? "?"} ${toText(slice(payload, Hello.fixed, payload.length))}`;
    case Kind.ack:
      return `ack up to #${sequenceOf(frame)}${u8(payload, 0) & 1 ? ", asks" : ""}${credits(payload)}`;
    case Kind.last:
      return `last ${place} ${payload.length} bytes`;
    case Kind.data:
      return `data ${place} ${payload.length} bytes`;
    case Kind.datagram:
      return `datagram ${place} ${payload.length} bytes`;
    case Kind.message:
      return `message ${place} ${payload.length} bytes`;
    case Kind.control:
      return `control ${place} ${operation(payload)}`;
    case Kind.bye:
      return `bye ${toText(payload)}`;
  }
}

function credits(payload: Bytes): string {
  let text = "";
  const bitmap = u16(payload, 1);
  if (bitmap) text += `, has ${bitmap.toString(2)}`;
  for (let at = 3; at + 6 <= payload.length; at += 6) text += `, credit ${u16(payload, at)} to ${u32(payload, at + 2)}`;
  return text;
}

function operation(payload: Bytes): string {
  const op: Op = u8(payload, 0);
  const name = OPS[op] ?? `operation ${op}`;
  if (op === Op.open) return `${name} ${toText(slice(payload, 6, payload.length))} credit ${u32(payload, 2)}`;
  if (op === Op.option || op === Op.answer)
    return `${name} ${u8(payload, 1)} ${toText(slice(payload, 2, payload.length))}`;
  if (op === Op.accept) return `${name} credit ${u32(payload, 1)}`;
  return `${name} ${toText(slice(payload, 1, payload.length))}`.trimEnd();
}
