/** A camera through the board to programs, in virtual time: an image is byte for byte the camera's, or nobody gets it. */
import assert from "node:assert/strict";
import { ALARM_EDGES } from "../../host/config/budget.js";
import type { Board, SensorGap, SensorReading, SnapshotOptions } from "../../host/index.js";
import { SOCK_SEQPACKET } from "../../host/index.js";
import type { CameraOptions } from "../../simulator/peripheral/camera/faults.js";
import { Arducam } from "../../simulator/peripheral/camera/arducam.js";
import { Ov528 } from "../../simulator/peripheral/camera/ov528.js";
import { Vc0706 } from "../../simulator/peripheral/camera/vc0706.js";
import { Max30102 } from "../../simulator/peripheral/sensor/max30102.js";
import { Nonin } from "../../simulator/peripheral/sensor/nonin.js";
import { EDGE_BYTES } from "../../protocols/device/demand.js";
import type { Revision } from "../../simulator/peripheral/camera/arducam.js";
import type { Size } from "../../simulator/peripheral/camera/frames.js";
import { image, IMAGES, imageFile } from "../simulator/peripheral/camera/bench.js";
import { Rig, withFirmware } from "./rig.js";
import type { RigOptions } from "./rig.js";

type Options = CameraOptions & { size?: Size; revision?: Revision };

const KINDS = {
  vc0706: (options: Options) => new Vc0706({ boot: 50, size: "160x120", ...options }),
  ov528: (options: Options) => new Ov528(options),
  ov2640: (options: Options) => new Arducam(options),
};
type Kind = keyof typeof KINDS;

/** Of a camera without a UART. */
const BUSES = { spi: "spi0", cs: 0, i2c: "i2c0" };
const PORTS = { spi0: { port: "SPI1", bitrate: 4_000_000, cs: ["D5"] }, i2c0: { port: "I2C1" } };

interface CameraRig<K extends Kind> {
  rig: Rig;
  camera: ReturnType<(typeof KINDS)[K]>;
  host: Board;
  snap: (options?: SnapshotOptions) => Promise<Buffer>;
  /** What came is what the camera took last. */
  same: (options?: SnapshotOptions) => Promise<void>;
  finish: () => Promise<void>;
}

/** Its EEPROM's size is asked of it as often as a byte of that is lost on the line, and once more. */
class HardOfHearing extends Vc0706 {
  missed = 0;
  private said = "";

  protected override hear(byte: number): void {
    this.said = (this.said + byte.toString(16).padStart(2, "0")).slice(-18);
    if (this.missed < 2 && this.said.startsWith("5600310504010019")) this.missed++;
    else super.hear(byte);
  }
}

/** The last bytes of a part of an image are lost on the line, once. */
class Short extends Vc0706 {
  /** All came but for those. */
  short = false;

  protected override sendImage(bytes: Uint8Array, from: number, whole: number, done: () => void): void {
    if (this.short || from === 0) return super.sendImage(bytes, from, whole, done);
    super.sendImage(bytes.subarray(0, -LOST), from, whole, () => {
      this.short = true;
      done();
    });
  }
}

/** Bytes, and for how many ms nothing comes behind that at the least. */
const LOST = 5;
const SILENT_MS = 150;

