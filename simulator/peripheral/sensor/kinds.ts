/** The simulated sensors by kind, with the settings that the command line may give. */
import type { Chip } from "../../bus.js";
import type { OneWireDevice } from "../../onewire.js";
import type { UartPeripheral } from "../../uart.js";
import { count, number, oneOf } from "../settings.js";
import type { Setting } from "../settings.js";
import { Analyser } from "./analyser.js";
import { Cms50 } from "./cms50.js";
import { Ds18b20 } from "./ds18b20.js";
import { faultSettings } from "./faults.js";
import { Max30102 } from "./max30102.js";
import { Mlx90614 } from "./mlx90614.js";
import { Nonin } from "./nonin.js";

interface SensorKind<Made> {
  settings: Record<string, Setting>;
  make(settings: Record<string, unknown>): Made;
}

const { seed, unplugged } = faultSettings;

export const serialSensors: Record<string, SensorKind<UartPeripheral> & { on: { baud: number } }> = {
  nonin: {
    on: { baud: 9600 },
    settings: {
      spo2: count,
      pulse: count,
      fault: oneOf("none", "silent", "babbling", "disconnected", "artifact", "outoftrack", "alarm"),
      ...faultSettings,
    },
    make: (settings) => new Nonin(settings),
  },
  cms50: {
    on: { baud: 19_200 },
    settings: {
      spo2: count,
      pulse: count,
      fault: oneOf("none", "silent", "babbling", "searching", "probe", "dropping"),
      ...faultSettings,
    },
    make: (settings) => new Cms50(settings),
  },
  analyser: {
    on: { baud: 9600 },
    settings: { every: count, results: count, fault: oneOf("none", "silent", "babbling"), ...faultSettings },
    make: (settings) => new Analyser(settings),
  },
};

export const chipSensors: Record<string, SensorKind<Chip> & { bus: "I2C" }> = {
  max30102: {
    bus: "I2C",
    settings: {
      spo2: number,
      pulse: number,
      fault: oneOf("none", "absent", "wrong", "stuck", "silent", "nofinger"),
      seed,
      unplugged,
    },
    make: (settings) => new Max30102(settings),
  },
  mlx90614: {
    bus: "I2C",
    settings: {
      address: count,
      object: number,
      ambient: number,
      fault: oneOf("none", "absent", "stuck", "error"),
      ...faultSettings,
    },
    make: (settings) => new Mlx90614(settings),
  },
};

export const oneWireSensors: Record<string, SensorKind<OneWireDevice>> = {
  ds18b20: {
    settings: {
      temperature: number,
      serial: count,
      fault: oneOf("none", "absent", "wrong", "stuck", "brownout"),
      ...faultSettings,
    },
    make: (settings) => new Ds18b20(settings),
  },
};
