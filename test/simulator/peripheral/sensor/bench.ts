/** A simulated sensor in virtual time, and what comes of it through its own table. */
import { sensorTable } from "../../../../protocols/device/sensor/index.js";
import type { DeviceEvent, Reading } from "../../../../protocols/device/sensor/index.js";
import { VirtualClock } from "../../../../simulator/clock.js";
import type { UartPeripheral } from "../../../../simulator/uart.js";
import { UartWire } from "../../../../simulator/wire.js";

export interface Heard {
  bytes: number[];
  readings: Reading[];
  events: DeviceEvent[];
  damaged: string[];
}

/** A device on a cable whose board end keeps what comes. */
export class SerialBench {
  readonly clock = new VirtualClock();
  readonly wire: UartWire;

  constructor(
    private readonly peripheral: UartPeripheral,
    baud: number,
  ) {
    this.wire = new UartWire(baud, this.clock);
    this.wire.board.onTraffic(() => undefined);
    peripheral.connect(this.wire.peripheral, this.clock);
  }

  /** @returns the bytes that arrived in so many ms */
  async run(ms: number): Promise<number[]> {
    await this.clock.run(ms);
    return this.taken();
  }

  taken(): number[] {
    const { board } = this.wire;
    const bytes = [];
    while (board.nextArrival() <= this.clock.now()) bytes.push(board.takeArrival());
    return bytes;
  }

  say(data: Uint8Array): void {
    let at = this.clock.now();
    for (const byte of data) this.wire.board.transmit(byte, (at += this.wire.byteTime));
  }

  close(): void {
    this.peripheral.close?.();
  }
}

/** What the table makes of bytes, in batches of 100 as of a board. */
export function decoded(driver: string, bytes: readonly number[]): Heard {
  const table = sensorTable(driver)!;
  const decoder = table.decoder(table.rate.usual);
  const heard: Heard = { bytes: [...bytes], readings: [], events: [], damaged: [] };
  const size = 100 * table.unitBytes;
  for (let at = 0; at < bytes.length; at += size) {
    const { readings, events, damaged } = decoder.decode(Uint8Array.from(bytes.slice(at, at + size)), 0);
    heard.readings.push(...readings);
    heard.events.push(...events);
    heard.damaged.push(...damaged.map(({ cause }) => cause));
  }
  return heard;
}

export function column(readings: readonly Reading[], channel: number): (number | null)[] {
  return readings.map(({ values }) => values[channel]!);
}
