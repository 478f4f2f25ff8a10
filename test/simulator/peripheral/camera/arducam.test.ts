import assert from "node:assert/strict";
import { readJpeg } from "../../../../protocols/device/camera/jpeg.js";
import { SENSOR, SENSOR_JPEG, SENSOR_SIZES } from "../../../../protocols/device/camera/ov2640.js";
import { I2cBus, SpiBus } from "../../../../simulator/bus.js";
import { VirtualClock } from "../../../../simulator/clock.js";
import { Arducam, type ArducamOptions } from "../../../../simulator/peripheral/camera/arducam.js";
import { hex, image, imageFile, IMAGES, toHex } from "./bench.js";

/** The camera on its two buses, as a driver uses it. */
class Bench {
  readonly clock = new VirtualClock();
  readonly camera: Arducam;
  readonly i2c: I2cBus;
  private readonly spi: SpiBus;

  constructor(options: ArducamOptions = {}) {
    this.camera = new Arducam({ image: IMAGES, ...options });
    this.camera.connect(this.clock);
    this.camera.i2c.connect(this.clock);
    this.i2c = new I2cBus([this.camera.i2c]);
    this.spi = new SpiBus([this.camera]);
  }

  /** One selection: what is said, and what is heard meanwhile. */
  talk(text: string): string {
    return toHex(this.exchange(hex(text)));
  }

  exchange(bytes: Uint8Array): Uint8Array {
    this.camera.select(true);
    const came = this.spi.exchange([this.camera], bytes);
    this.camera.select(false);
    return came;
  }

  /** Registers of the sensor, as SENSOR_JPEG has them. */
  write(registers: string | Uint8Array): void {
    const all = typeof registers === "string" ? hex(registers) : registers;
    for (let at = 0; at < all.length; at += 2)
      assert.equal(this.i2c.write(SENSOR, all.subarray(at, at + 2), true), "done");
  }

  read(register: number): number {
    assert.equal(this.i2c.write(SENSOR, Uint8Array.of(register), true), "done");
    return (this.i2c.read(SENSOR, 1, true) as Uint8Array)[0]!;
  }

  async open(size: string): Promise<void> {
    this.write("ff011280");
    await this.clock.run(100);
    this.write(SENSOR_JPEG);
    this.write(SENSOR_SIZES[size]!);
  }

  /** @param burst bytes of the FIFO at once, with a byte before them that means nothing */
  async snapshot(burst: number, dummy: number): Promise<Uint8Array> {
    this.talk("84 01");
    this.talk("84 02");
    for (let i = 0; this.talk("41 00") !== "00 08"; i++) {
      assert.ok(i < 100, "ETIMEDOUT: no image is done");
      await this.clock.run(5);
    }
    const [low, middle, high] = ["42 00", "43 00", "44 00"].map((ask) => hex(this.talk(ask))[1]!);
    const length = ((high! & 0x7f) << 16) | (middle! << 8) | low!;
    const all: number[] = [];
    while (all.length < length) {
      const request = new Uint8Array(1 + dummy + Math.min(burst, length - all.length));
      request[0] = 0x3c;
      all.push(...this.exchange(request).slice(1 + dummy));
    }
    return Uint8Array.from(all);
  }
}

/** The image in what the FIFO had: what is behind its end is zeros. */
function imageIn(bytes: Uint8Array): Uint8Array {
  const form = readJpeg(bytes);
  assert.ok(typeof form !== "string");
  assert.ok(bytes.slice(form.length).every((byte) => byte === 0));
  return bytes.slice(0, form.length);
}

