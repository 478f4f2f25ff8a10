/** What a host knows of each kind of camera, by the driver's name. The board imports the files themselves. */
import { OV_BAUDS, OV_SIZES } from "./ov528.js";
import { SENSOR_SIZES } from "./ov2640.js";
import { VC_SIZES } from "./vc0706.js";

export interface CameraTable {
  /** The driver's name in configurations. */
  readonly driver: string;
  readonly title: string;
  /** What it can do, the largest first: `640x480`. */
  readonly sizes: readonly string[];
  /** Speeds of its UART, bits a second; none on a bus. */
  readonly bauds: readonly number[];
  /** The fastest of them from which an image comes to a board that polls its UARTs, where that is not the first. test/pico/cameras.test.ts. */
  readonly polledBaud?: number;
}

export const CAMERAS: readonly CameraTable[] = [
  {
    driver: "vc0706",
    title: "VC0706 camera",
    sizes: Object.keys(VC_SIZES),
    bauds: [115_200, 57_600, 38_400, 19_200, 9600],
  },
  // Its packages are longer than a FIFO. A VC0706 is read in parts that one holds.
  { driver: "ov528", title: "OV528 camera", sizes: Object.keys(OV_SIZES), bauds: OV_BAUDS, polledBaud: 19_200 },
  { driver: "ov2640", title: "ArduCAM Mini with an OV2640", sizes: Object.keys(SENSOR_SIZES).reverse(), bauds: [] },
];

export function cameraTable(driver: string): CameraTable | undefined {
  return CAMERAS.find((table) => table.driver == driver);
}
