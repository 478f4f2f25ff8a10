/** What sensors send: decoders of all tables, in batches with gaps between, from what is almost right to noise. */
import { SENSORS } from "../../protocols/device/sensor/index.js";
import type { SensorDecoder, SensorTable } from "../../protocols/device/sensor/index.js";
import { AstmReceiver, Control, encodeFrame } from "../../protocols/device/astm/index.js";
import type { Offer } from "../../protocols/device/astm/index.js";
import { below } from "../random.js";
import type { Random } from "../random.js";
import { mutated, noise } from "./mutate.js";
import { demand } from "./target.js";
import type { Target } from "./target.js";

/** Units that are right, by driver. */
const RIGHT: Record<string, string> = {
  ad8232: "00800081ff7f",
  cms50: "c732054862".repeat(8),
  ds18b20: "91014b467fff0c1070",
  max30102: "012345023456",
  mlx90614: "d23a30",
  nonin: "018101008301800248cb01800361e5" + "0180040085".repeat(22),
};

/** Each reading is of this batch or just before it, has a number or a reason for each channel, and no number beyond the channel's ends. */
class SensorTarget implements Target {
  readonly name: string;
  private decoder: SensorDecoder;

  constructor(private readonly table: SensorTable) {
    this.name = `sensor.${table.driver}`;
    this.decoder = table.decoder(table.rate.usual);
  }

  try(rand: Random): void {
    const { table } = this;
    if (rand() < 0.01) this.decoder = table.decoder(table.rate.usual);
    const lost = rand() < 0.5 ? null : below(rand, 300);
    if (rand() < 0.1) demand((this.decoder.gap(lost) === null) === (lost === null), `of ${lost} units`);
    const right = Buffer.from(RIGHT[table.driver]!, "hex");
    const input = rand() < 0.2 ? noise(rand, below(rand, 200)) : rand() < 0.3 ? right : mutated(right, rand);
    const { readings, events, damaged } = this.decoder.decode(input, below(rand, 256));
    const units = Math.ceil(input.length / table.unitBytes);
    // A single byte between two frames is damage of its own.
    const most = 3 + (1.5 * units) / table.unitsPerReading;
    demand(readings.length + damaged.length <= most, `${readings.length} readings of ${units} units`);
    for (const { unit, values, why } of readings) {
      demand(unit >= -table.unitsPerReading && unit < units, `unit ${unit} of ${units}`);
      demand(values.length === table.channels.length, `${values.length} values`);
      demand(values.includes(null) === (why !== ""), `"${why}" is why one of ${values.join(" ")} is missing`);
      table.channels.forEach(({ name, least, most }, i) => {
        const value = values[i]!;
        demand(value === null || (value >= least && value <= most), `${name} is ${value}`);
      });
    }
    for (const { unit } of [...events, ...damaged])
      demand(unit >= -table.unitsPerReading && unit < units, `unit ${unit}`);
  }
}

/** A laboratory's analyser: nothing is acknowledged but what was offered and taken, and what is kept has its bound. */
class AnalyserTarget implements Target {
  readonly name = "analyser";
  private offered: Offer[] = [];
  private answers = 0;
  private now = 0;
  private readonly receiver = new AstmReceiver(
    {
      send: () => this.answers++,
      offer: (offer) => this.offered.push(offer),
      refused: () => undefined,
      ended: () => (this.offered = []),
    },
    { longest: 240, most: 1000 },
  );

  try(rand: Random): void {
    const { receiver } = this;
    const number = below(rand, 8);
    const frame = encodeFrame({ number, text: noise(rand, below(rand, 300)), last: rand() < 0.5 });
    const right = Buffer.concat([Buffer.of(Control.enq), rand() < 0.5 ? frame : FIRST, frame, Buffer.of(Control.eot)]);
    this.now += below(rand, 20_000);
    receiver.expire(this.now);
    this.answers = 0;
    const input = rand() < 0.3 ? right : mutated(right, rand);
    receiver.push(input, this.now);
    demand(this.answers <= input.length, `${this.answers} answers to ${input.length} bytes`);
    demand(this.offered.length <= 1, `${this.offered.length} frames wait for the taker`);
    const [offer] = this.offered.splice(0);
    if (!offer) return;
    demand((offer.whole?.length ?? 0) <= 1000, "a text is longer than it may be");
    demand(receiver.state === "deciding" && receiver.deadline === null, "an answer is owed, and another one is given");
    receiver.decide(rand() < 0.8, this.now);
  }
}

/** Of a transfer. */
const FIRST = encodeFrame({ number: 1, text: Buffer.from("H|\\^&\r"), last: false });

export function sensors(): Target[] {
  return [...SENSORS.map((table) => new SensorTarget(table)), new AnalyserTarget()];
}