describe("simulated ArduCAM Mini", () => {
  // ArduCAM's library: the test register, ArduCAM.h, examples/mini
  it("keeps what its test register is given, and loses it with a reset", () => {
    const bench = new Bench();
    assert.equal(bench.talk("80 55"), "00 00");
    assert.equal(bench.talk("00 00"), "00 55");
    bench.talk("87 80");
    bench.talk("80 55");
    assert.equal(bench.talk("00 00"), "00 00");
    bench.talk("87 00");
    bench.talk("80 AA");
    assert.equal(bench.talk("00 00"), "00 AA");
  });

  it("is an OV2640, in the bank of its array", () => {
    const bench = new Bench();
    bench.write("ff01");
    assert.deepEqual([bench.read(0x0a), bench.read(0x0b)], [0x26, 0x42]);
    bench.write("ff00");
    assert.deepEqual([bench.read(0x0a), bench.read(0xff)], [0, 0]);
  });

  it("takes registers one by one by SCCB: no second value, no repeated START", () => {
    const bench = new Bench();
    assert.equal(bench.i2c.write(SENSOR, hex("05 01 02"), true), "refused");
    assert.equal(bench.i2c.write(SENSOR, hex("05"), false), "done");
    assert.equal(bench.i2c.read(SENSOR, 1, true), "nobody");
    assert.equal(bench.i2c.write(0x31, hex("05"), true), "nobody");
  });

  it("hears nothing on I2C for 50 ms after its reset, in standby, and in reset", async () => {
    const bench = new Bench();
    bench.write("ff011280");
    assert.equal(bench.i2c.write(SENSOR, hex("ff01"), true), "nobody");
    await bench.clock.run(50);
    bench.write("ff01");
    for (const gpio of ["86 07", "86 04"]) {
      bench.talk(gpio);
      assert.equal(bench.i2c.write(SENSOR, hex("ff01"), true), "nobody");
    }
    bench.talk("86 05");
    bench.write("ff01");
  });

  it("takes the next whole frame, and says when it is done until that is cleared", async () => {
    const bench = new Bench();
    await bench.open("320x240");
    bench.talk("84 01");
    const begun = bench.clock.now();
    bench.talk("84 02");
    while (bench.talk("41 00") === "00 00") await bench.clock.run(1);
    const took = bench.clock.now() - begun;
    assert.ok(took > 33 && took <= 68, `${took} ms`);
    assert.equal(bench.talk("42 00") + bench.talk("43 00") + bench.talk("44 00"), "00 0000 1400 00");
    bench.talk("84 01");
    assert.equal(bench.talk("41 00") + bench.talk("43 00"), "00 0000 00");
  });

  it("puts one image behind the other when it is not cleared, and reads again from the beginning when told", async () => {
    const bench = new Bench();
    await bench.open("160x120");
    await bench.snapshot(512, 0);
    bench.talk("84 02");
    await bench.clock.run(100);
    assert.equal(bench.talk("43 00"), "00 18");
    bench.talk("84 10");
    assert.equal(bench.talk("3C 00 00 00"), "00 FF D8 FF");
    assert.equal(bench.talk("3D 00"), "00 E0");
  });

  for (const size of Object.keys(SENSOR_SIZES))
    it(`brings each file of ${size} byte for byte, padded behind its end`, async () => {
      const bench = new Bench();
      await bench.open(size);
      for (const number of [1, 2]) {
        const bytes = await bench.snapshot(512, 0);
        assert.equal(bytes.length % 1024, 0);
        assert.deepEqual(imageIn(bytes), image(size, number));
      }
    });

  it("has a byte before each burst that means nothing, as the Mini before the Mini Plus", async () => {
    const bench = new Bench({ revision: "mini" });
    await bench.open("160x120");
    assert.deepEqual(imageIn(await bench.snapshot(256, 1)), image("160x120"));
    bench.talk("84 10");
    assert.equal(bench.talk("3C 00 00 00"), "00 00 FF D8");
  });

  it("gives raw pixels until it is told to make JPEG", async () => {
    const bench = new Bench();
    bench.write("ff005a285b1e");
    const bytes = await bench.snapshot(4096, 0);
    assert.equal(bytes.length, 2 * 160 * 120);
    assert.equal(readJpeg(bytes), "it does not begin with FF D8");
  });

  it("draws smaller pictures with coarser quantisation", async () => {
    const bench = new Bench({ image: undefined });
    await bench.open("160x120");
    const lengths = [];
    for (const step of ["04", "30"]) {
      bench.write(`ff0044${step}`);
      lengths.push(imageIn(await bench.snapshot(512, 0)).length);
    }
    assert.ok(lengths[1]! < 0.8 * lengths[0]!, lengths.join());
  });

  it("is not understood above 8 MHz or in another mode", () => {
    const bench = new Bench();
    for (const [hz, mode] of [
      [8_000_001, 0],
      [4_000_000, 3],
    ] as const) {
      bench.camera.setClock(hz, mode);
      bench.talk("80 55");
      assert.notEqual(bench.talk("00 00"), "00 55");
    }
    bench.camera.setClock(8_000_000, 0);
    bench.talk("80 55");
    assert.equal(bench.talk("00 00"), "00 55");
  });
});

