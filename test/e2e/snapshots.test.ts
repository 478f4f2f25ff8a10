/**
 * Many snapshots from each camera over each link, in virtual time, each byte for byte the source file: a few with the other tests, a hundred with
 * `npm run snapshots`, which says how long they took. `LIKE=espruino-wifi` charges the board's time, too, and with `BAUD` the UARTs are of another speed than 115200.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Arducam } from "../../simulator/peripheral/camera/arducam.js";
import { Ov528 } from "../../simulator/peripheral/camera/ov528.js";
import { Vc0706 } from "../../simulator/peripheral/camera/vc0706.js";
import { IMAGES } from "../simulator/peripheral/camera/bench.js";
import { linkKinds, Rig, withFirmware } from "./rig.js";
import type { LinkKind } from "./rig.js";

const count = Number(process.env["SNAPSHOTS"] ?? 4);
const like = process.env["LIKE"];
const BAUD = Number(process.env["BAUD"] ?? 115_200);
const SIZE = "640x480";
/** With the noise of a sensor, which is most of a picture of one: 36 and 39 KB, as the cameras' own are. */
const NOISY = `${IMAGES}noisy/`;
const FILES = [1, 2].map((number) => new Uint8Array(readFileSync(`${NOISY}${SIZE}-${number}.jpg`)));

const UART = { uart: "Serial3", path: "/dev/null" };
const BUSES = { spi0: { port: "SPI1", bitrate: 4_000_000, cs: ["D5"] }, i2c0: { port: "I2C1" } };
const CAMERAS = {
  vc0706: { wires: UART, make: () => new Vc0706({ image: NOISY }) },
  ov528: { wires: UART, make: () => new Ov528({ image: NOISY }) },
  ov2640: { wires: { spi: "spi0", i2c: "i2c0" }, make: () => new Arducam({ image: NOISY }) },
};

class Campaign {
  /** Bytes a second from the first byte on, and ms from the request to it, of each image. */
  readonly rates: number[] = [];
  readonly waits: number[] = [];
  broken = 0;

  constructor(
    private readonly rig: Rig,
    private readonly link: LinkKind,
  ) {}

  async run(): Promise<void> {
    const { rig } = this;
    const host = await rig.connect(this.link);
    const camera = host.camera();
    for (let i = 0; i < count; i++) {
      const asked = rig.clock.now();
      let begun = 0;
      const { data, broken } = await rig.during(camera.snapshot({ onProgress: () => (begun ||= rig.clock.now()) }));
      assert.ok(data.equals(FILES[i % FILES.length]!), `image ${i}: ${data.length} bytes of another one`);
      this.broken += broken;
      this.waits.push(begun - asked);
      this.rates.push((1000 * data.length) / (rig.clock.now() - begun));
    }
  }
}

function rigOf(driver: keyof typeof CAMERAS, baud: number, like: string | undefined): Rig {
  const { wires, make } = CAMERAS[driver];
  return new Rig({
    config: { buses: BUSES },
    devices: { camera0: { driver, ...wires, ...("uart" in wires && { baud }), size: SIZE } },
    peripherals: { camera0: make() },
    ...(like !== undefined && { like }),
  });
}

const middle = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

describe("snapshots of each camera over each link", function () {
  withFirmware();
  this.timeout(600_000);

  for (const driver of Object.keys(CAMERAS) as (keyof typeof CAMERAS)[])
    for (const link of linkKinds)
      it(`${driver} over ${link}: each is the source file`, async () => {
        const rig = rigOf(driver, BAUD, like);
        const campaign = new Campaign(rig, link);
        await campaign.run();
        rig.board.powerOff();
        const { rates, waits, broken } = campaign;
        const rate = middle(rates);
        if (process.env["SNAPSHOTS"]) {
          const share = driver === "ov2640" ? "" : `, ${((1000 * rate) / BAUD).toFixed(1)} % of the line`;
          process.stdout.write(
            `      ${count} images, ${broken} asked for again; ${Math.round(rate)} B/s${share} (least ${Math.round(Math.min(...rates))}); ` +
              `first byte after ${Math.round(middle(waits))} ms, the first image's after ${Math.round(waits[0]!)}\n`,
          );
        }
        assert.equal(broken, 0);
        if (like === undefined) assert.ok(rate > 0.09 * BAUD, `${Math.round(rate)} B/s`);
      });

  // The host asks for the time more often in the first seconds than later, and each time takes 40 ms: docs/cameras.md has a hundred images.
  for (const [board, driver, baud, share] of [
    ["espruino-wifi", "vc0706", 57_600, 0.91],
    ["espruino-wifi", "ov528", 57_600, 0.91],
    ["pico-wiznet", "vc0706", 57_600, 0.9],
    ["pico-wiznet", "ov528", 57_600, 0.9],
    ["espruino-wifi", "vc0706", 115_200, 0.9],
    ["espruino-wifi", "ov528", 115_200, 0.89],
    ["pico-wiznet", "vc0706", 115_200, 0.88],
    ["pico-wiznet", "ov528", 115_200, 0.87],
  ] as const)
    it(`${driver} at ${baud}, at the speed of ${board}: at least ${100 * share} % of what its line carries`, async () => {
      const rig = rigOf(driver, baud, board);
      const campaign = new Campaign(rig, "tcp");
      await campaign.run();
      rig.board.powerOff();
      const reached = (10 * middle(campaign.rates)) / baud;
      assert.ok(reached > share, `${(100 * reached).toFixed(1)} %`);
    });
});
