/** All tables, by the driver's name: for the host. The board imports none. */
import { ad8232 } from "./ad8232.js";
import { cms50 } from "./cms50.js";
import { ds18b20 } from "./ds18b20.js";
import { max30102 } from "./max30102.js";
import { mlx90614 } from "./mlx90614.js";
import { nonin } from "./nonin.js";
import type { SensorTable } from "./table.js";

export type { Channel, Decoded, DeviceEvent, Reading, SensorDecoder, SensorTable } from "./table.js";

export const SENSORS: readonly SensorTable[] = [ad8232, cms50, ds18b20, max30102, mlx90614, nonin];

export function sensorTable(driver: string): SensorTable | undefined {
  return SENSORS.find((table) => table.driver == driver);
}