describe("a simulated ArduCAM Mini with a fault", () => {
  it("is absent, another one, silent, or babbles", async () => {
    const absent = new Bench({ fault: "absent" });
    assert.equal(absent.talk("80 55 00 00"), "FF FF FF FF");
    assert.equal(absent.i2c.write(SENSOR, hex("ff01"), true), "nobody");
    const wrong = new Bench({ fault: "wrong" });
    wrong.write("ff01");
    assert.deepEqual([wrong.read(0x0a), wrong.read(0x0b)], [0x77, 0x21]);
    for (const fault of ["silent", "babbling"] as const) {
      const bench = new Bench({ fault });
      bench.talk("80 55");
      assert.notEqual(bench.talk("00 00"), "00 55");
    }
  });

  it("never has its image done", async () => {
    const bench = new Bench({ fault: "stuck" });
    await bench.open("160x120");
    await assert.rejects(bench.snapshot(512, 0), /ETIMEDOUT/);
  });

  it("gives an image without an end, or one that is much longer than its end", async () => {
    const endless = new Bench({ fault: "endless" });
    await endless.open("160x120");
    assert.equal(readJpeg(await endless.snapshot(512, 0)), "its end is missing");
    const padded = new Bench({ fault: "padded" });
    await padded.open("160x120");
    const bytes = await padded.snapshot(512, 0);
    assert.deepEqual([bytes.length, imageIn(bytes)], [8192, image("160x120")]);
  });

  it("loses its power in the middle of an image, and with it all that it was told", async () => {
    const bench = new Bench({ fault: "brownout" });
    await bench.open("160x120");
    const bytes = await bench.snapshot(512, 0);
    const file = image("160x120");
    assert.deepEqual(bytes.slice(0, 1536), file.slice(0, 1536));
    assert.ok(bytes.slice(1536).every((byte) => byte === 0xff));
    await bench.clock.run(500);
    assert.equal(bench.camera.i2c.jpeg, false);
    assert.equal(bench.talk("43 00"), "00 00");
  });

  it("loses a byte now and then, refuses a register, or has noise on its line", async () => {
    const lost = new Bench({ fault: "lost", image: imageFile("160x120") });
    await lost.open("160x120");
    assert.notDeepEqual((await lost.snapshot(64, 0)).slice(0, 2135), image("160x120"));
    const refusing = new Bench({ fault: "refusing" });
    await assert.rejects(refusing.open("160x120"), /refused/);
    const noisy = new Bench({ noise: 0.01, image: imageFile("160x120") });
    noisy.camera.noise.share = 0;
    await noisy.open("160x120");
    const clean = await noisy.snapshot(512, 0);
    noisy.talk("84 10");
    noisy.camera.noise.share = 0.01;
    const bytes = noisy.exchange(Uint8Array.of(0x3c, ...new Uint8Array(clean.length))).slice(1);
    const wrong = bytes.filter((byte, i) => byte !== clean[i]).length;
    assert.ok(wrong > 5 && wrong < 60, `${wrong} wrong`);
  });

  it("forgets all when it is unplugged", async () => {
    const bench = new Bench();
    await bench.open("160x120");
    bench.camera.unplug();
    assert.equal(bench.talk("41 00"), "FF FF");
    bench.camera.plug();
    assert.equal(bench.camera.i2c.jpeg, false);
    assert.equal(bench.talk("00 00"), "00 00");
  });
});
