/** Chips on the chip's SPI controllers: a frame takes its bits' time, and those hear it whose select pin is low. */
import type { RP2040 } from "rp2040js";
import { SpiBus } from "../bus.js";
import type { SpiChip } from "../bus.js";
import type { Pins } from "./pins.js";
import { Alarm } from "./time.js";
import type { EmulatedTime } from "./time.js";

/** @param selects the pin of each chip; one without hears everything */
export function connectSpi(
  port: RP2040["spi"][number],
  chips: readonly SpiChip[],
  selects: readonly string[],
  pins: Pins,
  time: EmulatedTime,
): void {
  const bus = new SpiBus(chips);
  let sent = 0;
  const alarm = new Alarm(time, () => {
    const heard = chips.filter((_, i) => selects[i] === undefined || !pins.level(selects[i]));
    port.completeTransmit(bus.exchange(heard, Uint8Array.of(sent))[0]!);
  });
  for (const [i, chip] of chips.entries())
    if (selects[i] === undefined) chip.select(true);
    else pins.follow(selects[i], (level) => chip.select(!level));
  port.onTransmit = (value) => {
    sent = value;
    for (const chip of chips) chip.setClock?.(port.clockFrequency, port.spiMode);
    alarm.schedule((port.dataBits * 1e9) / (port.clockFrequency || 1e6));
  };
}
