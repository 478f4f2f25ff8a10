/** A decoder of what a serial line brings frame by frame. */
import type { Bytes } from "../../bytes/index.js";
import { Framer } from "./framer.js";
import type { FrameListener } from "./framer.js";
import type { Decoded, SensorDecoder } from "./table.js";

/** What one device's frames are. */
export interface FrameKind extends Pick<FrameListener, "check" | "begins"> {
  /** A whole frame. @param unit that completed it @param decoded what the batch in hand holds so far: it takes what the frame says */
  frame(unit: number, frame: readonly number[], decoded: Decoded): void;
  /** One came damaged. */
  missed?(): void;
  /** Some are missing. */
  interrupted?(): void;
}

/** @param length bytes of a frame */
export function frameDecoder(length: number, kind: FrameKind): SensorDecoder {
  let decoded = empty();
  const listener: FrameListener = {
    check: (frame) => kind.check(frame),
    frame: (unit, frame) => kind.frame(unit, frame, decoded),
    damaged: (unit, cause) => {
      decoded.damaged.push({ unit, cause });
      kind.missed?.();
    },
  };
  if (kind.begins) listener.begins = (byte) => kind.begins!(byte);
  const framer = new Framer(length, listener);
  return {
    decode(data: Bytes): Decoded {
      // What a gap left to tell belongs to a unit.
      if (data.length == 0) return empty();
      framer.push(data);
      const all = decoded;
      decoded = empty();
      return all;
    },
    gap(lost: number | null): number | null {
      kind.interrupted?.();
      return framer.drop(lost);
    },
  };
}

function empty(): Decoded {
  return { readings: [], events: [], damaged: [] };
}
