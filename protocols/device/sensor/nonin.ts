/**
 * Nonin OEM III, data format 2: 9600 8N1, 75 frames a second, 25 frames a packet. Layout, bits and fields as in two programs that read
 * such devices: pez-globo/pufferfish-software (Driver/Serial/Nonin/PacketReceiver.cpp) and uk.ac.ox.ibme.nonin (NoninFrame.java,
 * NoninPacket.java, which also has 511 and 127 for values that are missing).
 *
 *     frame: 01, status (1), plethysmogram (1), a field of the packet (1), sum of the four mod 256 (1)
 *     packet: frame 1 has SYNC; fields: 1 pulse rate bits 8 and 7, 2 pulse rate bits 6 to 0, 3 SpO2; averages of four beats
 */
import { frameDecoder } from "./frame-decoder.js";
import type { FrameKind } from "./frame-decoder.js";
import { HeldValue } from "./held.js";
import { looked } from "./looked.js";
import { States } from "./states.js";
import type { Decoded, SensorTable } from "./table.js";

const enum Status {
  sync = 0x01,
  artifact = 0x20,
  outOfTrack = 0x10,
  alarm = 0x08,
  disconnected = 0x40,
  always = 0x80,
}

const START = 0x01;
const FRAME_BYTES = 5;
const PACKET = 25;

const NO_PULSE = 511;
const NO_SPO2 = 127;

const UNKNOWN = -1;

/** What the device tells of itself, the worst first. While one of them holds there are no values. */
const CONDITIONS: { bit: Status; why: string; event: string | null }[] = [
  { bit: Status.disconnected, why: "probe off", event: "probe off" },
  { bit: Status.alarm, why: "alarm", event: "alarm" },
  { bit: Status.outOfTrack, why: "out of track", event: "out of track" },
  { bit: Status.artifact, why: "artifact", event: null },
];

export const nonin: SensorTable = {
  driver: "nonin",
  title: "Nonin OEM III oximeter",
  channels: [
    { name: "pleth", title: "Plethysmogram", unit: "1", code: 150452, least: 0, most: 255 },
    { name: "spo2", title: "SpO2", unit: "%", code: 150456, least: 0, most: 100 },
    { name: "pulse", title: "Pulse rate", unit: "/min", code: 149530, least: 0, most: NO_PULSE - 1 },
  ],
  unitBytes: 1,
  rate: { least: 75, most: 75, usual: 75 },
  unitsPerReading: FRAME_BYTES,
  unitTime: 10_000 / 9600,
  looked,
  decoder: () => frameDecoder(FRAME_BYTES, new NoninFrames()),
};

class NoninFrames implements FrameKind {
  readonly check = check;
  /** Of the frame within its packet, from 0. */
  private place = UNKNOWN;
  /** Fields of the packet that is being received, once they are there: they count when it has been whole. */
  private high: number | null = null;
  private low: number | null = null;
  private saturation: number | null = null;
  private readonly spo2 = new HeldValue(PACKET);
  private readonly pulse = new HeldValue(PACKET);
  private readonly states = new States();

  missed(): void {
    this.place = UNKNOWN;
    this.spo2.pass();
    this.pulse.pass();
  }

  interrupted(): void {
    this.place = UNKNOWN;
    this.spo2.drop("waiting for a packet");
    this.pulse.drop("waiting for a packet");
  }

  frame(unit: number, frame: readonly number[], { readings, events }: Decoded): void {
    const [, status, pleth, field] = frame as readonly [number, number, number, number, number];
    for (const { bit, event } of CONDITIONS) if (event) this.states.tell(event, (status & bit) !== 0, unit, events);
    const condition = CONDITIONS.find(({ bit }) => status & bit);
    this.spo2.pass();
    this.pulse.pass();
    this.locate(status);
    if (!condition) this.collect(field);
    else if (condition.bit != Status.artifact) {
      this.begin();
      this.spo2.drop(condition.why);
      this.pulse.drop(condition.why);
    }
    const { spo2, pulse } = this;
    const values = condition ? [null, null, null] : [pleth, spo2.value, pulse.value];
    readings.push({ unit, values, why: condition?.why ?? (spo2.why || pulse.why) });
  }

  /** Where in the packet this frame is. Only 25 frames from SYNC to SYNC are one: else some are missing, and a field would be taken for another. */
  private locate(status: number): void {
    if (status & Status.sync) {
      if (this.place == PACKET - 1) this.publish();
      this.begin();
      this.place = 0;
    } else if (this.place != UNKNOWN) this.place = this.place + 1 < PACKET ? this.place + 1 : UNKNOWN;
  }

  private begin(): void {
    this.high = null;
    this.low = null;
    this.saturation = null;
  }

  private collect(field: number): void {
    const bits = field & 0x7f;
    if (this.place == 0) this.high = (field & 3) << 7;
    else if (this.place == 1) this.low = bits;
    else if (this.place == 2) this.saturation = bits;
  }

  private publish(): void {
    const { high, low, saturation } = this;
    if (high !== null && low !== null) {
      const pulse = high | low;
      this.pulse.take(pulse == NO_PULSE || pulse == 0 ? null : pulse, "no value");
    }
    if (saturation === null) return;
    // Nobody alive has zero.
    if (saturation == 0) this.spo2.take(null, "no value");
    else if (saturation <= 100) this.spo2.take(saturation, "");
    else this.spo2.take(null, saturation == NO_SPO2 ? "no value" : "out of range");
  }
}

function check([start, status, pleth, field, sum]: readonly number[]): string {
  if (start != START || !(status! & Status.always)) return "framing";
  return ((start + status! + pleth! + field!) & 0xff) == sum ? "" : "checksum";
}
