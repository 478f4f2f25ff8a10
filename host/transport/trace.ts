/** A transport that tells what passes, one line a frame. */
import { systemClock } from "../clock.js";
import type { Clock } from "../clock.js";
import { packetLine } from "../tap/describe.js";
import { Taps } from "../tap/taps.js";
import type { Transport } from "./transport.js";

/** The transport `inner`; `line` gets `"12.3 > data 1 #5 512 bytes"` for each frame, `>` being towards the board. */
export function trace(inner: Transport, line: (text: string) => void, clock: Clock = systemClock): Transport {
  const taps = new Taps(clock);
  let start: number | undefined;
  taps.add((packet) => {
    start ??= packet.time;
    line(`${(packet.time - start).toFixed(1)} ${packetLine(packet)}`);
  });
  return taps.wrap(inner);
}
