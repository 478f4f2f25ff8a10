/** What recorders and viewers need of a sensor: `board.sensor(name).source()` gives it, and so may anything else. */
import type { SensorTable } from "../../protocols/device/sensor/index.js";
import type { SensorAlarm, SensorGap, SensorReading } from "./readings.js";

export interface SensorSource {
  readonly table: SensorTable;
  /** Readings a second. */
  readonly rate: number;
  samples(options?: { signal?: AbortSignal | undefined }): AsyncIterable<SensorReading | SensorGap>;
  /** The device's own words, ahead of the readings. Gaps here are those that the samples have, too. */
  alarms(options?: { signal?: AbortSignal | undefined }): AsyncIterable<SensorAlarm | SensorGap>;
}
