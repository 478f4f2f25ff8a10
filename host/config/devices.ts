/** What hangs on a board: the shape of each driver's part of the configuration. */
import { z } from "zod";
import { VC_CHUNK, VC_PARTS } from "../../protocols/device/camera/vc0706.js";
import { cameraTable } from "../../protocols/device/camera/index.js";
import { sensorTable } from "../../protocols/device/sensor/index.js";
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
function rate(driver: string): z.ZodOptional<z.ZodInt> {
  const { least, most, usual } = sensorTable(driver)!.rate;
  return integer(least, most, "a number of readings a second")
    .describe(`Readings a second; ${usual} if left out`)
    .optional();
}

const bus = z.string(must('the name of a bus under "buses"')).describe("The I2C bus that it hangs on, by its name");

const ad8232 = z.strictObject(
  {
    driver: z.literal("ad8232").describe(DRIVER),
    rate: rate("ad8232"),
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

/** Oximeters that send without being asked. */
function oximeter<T extends string>(driver: T, usual: number) {
  return z.strictObject(
    {
      driver: z.literal(driver).describe(DRIVER),
      uart,
      baud: baud.describe(`Bits a second; ${usual} if left out`).optional(),
      pins: z
        .strictObject({ rx: pin.describe("From the device") }, must('an object with "rx"'))
        .describe("Its pin, where it is not the UART's usual one")
        .optional(),
      path: path.optional(),
    },
    must('an object with "driver" and "uart"'),
  );
}

const nonin = oximeter("nonin", 9600);
const cms50 = oximeter("cms50", 19_200);

const analyser = z.strictObject(
  {
    driver: z.literal("analyser").describe(DRIVER),
    uart,
    baud: baud.describe("Bits a second; 9600 if left out").optional(),
    pins: z
      .strictObject(
        { tx: pin.describe("Towards the device").optional(), rx: pin.describe("From the device").optional() },
        must('an object with "tx" and "rx"'),
      )
      .describe("Pins, where they are not the UART's usual ones")
      .optional(),
    path: path.optional(),
  },
  must('an object with "driver" and "uart"'),
);

const max30102 = z.strictObject(
  {
    driver: z.literal("max30102").describe(DRIVER),
    bus,
    rate: z
      .union([z.literal(50), z.literal(100), z.literal(200), z.literal(400)], must("50, 100, 200 or 400"))
      .describe("Samples a second; 100 if left out")
      .optional(),
    pins: z
      .strictObject({ int: pin.describe("INT: low when samples wait") }, must('an object with "int"'))
      .describe("Its interrupt; without it the board looks ten times a second, and times are less exact")
      .optional(),
  },
  must('an object with "driver" and "bus"'),
);

const mlx90614 = z.strictObject(
  { driver: z.literal("mlx90614").describe(DRIVER), bus, rate: rate("mlx90614") },
  must('an object with "driver" and "bus"'),
);

const ds18b20 = z.strictObject(
  {
    driver: z.literal("ds18b20").describe(DRIVER),
    pins: z
      .strictObject({ data: pin.describe("Its wire, with a pull-up") }, must('an object with "data"'))
      .describe("Its pin"),
  },
  must('an object with "driver" and "pins"'),
);

/** Of a camera's images. */
function images(sizes: readonly string[]) {
  return {
    size: z
      .enum(sizes as [string, ...string[]], must(`one of ${sizes.join(", ")}`))
      .describe(`Of its images where a request says nothing; ${sizes[0]} if left out`)
      .optional(),
    quality: integer(1, 100, "a quality")
      .describe("Of its images where a request says nothing; the camera's own if left out")
      .optional(),
  };
}

/** A camera on a UART. */
function camera<T extends string>(driver: T) {
  const { sizes, bauds } = cameraTable(driver)!;
  const [first, ...others] = bauds.map((speed) => z.literal(speed)) as [
    z.ZodLiteral<number>,
    ...z.ZodLiteral<number>[],
  ];
  return z.strictObject(
    {
      driver: z.literal(driver).describe(DRIVER),
      uart,
      baud: z
        .union([first, ...others], must(`one of ${bauds.join(", ")}`))
        .describe(`Bits a second that it is raised to; ${bauds[0]} if left out`)
        .optional(),
      ...images(sizes),
      verify: z
        .boolean(must("true or false"))
        .describe("true: each part of an image is read until two copies in a row are the same, at half of the speed")
        .optional(),
      pins: z
        .strictObject(
          { tx: pin.describe("Towards the camera"), rx: pin.describe("From the camera") },
          must('an object with "tx" and "rx"'),
        )
        .describe("Pins, where they are not the UART's usual ones")
        .optional(),
      path: path.optional(),
    },
    must('an object with "driver" and "uart"'),
  );
}

const vc0706 = camera("vc0706").extend({
  part: integer(VC_PARTS.least, VC_PARTS.most, "bytes")
    .multipleOf(VC_CHUNK, must(`a multiple of ${VC_CHUNK}`))
    .describe(
      `Bytes of an image that are asked for at once, a multiple of ${VC_CHUNK}; ${VC_PARTS.usual} if left out. More are faster, and wait in the queue that UARTs share`,
    )
    .optional(),
});
const ov528 = camera("ov528");

const ov2640 = z.strictObject(
  {
    driver: z.literal("ov2640").describe(DRIVER),
    spi: z.string(must('the name of a bus under "buses"')).describe("The SPI bus of its images, by its name"),
    cs: integer(0, 15, "the number of a pin of the bus's cs")
      .describe("Which pin of that bus's cs is its own, from 0; 0 if left out")
      .optional(),
    i2c: z.string(must('the name of a bus under "buses"')).describe("The I2C bus of its sensor, by its name"),
    ...images(cameraTable("ov2640")!.sizes),
  },
  must('an object with "driver", "spi" and "i2c"'),
);

/** By driver. */
const DEVICES = { escpos: printer, ad8232, analyser, cms50, ds18b20, max30102, mlx90614, nonin, ov2640, ov528, vc0706 };

export const DRIVERS: string = Object.keys(DEVICES)
  .map((name) => `"${name}"`)
  .join(", ");

export const device = z.discriminatedUnion(
  "driver",
  [printer, ad8232, analyser, cms50, ds18b20, max30102, mlx90614, nonin, ov2640, ov528, vc0706],
  {
    error: (issue) => {
      const given = issue.input as { driver?: unknown };
      // Of an object it is the driver that is wrong.
      return issue.code === "invalid_union"
        ? must(`the name of a driver: ${DRIVERS}`).error({ input: given.driver })
        : must('an object with a "driver"').error(issue);
    },
  },
);

/** The shape of what a driver wants. */
export function deviceOf(driver: unknown): z.ZodObject | undefined {
  return Object.entries(DEVICES).find(([name]) => name === driver)?.[1];
}

export type DeviceConfig = z.infer<typeof device>;
export type PrinterConfig = z.infer<typeof printer>;
export type SensorConfig = Exclude<DeviceConfig, PrinterConfig>;
