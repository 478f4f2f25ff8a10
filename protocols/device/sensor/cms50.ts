/**
 * Contec CMS50 with the old firmware: 19200 baud, 8 bits, odd parity, 60 frames a second. Layout, bits and line as in atbrask/CMS50Dplus
 * (cms50dplus.py), which calls bit 4 of byte 0 "finger out" where others have "searching too long"; both mean that there is no value. The
 * rate: MarkMLl/Contec_cms50dplus and titinho11/CMS50E-raw-ppg-data. There is no check but the parity of each byte, which is the board's UART's.
 *
 *     frame: 80 + beep 40, SpO2 dropping 20, searching too long 10, strength 0F
 *            plethysmogram 7F
 *            pulse rate bit 7 as 40, searching 20, probe error 10, bar 0F
 *            pulse rate 7F
 *            SpO2 7F
 */
import { frameDecoder } from "./frame-decoder.js";
import type { FrameKind } from "./frame-decoder.js";
import { looked } from "./looked.js";
import { States } from "./states.js";
import type { Decoded, SensorTable } from "./table.js";

const FRAME_BYTES = 5;

const SYNC = 0x80;
const NO_PULSE = 0xff;

export const cms50: SensorTable = {
  driver: "cms50",
  title: "Contec CMS50 oximeter",
  channels: [
    { name: "pleth", title: "Plethysmogram", unit: "1", code: 150452, least: 0, most: 127 },
    { name: "spo2", title: "SpO2", unit: "%", code: 150456, least: 0, most: 100 },
    { name: "pulse", title: "Pulse rate", unit: "/min", code: 149530, least: 0, most: NO_PULSE - 1 },
  ],
  unitBytes: 1,
  rate: { least: 60, most: 60, usual: 60 },
  unitsPerReading: FRAME_BYTES,
  unitTime: 11_000 / 19_200,
  looked,
  decoder: () => frameDecoder(FRAME_BYTES, new Cms50Frames()),
};

class Cms50Frames implements FrameKind {
  readonly check = check;
  private readonly states = new States();

  begins(byte: number): boolean {
    return (byte & SYNC) !== 0;
  }

  frame(unit: number, [first, pleth, third, low, spo2]: readonly number[], { readings, events }: Decoded): void {
    const searching = Boolean(first! & 0x10 || third! & 0x20);
    const error = Boolean(third! & 0x10);
    this.states.tell("probe error", error, unit, events);
    this.states.tell("searching", searching, unit, events);
    this.states.tell("spo2 dropping", Boolean(first! & 0x20), unit, events);
    const why = error ? "probe error" : searching ? "searching" : "";
    if (why) {
      readings.push({ unit, values: [null, null, null], why });
      return;
    }
    const pulse = valid(((third! & 0x40) << 1) | low!, NO_PULSE - 1);
    const saturation = valid(spo2!, 100);
    const missing = pulse === null || saturation === null;
    readings.push({ unit, values: [pleth!, saturation, pulse], why: missing ? "no value" : "" });
  }
}

/** Nobody alive has zero; above the most are the device's signs for no value. */
function valid(value: number, most: number): number | null {
  return value > 0 && value <= most ? value : null;
}

/** The begin of a frame, and of no other byte, has the highest bit. */
function check(frame: readonly number[]): string {
  return frame.every((byte, i) => ((byte & SYNC) !== 0) === (i === 0)) ? "" : "framing";
}
