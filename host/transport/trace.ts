/** A transport that tells what passes, one line a frame. */
import { u16, u32, u8, slice, toText } from "../../protocols/bytes/index.js";
import type { Bytes } from "../../protocols/bytes/index.js";
import { Decoder } from "../../protocols/link/decoder.js";
import type { FrameSink } from "../../protocols/link/decoder.js";
import { channelOf, Frame, Kind, kindOf, priorityOf, residue, sequenceOf, tagOf } from "../../protocols/link/frame.js";
import { Hello, markOf, Step } from "../../protocols/session/hello.js";
import { Op } from "../../protocols/socket/socket.js";
import { systemClock } from "../clock.js";
import type { Clock } from "../clock.js";
import type { Transport } from "./transport.js";

/** The transport `inner`; `line` gets `"12.3 > data 1 #5 512 bytes"` for each frame, `>` being towards the board. */
export function trace(inner: Transport, line: (text: string) => void, clock: Clock = systemClock): Transport {
  return {
    address: inner.address,
    traits: inner.traits,
    async open(events, signal) {
      const start = clock.now();
      const tell = (text: string): void => line(`${(clock.now() - start).toFixed(1)} ${text}`);
      const marks = new Set([residue(0)]);
      const out = new Decoder(new Tap(">", marks, tell), Frame.maxPayload);
      const back = new Decoder(new Tap("<", marks, tell), Frame.maxPayload);
      const connection = await inner.open(
        {
          data: (bytes) => {
            back.push(bytes, clock.now());
            events.data(bytes);
          },
          drain: () => events.drain(),
          closed: (error) => {
            tell(`closed: ${error.message}`);
            events.closed(error);
          },
        },
        signal,
      );
      tell(`open ${inner.address}`);
      return {
        send(frame) {
          out.push(frame, clock.now());
          return connection.send(frame);
        },
        close() {
          tell("close");
          return connection.close();
        },
      };
    },
  };
}

class Tap implements FrameSink {
  constructor(
    private readonly direction: string,
    /** Residues of the sessions whose handshakes have passed. */
    private readonly marks: Set<number>,
    private readonly tell: (text: string) => void,
  ) {}

  frame(frame: Bytes, crc: number): boolean {
    if (!this.marks.has(crc)) return false;
    if (kindOf(tagOf(frame)) === Kind.hello) this.learn(frame);
    this.tell(`${this.direction} ${describe(frame)}`);
    return true;
  }

  discard(reason: string, bytes: number): void {
    this.tell(`${this.direction} ${bytes} bytes discarded: ${reason}`);
  }

  private learn(frame: Bytes): void {
    const at = Frame.header;
    const step: Step = u8(frame, at + 1);
    if (frame.length < Frame.overhead + Hello.fixed || step !== Step.answer) return;
    const [epoch, peerEpoch] = [u32(frame, at + 2), u32(frame, at + 6)];
    this.marks.add(residue(markOf(epoch, peerEpoch))).add(residue(markOf(peerEpoch, epoch)));
  }
}

const OPS: Record<number, string> = {
  [Op.open]: "open",
  [Op.accept]: "accept",
  [Op.refuse]: "refuse",
  [Op.fin]: "fin",
  [Op.reset]: "reset",
  [Op.gone]: "gone",
  [Op.record]: "record",
};

/** One valid frame in words. */
export function describe(frame: Bytes): string {
  const word = tagOf(frame);
  const payload = slice(frame, Frame.header, frame.length - 4);
  const place = `${channelOf(word)} #${sequenceOf(frame)}` + (priorityOf(word) ? ` priority ${priorityOf(word)}` : "");
  switch (kindOf(word)) {
    case Kind.hello:
      return `hello ${["offer", "answer", "refusal"][u8(payload, 1)] ?? "?"} ${toText(slice(payload, Hello.fixed, payload.length))}`;
    case Kind.ack:
      return `ack up to #${sequenceOf(frame)}${u8(payload, 0) & 1 ? ", asks" : ""}${credits(payload)}`;
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
    default:
      return `kind ${kindOf(word)} ${place} ${payload.length} bytes`;
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
  if (op === Op.record) return `${name} of ${u32(payload, 1)} bytes`;
  if (op === Op.accept) return `${name} credit ${u32(payload, 1)}`;
  return `${name} ${toText(slice(payload, 1, payload.length))}`.trimEnd();
}
