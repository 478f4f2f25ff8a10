/** All tables, by the driver's name: for the host. The board imports none. */
import { ad8232 } from "./ad8232.js";
import type { SensorTable } from "./table.js";

export type { Channel, Decoded, DeviceEvent, Reading, SensorDecoder, SensorTable } from "./table.js";

export const SENSORS: readonly SensorTable[] = [ad8232];

export function sensorTable(driver: string): SensorTable | undefined {
  return SENSORS.find((table) => table.driver == driver);
}
