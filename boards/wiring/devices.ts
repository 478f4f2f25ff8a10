/** How each device is wired, whatever board it hangs on: docs/devices/ has where each fact comes from. */

/** The device's own name of a terminal, and the signal of the configuration that it goes to. */
export interface Terminal {
  readonly name: string;
  readonly signal: string;
  readonly what: string;
}

export interface DeviceWiring {
  readonly driver: string;
  /** In its configuration. */
  readonly name: string;
  readonly title: string;
  /** Under docs/devices/. */
  readonly page: string;
  readonly on: "uart" | "i2c" | "spi and i2c" | "pins";
  /** Of a UART: bits a second, where the driver has no usual ones. */
  readonly baud?: number;
  readonly terminals: readonly Terminal[];
  /** Where its supply comes from; `own` is a supply of its own. */
  readonly supply: "v3" | "v5" | "own";
  /** What it takes, and what else its wires need. */
  readonly notes: string;
  /** The speed that it gets on a board that polls its UARTs, where that is another one. */
  readonly polledBaud?: number;
  /** Its lines may have 5 V. */
  readonly fiveVolts?: boolean;
}

const I2C: readonly Terminal[] = [
  { name: "SCL", signal: "scl", what: "clock, with 4.7 kΩ to 3.3 V" },
  { name: "SDA", signal: "sda", what: "data, with 4.7 kΩ to 3.3 V" },
];
const SERIAL: readonly Terminal[] = [
  { name: "RX", signal: "tx", what: "from the board" },
  { name: "TX", signal: "rx", what: "to the board" },
];
/** Of a device that is only listened to. */
const SAYS: readonly Terminal[] = [{ name: "TX", signal: "rx", what: "to the board" }];

const RS232 = "Models with RS-232 levels need a shifter such as a MAX3232, run at 3.3 V";

export const DEVICES: readonly DeviceWiring[] = [
  {
    ...{
      driver: "escpos",
      name: "printer0",
      title: "Receipt printer",
      page: "escpos",
      on: "uart",
      baud: 9600,
      supply: "own",
    },
    terminals: SERIAL,
    fiveVolts: true,
    notes: `${RS232}. A printer that prints takes amperes: it has a supply of its own, and the board's GND in common. With CTS or DTR see its page.`,
  },
  {
    ...{ driver: "ad8232", name: "ecg0", title: "ECG amplifier AD8232", page: "ad8232", on: "pins", supply: "v3" },
    terminals: [
      { name: "OUTPUT", signal: "out", what: "a pin with a converter" },
      { name: "LO+", signal: "loPlus", what: "high while that electrode is off" },
      { name: "LO-", signal: "loMinus", what: "high while that electrode is off" },
    ],
    notes:
      "SDN stays high, or open where the module pulls it up. On battery only while somebody wears the electrodes. Not for diagnosis.",
  },
  {
    ...{
      driver: "max30102",
      name: "spo2",
      title: "Pulse oximeter MAX30102",
      page: "max30102",
      on: "i2c",
      supply: "v3",
    },
    terminals: [...I2C, { name: "INT", signal: "int", what: "low when samples wait, with 4.7 kΩ to 3.3 V" }],
    notes:
      "A breakout board with regulators; some of them pull the lines up to 1.8 V, which will not do. Not for diagnosis.",
  },
  {
    ...{ driver: "mlx90614", name: "temp0", title: "Thermometer MLX90614", page: "mlx90614", on: "i2c", supply: "v3" },
    terminals: I2C,
    notes: "Of the types for 3 V (B in the third place behind the dash). At most 100 kHz.",
  },
  {
    ...{ driver: "ds18b20", name: "temp0", title: "Thermometer DS18B20", page: "ds18b20", on: "pins", supply: "v3" },
    terminals: [{ name: "DQ", signal: "data", what: "its wire, with 4.7 kΩ to 3.3 V" }],
    notes: "VDD to 3.3 V; with VDD at GND it draws its current from the wire.",
  },
  {
    ...{ driver: "nonin", name: "spo2", title: "Oximeter Nonin OEM III", page: "nonin", on: "uart", supply: "own" },
    terminals: SAYS,
    notes: `${RS232}. Not for diagnosis.`,
  },
  {
    ...{ driver: "cms50", name: "spo2", title: "Oximeter Contec CMS50", page: "cms50", on: "uart", supply: "own" },
    terminals: SAYS,
    notes: "The socket on the device looks like USB and is a UART. Not for diagnosis.",
  },
  {
    ...{
      driver: "analyser",
      name: "analyser0",
      title: "Laboratory analyser, ASTM E1381",
      page: "astm",
      on: "uart",
      supply: "own",
    },
    terminals: SERIAL,
    notes: "RS-232: through a shifter such as a MAX3232, run at 3.3 V; crossed or not as its manual says.",
  },
  {
    ...{
      driver: "vc0706",
      name: "camera0",
      title: "Camera VC0706",
      page: "vc0706",
      on: "uart",
      supply: "v5",
    },
    terminals: SERIAL,
    notes: "80 to 100 mA at 5 V, not from the board's regulator; data lines of 3.3 V. Some have RS-232 levels.",
  },
  {
    ...{
      driver: "ov528",
      polledBaud: 19_200,
      name: "camera0",
      title: "Camera OV528",
      page: "ov528",
      on: "uart",
      supply: "v5",
    },
    terminals: SERIAL,
    notes: "uCAM and Grove run on 5 V, C328 on 3.3 V; data lines of 3.3 V.",
  },
  {
    ...{
      driver: "ov2640",
      name: "camera0",
      title: "Camera ArduCAM Mini OV2640",
      page: "ov2640",
      on: "spi and i2c",
      supply: "v3",
    },
    terminals: [
      { name: "CS", signal: "cs", what: "select, low" },
      { name: "MOSI", signal: "mosi", what: "to the camera" },
      { name: "MISO", signal: "miso", what: "from the camera" },
      { name: "SCK", signal: "sck", what: "clock" },
      ...I2C,
    ],
    notes: "70 to 140 mA.",
  },
];