async function rigWith<K extends Kind>(
  kind: K,
  options: Options = {},
  device: object = {},
  more: RigOptions & { link?: "tcp" | "udp" | "serial" } = {},
): Promise<CameraRig<K>> {
  const camera = KINDS[kind]({
    image: imageFile("160x120"),
    ...options,
  }) as CameraRig<K>["camera"];
  const wires = kind === "ov2640" ? BUSES : { uart: "Serial3", baud: 115_200, path: "/dev/null" };
  const devices = { camera0: { driver: kind, ...wires, size: "160x120", ...device }, ...more.devices };
  const peripherals = { camera0: camera, ...more.peripherals };
  const rig = new Rig({ ...more, config: { buses: PORTS, ...more.config }, devices, peripherals });
  const host = await rig.connect(more.link ?? "tcp");
  const snap = async (options?: SnapshotOptions): Promise<Buffer> =>
    (await rig.during(host.camera().snapshot(options))).data;
  return {
    ...{ rig, camera, host, snap },
    same: async (options) => assert.ok((await snap(options)).equals(camera.last), "another image"),
    finish: async () => {
      // Who looks for a camera listens at speeds that it has not.
      const others = rig.console.filter((line) => !/cable's far end/.test(line));
      rig.console.splice(0, Infinity, ...others);
      await rig.finish();
    },
  };
}

for (const kind of ["vc0706", "ov528", "ov2640"] as const)
  describe(`a camera, ${kind}`, function () {
    withFirmware();
    this.timeout(60_000);

    for (const link of ["tcp", "udp", "serial"] as const)
      it(`gives the image that it took over ${link}, at nine tenths of what its line carries`, async () => {
        const { rig, camera, host, same, finish } = await rigWith(
          kind,
          { image: imageFile("640x480"), size: "640x480" },
          { size: "640x480" },
          { link },
        );
        await same();
        assert.ok(Buffer.from(image("640x480")).equals(camera.last));
        const begun: number[] = [];
        await rig.during(host.camera().snapshot({ onProgress: () => void begun.push(rig.clock.now()) }));
        const rate = (camera.last.length / (rig.clock.now() - begun[0]!)) * 1000;
        assert.ok(rate > 0.9 * 11_520, `${Math.round(rate)} bytes a second`);
        await finish();
      });

    it("gives it to a host with the board's key, on each link", async () => {
      for (const link of ["tcp", "udp", "serial"] as const) {
        const { same, finish } = await rigWith(kind, {}, {}, { link, key: new Uint8Array(32).fill(7) });
        await same();
        await finish();
      }
    });

    const dead: [Options, string, RegExp][] = [
      [{ fault: "absent" }, "ETIMEDOUT", /camera0 does not answer/],
      // It says that it has begun.
      kind === "vc0706"
        ? [{ fault: "silent" }, "ENODEV", /is no answer of a VC0706/]
        : [{ fault: "silent" }, "ETIMEDOUT", /camera0 does not answer/],
      [{ fault: "wrong" }, "ENODEV", kind === "ov2640" ? /at address 48 is no OV2640/ : /is no answer of an? /],
      [{ fault: "babbling" }, "ENODEV", /is no answer of an? /],
      [{ fault: "stuck" }, "ETIMEDOUT", /camera0 does not/],
    ];
    if (kind !== "ov2640") dead.push([{ sizes: ["320x240"], size: "320x240" }, "EINVAL", /refuses this size/]);
    for (const [options, code, words] of dead)
      it(`${options.fault ?? "one that cannot do the size"}: whoever asks is told ${code}`, async () => {
        const { rig, snap, finish } = await rigWith(kind, options);
        await rig.rejected(snap(), code, words);
        await finish();
      });

    // What is lost of a FIFO does not come again: that is below.
    for (const fault of ["lost", "refusing", "padded"] as const)
      if (kind !== "ov2640" || fault !== "lost")
        it(`${fault}: what it did not do is asked for again`, async () => {
          const { same, finish } = await rigWith(kind, { fault });
          for (let i = 0; i < 5; i++) await same();
          await finish();
        });

    it("one that loses its power within an image ends that one, and is there for the next", async () => {
      const { rig, camera, same, snap, finish, host } = await rigWith(kind, {
        fault: "brownout",
      });
      await rig.rejected(snap(), "EIO", /gave no whole image in 3 tries: \d+ of \d+ bytes came: camera0 stopped/);
      camera.faults.fault = "none";
      await same();
      assert.equal((await rig.during(host.camera().status())).broken, 3);
      await finish();
    });

    // On SPI there is nothing that could be read twice: that is below.
    for (const noise of kind === "ov2640" ? [] : [0.001, 0.01])
      it(`on a line that spoils ${noise * 1000} of 1,000 bytes no image has a wrong one, once it was noticed`, async () => {
        // Of a VC0706 one image in fifty has a part of which two copies in a row have the same wrong bit, at the worst of these: not with this seed.
        const { camera, snap, finish } = await rigWith(kind, { noise, seed: 2 }, { verify: true });
        const errors: unknown[] = [];
        let images = 0;
        for (let i = 0; i < 8; i++) {
          const came = await snap().catch((error: unknown) => void errors.push(error));
          if (!came) continue;
          images++;
          assert.ok(came.equals(camera.last), `image ${i}`);
        }
        assert.ok(images >= 7, String(errors[0]));
        await finish();
      });

    it("beside an oximeter, at the speed and with the queue of espruino-wifi, none of its frames is lost, nor an alarm's place", async () => {
      const spo2 = new Nonin({ spo2: 97, pulse: 72 });
      const nonin = {
        driver: "nonin",
        uart: "Serial4",
        baud: 9600,
        path: "/dev/null",
      };
      const { rig, camera, host } = await rigWith(
        kind,
        { image: IMAGES },
        // What the host's check says: docs/timing.md.
        { size: "320x240", ...(kind === "vc0706" && { part: 512 }) },
        {
          ...{ like: "espruino-wifi", links: ["tcp"] },
          devices: { spo2: nonin },
          peripherals: { spo2 },
        },
      );
      const abort = new AbortController();
      const { signal } = abort;
      const images: boolean[] = [];
      const watching = (async () => {
        for await (const frame of host.camera().frames({ signal })) images.push(frame.broken === 0);
      })().catch((error: unknown) => error);
      const all: (SensorReading | SensorGap)[] = [];
      const reading = (async () => {
        for await (const item of host.sensor("spo2").samples({ signal })) all.push(item);
      })().catch((error: unknown) => error);
      await rig.run(20_000);
      abort.abort();
      await rig.during(Promise.all([watching, reading]));
      const { counters, mostQueued } = rig.board.runtime;
      assert.deepEqual(
        all.filter((item) => item.kind === "gap"),
        [],
      );
      assert.ok(all.length > 75 * 18 && images.length > 5 && images.every(Boolean), `${all.length}, ${images.length}`);
      assert.equal(camera.faults.damaged, 0);
      assert.ok(counters.dropped === 0 && mostQueued < 1024 - ALARM_EDGES * EDGE_BYTES, `${mostQueued} B queued`);
      rig.board.powerOff();
    });

    it("two programs that ask at once get an image each, in turn", async () => {
      const { rig, camera, finish, host } = await rigWith(kind, {
        image: IMAGES,
      });
      const both = await rig.during(Promise.all([host.camera().snapshot(), host.camera().snapshot()]));
      assert.equal(camera.shots, 2);
      assert.ok(both.every(({ width }) => width === 160) && !both[0].data.equals(both[1].data));
      await finish();
    });

    it("a program that takes nothing of its image is put aside when another one waits", async () => {
      const { rig, same, finish, host } = await rigWith(
        kind,
        { image: imageFile("640x480"), size: "640x480" },
        { size: "640x480" },
      );
      const idle = await rig.during(
        host.connect("camera0:image", {
          type: SOCK_SEQPACKET,
          receiveBuffer: 4096,
        }),
      );
      await rig.during(idle.send(Buffer.from("{}")));
      await rig.run(5000);
      const second = same();
      await rig.during(second);
      const begun = await rig.during(idle.next());
      const rest = (async () => {
        while (await begun!.read());
      })();
      await rig.rejected(rest, "ETIMEDOUT", /nothing of its image was taken/);
      await finish();
    });

    it("one that goes in the middle of an image leaves the camera to the others", async () => {
      const { rig, same, finish, host } = await rigWith(
        kind,
        { image: imageFile("640x480"), size: "640x480" },
        { size: "640x480" },
      );
      const abort = new AbortController();
      const going = rig.rejected(
        host.camera().snapshot({
          signal: abort.signal,
          onProgress: (bytes) => bytes > 5000 && abort.abort(),
        }),
        "ECANCELED",
        /given up/,
      );
      await going;
      await same();
      await finish();
    });

    it("a third request, and what is none, end a socket", async () => {
      const { rig, finish, host } = await rigWith(kind);
      for (const [requests, code] of [
        [["{}", "{}", "{}"], "EAGAIN"],
        [["{"], "EPROTO"],
        [['{"quality":0}'], "EPROTO"],
        [["x".repeat(100)], "EPROTO"],
      ] as const) {
        const socket = await rig.during(host.connect("camera0:image", { type: SOCK_SEQPACKET }));
        for (const request of requests) await rig.during(socket.send(Buffer.from(request)));
        const ended = (async () => {
          while (await socket.next());
        })();
        await rig.rejected(ended, code, /camera|image/);
      }
      await finish();
    });
  });

describe("a camera, vc0706 alone", function () {
  withFirmware();
  this.timeout(60_000);
  const kind = "vc0706";

  it("is set to the size and the quality that is asked for, and found again at the speed that it has", async () => {
    const { rig, camera, same, finish } = await rigWith(kind, {
      image: IMAGES,
    });
    await same();
    await same({ size: "320x240", quality: 50 });
    assert.deepEqual([camera.size, camera.compression], ["320x240", 127]);
    await same({ size: "640x480" });
    assert.deepEqual([camera.size, camera.compression], ["640x480", 0x36]);
    rig.board.powerCycle();
    const later = await rig.connect("tcp");
    await rig.during(later.camera().snapshot({ size: "640x480" }));
    camera.unplug();
    camera.plug();
    const { data } = await rig.during(later.camera().snapshot({ size: "160x120" }));
    assert.ok(data.equals(camera.last));
    const status = await rig.during(later.camera().status());
    assert.deepEqual([status.answers, status.size, status.images, status.broken], [true, "160x120", 2, 0]);
    await rig.rejected(
      later.camera().snapshot({ size: "1600x1200" }),
      "EINVAL",
      /camera0 cannot do 1600x1200; it can do 640x480, /,
    );
    await finish();
  });

  it("is told its size again where it has not heard all of it", async () => {
    const camera = new HardOfHearing({ boot: 50, image: IMAGES });
    const { rig, host, finish } = await rigWith(kind, {}, {}, { peripherals: { camera0: camera } });
    const { data } = await rig.during(host.camera().snapshot());
    assert.deepEqual([data.equals(camera.last), camera.size, camera.missed], [true, "160x120", 2]);
    assert.equal((await rig.during(host.camera().status())).broken, 0);
    await finish();
  });

  it("leaves the board its time while it waits for bytes that were lost", async () => {
    const camera = new Short({ boot: 50, image: imageFile("640x480") });
    const device = { size: "640x480" };
    const { rig, host, finish } = await rigWith(kind, {}, device, {
      like: "pico-wiznet",
      peripherals: { camera0: camera },
    });
    const busy = (): number => Object.values(rig.board.runtime.spent).reduce((sum, ms) => sum + ms, 0);
    const image = host.camera().snapshot();
    await rig.until(() => camera.short);
    const before = busy();
    await rig.run(SILENT_MS);
    const share = (busy() - before) / SILENT_MS;
    assert.ok(share < 0.6, `${Math.round(share * 100)} % of its time`);
    assert.ok((await rig.during(image)).data.equals(camera.last));
    await finish();
  });
});

describe("a camera, ov528 alone", function () {
  withFirmware();
  this.timeout(60_000);

  it("is set to the size that is asked for, and found again after its sleep, a restart of the board, and its own", async () => {
    const { rig, camera, same, finish } = await rigWith("ov528", {
      image: IMAGES,
    });
    await same();
    await same({ size: "640x480" });
    assert.equal(camera.size, "640x480");
    await rig.run(20_000);
    await same({ size: "320x240" });
    camera.unplug();
    camera.plug();
    await same({ size: "320x240" });
    rig.board.powerCycle();
    const later = await rig.connect("tcp");
    const { data } = await rig.during(later.camera().snapshot());
    assert.ok(data.equals(camera.last));
    await finish();
  });
});

describe("a camera, ov2640 alone", function () {
  withFirmware();
  this.timeout(60_000);
  const kind = "ov2640";

  for (const revision of ["mini", "plus"] as const)
    it(`is the ${revision}, whose bursts begin with a byte ${revision === "mini" ? "that means nothing" : "of the image"}`, async () => {
      const { same, finish } = await rigWith(kind, { image: IMAGES, revision });
      for (const size of ["160x120", "640x480"]) await same({ size });
      await finish();
    });

  it("is set to the size and the quality that is asked for, and again after its power, or the board's, was gone", async () => {
    const { rig, camera, same, finish } = await rigWith(kind, { image: IMAGES });
    await same({ size: "320x240", quality: 50 });
    const { i2c } = camera;
    assert.deepEqual([i2c.size, Math.round(i2c.quality)], ["320x240", 49]);
    const { writes } = i2c;
    await same({ size: "320x240", quality: 50 });
    assert.equal(i2c.writes, writes);
    await same({ size: "640x480" });
    assert.deepEqual([i2c.size, Math.round(i2c.quality)], ["640x480", 84]);
    camera.unplug();
    camera.plug();
    await same({ size: "640x480" });
    rig.board.powerCycle();
    const later = await rig.connect("tcp");
    const { data } = await rig.during(later.camera().snapshot());
    assert.ok(data.equals(camera.last));
    await rig.rejected(
      later.camera().snapshot({ size: "1600x1200" }),
      "EINVAL",
      /camera0 cannot do 1600x1200; it can do 640x480, /,
    );
    const status = await rig.during(later.camera().status());
    assert.deepEqual([status.answers, status.size, status.images, status.broken], [true, "160x120", 1, 1]);
    await finish();
  });

  it("is found again when it was silent, another one, never done, or unplugged within an image", async () => {
    const { rig, camera, host, same, snap, finish } = await rigWith(kind, { image: IMAGES }, { size: "640x480" });
    for (const fault of ["silent", "wrong", "stuck"] as const) {
      camera.faults.fault = fault;
      camera.unplug();
      camera.plug();
      await rig.rejected(snap(), fault === "wrong" ? "ENODEV" : "ETIMEDOUT", /camera0/);
      camera.faults.fault = "none";
      await same();
    }
    const unplugged = rig.rejected(
      host.camera().snapshot({ onProgress: (bytes) => bytes > 5000 && camera.unplug() }),
      "ETIMEDOUT",
      /camera0 does not answer on SPI/,
    );
    await unplugged;
    assert.equal((await rig.during(host.camera().status())).answers, false);
    camera.plug();
    await same();
    await finish();
  });

  for (const [what, options] of [
    ["loses bytes of its FIFO", { fault: "lost" }],
    ["has a line that spoils 10 of 1,000 bytes", { noise: 0.01 }],
    ["gives images without an end", { fault: "endless" }],
  ] as const)
    it(`one that ${what}: no image is handed out, and it is good again when that is over`, async () => {
      const { rig, camera, snap, same, finish } = await rigWith(kind, options);
      await rig.rejected(snap(), "EIO", /camera0 gave no whole image in 3 tries/);
      camera.faults.fault = "none";
      camera.noise.share = 0;
      await same();
      await finish();
    });

  for (const [what, spoilt, code, words] of [
    ["does not answer", { address: 49 }, "ENXIO", /no chip answers at address 48/],
    ["holds its bus", { stuck: true }, "ETIMEDOUT", /the bus is held low/],
  ] as const)
    it(`a sensor that ${what} on I2C: whoever asks is told ${code}, and it is there when that is over`, async () => {
      const { rig, camera, snap, same, finish } = await rigWith(kind);
      const { address, stuck } = camera.i2c;
      Object.assign(camera.i2c, spoilt);
      await rig.rejected(snap(), code, words);
      Object.assign(camera.i2c, { address, stuck });
      await same();
      await finish();
    });

  it("shares its I2C bus with an oximeter of which no sample is lost, on the speed of espruino-wifi", async () => {
    const light0 = new Max30102({});
    const { rig, host } = await rigWith(
      kind,
      { image: IMAGES },
      { size: "320x240" },
      {
        ...{ like: "espruino-wifi", links: ["tcp"] },
        devices: { light0: { driver: "max30102", bus: "i2c0", pins: { int: "D4" } } },
        peripherals: { light0 },
      },
    );
    const abort = new AbortController();
    const { signal } = abort;
    const all: (SensorReading | SensorGap)[] = [];
    const reading = (async () => {
      for await (const item of host.sensor("light0").samples({ signal })) all.push(item);
    })().catch((error: unknown) => error);
    for (const quality of [30, 60, 90])
      for (let i = 0; i < 4; i++) await rig.during(host.camera().snapshot({ quality }));
    const seconds = rig.clock.now() / 1000;
    abort.abort();
    await rig.during(reading);
    const gaps = all.filter((item) => item.kind === "gap");
    assert.deepEqual(gaps, []);
    assert.ok(all.length > 95 * (seconds - 1), `${all.length} samples in ${seconds} s`);
    rig.board.powerOff();
  });
});
