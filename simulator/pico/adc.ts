/** Voltages on the chip's analogue pins. */
import type { RP2040 } from "rp2040js";
import type { EmulatedTime } from "./time.js";

/** What drives an analogue pin. */
export interface AnalogSource {
  /** @param ms emulated time. @returns volts against ground */
  voltage(ms: number): number;
}

/** Pins D26 to D29 are the converter's channels 0 to 3. */
const FIRST_PIN = 26;
const CHANNELS = 4;
const REFERENCE_VOLTS = 3.3;
const STEPS = 4096;
/** The temperature sensor's channel, at 27 degrees: RP2040 data sheet 4.9.5. */
const TEMPERATURE_CHANNEL = 4;
const TEMPERATURE_VOLTS = 0.706;

export class Voltages {
  private readonly sources = new Map<number, AnalogSource>();

  constructor(private readonly time: EmulatedTime) {
    this.sources.set(TEMPERATURE_CHANNEL, { voltage: () => TEMPERATURE_VOLTS });
  }

  /** @param pin D26 to D29 */
  drive(pin: string, source: AnalogSource): void {
    const channel = Number(pin.slice(1)) - FIRST_PIN;
    if (!(channel >= 0 && channel < CHANNELS)) throw new RangeError(`${pin} is no analogue pin: choose D26 to D29`);
    this.sources.set(channel, source);
  }

  /** A conversion takes the voltage of the moment at which it begins. */
  attach(converter: RP2040["adc"]): void {
    const convert = converter.onADCRead;
    converter.onADCRead = (channel) => {
      const volts = this.sources.get(channel)?.voltage(this.time.now()) ?? 0;
      converter.channelValues[channel] = codeOf(volts);
      convert(channel);
    };
  }
}

function codeOf(volts: number): number {
  return Math.max(0, Math.min(STEPS - 1, Math.floor((volts / REFERENCE_VOLTS) * STEPS)));
}
