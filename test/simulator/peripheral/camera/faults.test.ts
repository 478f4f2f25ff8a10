import assert from "node:assert/strict";
import { readJpeg } from "../../../../protocols/device/camera/jpeg.js";
import type { CameraFault } from "../../../../simulator/peripheral/camera/faults.js";
import { Ov528 } from "../../../../simulator/peripheral/camera/ov528.js";
import { Vc0706 } from "../../../../simulator/peripheral/camera/vc0706.js";
import { CameraBench, image, imageFile } from "./bench.js";
import { Ov528Reader } from "./ov528-reader.js";
import { Vc0706Reader } from "./vc0706-reader.js";

interface Reader {
  snapshot: () => Promise<Uint8Array>;
}

interface Options {
  fault?: CameraFault;
  unplugged?: { from: number; ms: number }[];
}

/** A camera that sees one file of 160 by 120, and how its reader begins. */
interface Kind {
  make: (options: Options) => CameraBench;
  open: (bench: CameraBench) => Promise<Reader>;
}

const BAUD = 115_200;
const SIZE = "160x120";
const FILE = image(SIZE);

const kinds: Record<string, Kind> = {
  VC0706: {
    make: (options) => new CameraBench(new Vc0706({ image: imageFile(SIZE), size: SIZE, ...options }), BAUD),
    open: async (bench) => {
      const reader = new Vc0706Reader(bench);
      await reader.open(SIZE, BAUD);
      return { snapshot: () => reader.snapshot(128) };
    },
  },
  OV528: {
    make: (options) => new CameraBench(new Ov528({ image: imageFile(SIZE), ...options }), BAUD),
    open: async (bench) => {
      const reader = new Ov528Reader(bench);
      await reader.open(SIZE, BAUD, BAUD, 128);
      return { snapshot: () => reader.snapshot() };
    },
  },
};

for (const [name, { make, open }] of Object.entries(kinds))
  describe(`a simulated ${name} with a fault`, () => {
    for (const fault of ["absent", "wrong", "silent", "babbling"] as const)
      it(`is ${fault}: no reader finds it`, async () => {
        const bench = make({ fault });
        await assert.rejects(open(bench), /ETIMEDOUT/);
        const { toBoard } = bench.wire.counters;
        assert.equal(
          toBoard > 0,
          fault === "wrong" || fault === "babbling" || (fault === "silent" && name === "VC0706"),
        );
        bench.close();
      });

    it("is stuck at its image: it never has one", async () => {
      const bench = make({ fault: "stuck" });
      const reader = await open(bench);
      await assert.rejects(reader.snapshot(), /ETIMEDOUT/);
      assert.equal(bench.camera.shots, 0);
    });

    it("gives an image without an end", async () => {
      const got = await (await open(make({ fault: "endless" }))).snapshot();
      assert.equal(got.length, FILE.length);
      assert.equal(readJpeg(got), "its end is missing");
    });

    it("says a length that is rounded up", async () => {
      const got = await (await open(make({ fault: "padded" }))).snapshot();
      const form = readJpeg(got);
      assert.ok(typeof form !== "string");
      assert.deepEqual([got.length, form.length], [2304, FILE.length]);
      assert.deepEqual(got.slice(0, form.length), FILE);
    });

    for (const fault of ["lost", "refusing"] as const)
      it(`is ${fault} now and then: a reader that asks again has it whole`, async () => {
        const bench = make({ fault });
        const got = await (await open(bench)).snapshot();
        assert.deepEqual(got, FILE);
        if (fault === "refusing") assert.ok(bench.camera.counters.refused > 0);
        else assert.ok(bench.camera.counters.commands > 0);
      });

    it("loses its power in the middle of each image, and begins anew after that", async () => {
      const bench = make({ fault: "brownout" });
      const reader = await open(bench);
      const before = bench.camera.counters.sent;
      await assert.rejects(reader.snapshot(), /ETIMEDOUT/);
      const sent = bench.camera.counters.sent - before;
      assert.ok(sent > FILE.length / 2 && sent < FILE.length, `${sent} sent`);
      bench.camera.faults.fault = "none";
      assert.deepEqual(await (await open(bench)).snapshot(), FILE);
    });

    it("is unplugged in the middle of an image, and there again", async () => {
      const bench = make({});
      const reader = await open(bench);
      bench.clock.after(150, () => bench.camera.unplug());
      bench.clock.after(400, () => bench.camera.plug());
      await assert.rejects(reader.snapshot(), /ETIMEDOUT/);
      assert.deepEqual(await (await open(bench)).snapshot(), FILE);
    });

    it("is unplugged when it is told to be", async () => {
      const bench = make({ unplugged: [{ from: 0, ms: 4000 }] });
      await bench.clock.run(3900);
      assert.equal(bench.wire.counters.toBoard, 0);
      await bench.clock.run(2000);
      assert.deepEqual(await (await open(bench)).snapshot(), FILE);
    });
  });
