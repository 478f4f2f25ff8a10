/** What hangs on a board: the shape of each driver's part of the configuration. */
import { z } from "zod";
import { ad8232 as ad8232Table } from "../../protocols/device/sensor/ad8232.js";
import type { SensorTable } from "../../protocols/device/sensor/index.js";
import { baud, integer, must, path, pin, uart } from "./fields.js";

const DRIVER = "The program that knows the device";

const pins = z
  .strictObject(
    {
      tx: pin.describe("Towards the device").optional(),
      rx: pin.describe("From the device").optional(),
      cts: pin.describe("Input: low while the device can take more").optional(),
      dtr: pin.describe("Output: low while the board is there").optional(),
      rts: pin.describe("Output: low while the board is there").optional(),
    },
    must('an object with any of "tx", "rx", "cts", "dtr" and "rts"'),
  )
  .describe("Pins, where they are not the UART's usual ones");

const printer = z.strictObject(
  {
    driver: z.literal("escpos").describe(DRIVER),
    uart,
    baud,
    flow: z
      .enum(["none", "xonxoff", "rtscts", "dtrdsr"], must('"none", "xonxoff", "rtscts" or "dtrdsr"'))
      .describe("How the device says that its buffer is full; none if left out")
      .optional(),
    buffer: integer(1, 1_048_576, "a number of bytes")
      .describe("The device's receive buffer; 4096 if left out")
      .optional(),
    answers: z.boolean(must("true or false")).describe("false: the device's data line is not connected").optional(),
    pins: pins.optional(),
    path: path.optional(),
  },
  must('an object with "driver", "uart" and "baud"'),
);

/** Readings a second, within what the device can do. */
function rate({ rate: { least, most, usual } }: SensorTable): z.ZodOptional<z.ZodInt> {
  return integer(least, most, "a number of readings a second")
    .describe(`Readings a second; ${usual} if left out`)
    .optional();
}

const ad8232 = z.strictObject(
  {
    driver: z.literal("ad8232").describe(DRIVER),
    rate: rate(ad8232Table),
    pins: z
      .strictObject(
        {
          out: pin.describe("Its output, on a pin with a converter"),
          loPlus: pin.describe("LO+: high while that electrode is off").optional(),
          loMinus: pin.describe("LO-: high while that electrode is off").optional(),
        },
        must('an object with "out", and "loPlus" and "loMinus" where they are connected'),
      )
      .describe("Its pins"),
  },
  must('an object with "driver" and "pins"'),
);

/** By driver. */
const DEVICES = { escpos: printer, ad8232 };

export const DRIVERS: string = Object.keys(DEVICES)
  .map((name) => `"${name}"`)
  .join(", ");

export const device = z.discriminatedUnion("driver", [printer, ad8232], {
  error: (issue) => {
    const given = issue.input as { driver?: unknown };
    // Of an object it is the driver that is wrong.
    return issue.code === "invalid_union"
      ? must(`the name of a driver: ${DRIVERS}`).error({ input: given.driver })
      : must('an object with a "driver"').error(issue);
  },
});

/** The shape of what a driver wants. */
export function deviceOf(driver: unknown): z.ZodObject | undefined {
  return Object.entries(DEVICES).find(([name]) => name === driver)?.[1];
}

export type DeviceConfig = z.infer<typeof device>;
export type PrinterConfig = z.infer<typeof printer>;
export type SensorConfig = Exclude<DeviceConfig, PrinterConfig>;
