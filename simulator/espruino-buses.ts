/** I2C and SPI for the real interpreter. */
import { busOf, I2cBus } from "./bus.js";
import type { Chip, I2cOutcome } from "./bus.js";
import { realClock } from "./clock.js";
import type { BusConfig } from "./config.js";
import type { Request, StandIn } from "./espruino-stand-ins.js";
import { FAILURES } from "./runtime/buses.js";

const OUTCOMES: readonly I2cOutcome[] = ["done", "nobody", "refused", "stuck"];

const enum Operation {
  write = 0,
  read = 1,
  exchange = 2,
}

/** One for each bus of the configuration, with its chips. */
export function standInsForBuses(
  configured: Record<string, BusConfig> = {},
  chips: Record<string, Chip[]> = {},
): StandIn[] {
  return Object.entries(configured).map(([name, { port }]) => standIn(port, chips[name] ?? []));
}

function standIn(port: string, there: readonly Chip[]): StandIn {
  for (const chip of there) chip.connect(realClock);
  const bus = busOf(port, there);
  return {
    failures: OUTCOMES.slice(1).map((outcome) =>
      [false, true].map((reading) => FAILURES[outcome as Exclude<I2cOutcome, "done">](reading)),
    ),
    text: (p) =>
      `${port}={setup:function(){},` +
      `writeTo:function(a,d){if(d.length)q(${p},0,a,0,d)},` +
      `readFrom:function(a,n){return E.toUint8Array(q(${p},1,a,n,""))},` +
      `send:function(d){var s=E.toString(d),r=q(${p},2,0,s.length,s);return typeof d=="string"?r:E.toUint8Array(r)}};`,
    answer: (request) => {
      if (bus instanceof I2cBus) return transfer(bus, request);
      // A PC has no pins: the first chip is the only one.
      const selected = bus.chips.slice(0, 1);
      for (const chip of selected) chip.select(true);
      const came = bus.exchange(selected, request.data);
      for (const chip of selected) chip.select(false);
      return Buffer.concat([Buffer.of(0), came]);
    },
  };
}

function transfer(bus: I2cBus, { operation, address, stop, count, data }: Request): Uint8Array {
  const result =
    operation === Number(Operation.write) ? bus.write(address, data, stop) : bus.read(address, count, stop);
  if (typeof result === "string") return Uint8Array.of(OUTCOMES.indexOf(result));
  return Buffer.concat([Buffer.of(0), result]);
}
