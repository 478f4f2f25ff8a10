/** What a tap on a link tells. */
import type { Bytes } from "../../protocols/bytes/index.js";

/** `frame`: one whole frame. `noise`: bytes that belong to none. `event`: the connection opened or ended. */
export type PacketKind = "frame" | "noise" | "event";

export interface Packet {
  /** When it passed, in ms since 1970 (on a virtual clock: of that clock). */
  time: number;
  /** The link's address. */
  address: string;
  /** `out` is towards the board. */
  direction: "in" | "out";
  kind: PacketKind;
  /** As on the wire; none of an event. */
  bytes: Bytes;
  /** A frame that is encrypted, and ends with a MAC instead of a CRC. */
  sealed?: boolean;
  /** Why bytes are noise, or what happened. */
  note?: string;
  /** Packets lost just before this one, as the reader was slow. */
  dropped?: number;
}
