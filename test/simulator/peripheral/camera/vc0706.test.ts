import assert from "node:assert/strict";
import { readJpeg } from "../../../../protocols/device/camera/jpeg.js";
import { vcBaud, vcRead, vcSize } from "../../../../protocols/device/camera/vc0706.js";
import { Vc0706, type Vc0706Options } from "../../../../simulator/peripheral/camera/vc0706.js";
import { CameraBench, image, imageFile, IMAGES, toHex } from "./bench.js";
import { Vc0706Reader } from "./vc0706-reader.js";

const BAUD = 38_400;
const SMALL: Vc0706Options = { image: imageFile("160x120"), size: "160x120" };

async function started(options: Vc0706Options = SMALL): Promise<CameraBench & { camera: Vc0706 }> {
  const bench = new CameraBench(new Vc0706(options), BAUD);
  await bench.clock.run(3000);
  await bench.rest(10);
  return bench as CameraBench & { camera: Vc0706 };
}

async function frozen(options?: Vc0706Options): Promise<CameraBench> {
  const bench = await started(options);
  assert.equal(await bench.talk("56 00 36 01 00"), "76 00 36 00 00");
  return bench;
}

describe("simulated VC0706", () => {
  it("says its text 1.5 s after its power, and hears nothing before that", async () => {
    const bench = new CameraBench(new Vc0706(SMALL), BAUD);
    assert.equal(await bench.talk("56 00 11 00"), "");
    const text = Buffer.from(await bench.rest(2000)).toString();
    assert.match(text, /^VC0703 1\.00\r\n[^]*Init end\r\n$/);
    assert.ok(bench.clock.now() > 1500);
    assert.equal(await bench.talk("56 00 11 00"), "76 00 11 00 0B 56 43 30 37 30 33 20 31 2E 30 30");
  });

  // Adafruit's library, LinkSprite LS-Y201 user manual, "Communication Protocol"
  const vectors: [string, string, string][] = [
    ["takes an image", "56 00 36 01 00", "76 00 36 00 00"],
    ["has its size read", "56 00 30 04 04 01 00 19", "76 00 30 00 01 22"],
    ["has its compression read", "56 00 30 04 01 01 12 04", "76 00 30 00 01 36"],
    ["takes a size", "56 00 31 05 04 01 00 19 11", "76 00 31 00 00"],
    ["takes a compression", "56 00 31 05 01 01 12 04 60", "76 00 31 00 00"],
    ["takes a speed", "56 00 24 03 01 0D A6", "76 00 24 00 00"],
    ["takes another code of 57600", "56 00 24 03 01 1C 1C", "76 00 24 00 00"],
    ["refuses a size that there is not", "56 00 31 05 04 01 00 19 33", "76 00 31 03 00"],
    ["refuses a register that there is not", "56 00 31 05 01 01 12 05 60", "76 00 31 03 00"],
    ["refuses a speed that it has not", "56 00 24 03 01 12 34", "76 00 24 03 00"],
    ["refuses a command of another length", "56 00 36 02 00 00", "76 00 36 02 00"],
    ["refuses a command that there is not", "56 00 77 00", "76 00 77 01 00"],
    ["has no length without an image", "56 00 34 01 00", "76 00 34 04 00"],
    ["has no bytes without an image", "56 00 32 0C 00 0A 00 00 00 00 00 00 00 08 00 0A", "76 00 32 04 00"],
    ["hears nothing for another serial number", "56 01 11 00", ""],
    ["hears nothing of noise before a command", "00 FF 12 56 00 36 01 03", "76 00 36 00 00"],
  ];
  for (const [name, request, reply] of vectors)
    it(name, async () => {
      const bench = await started();
      assert.equal(await bench.talk(request), reply);
    });

  it("gives the length and any part of its image, of 8 bytes each, padded behind the end", async () => {
    const bench = await frozen();
    const file = image("160x120");
    const length = file.length
      .toString(16)
      .padStart(8, "0")
      .toUpperCase()
      .replace(/(..)(?!$)/g, "$1 ");
    assert.equal(await bench.talk("56 00 34 01 00"), `76 00 34 00 04 ${length}`);
    const around = "76 00 32 00 00";
    assert.equal(
      await bench.talk("56 00 32 0C 00 0A 00 00 00 10 00 00 00 08 00 0A"),
      `${around} ${toHex(file.slice(16, 24))} ${around}`,
    );
    const last = Math.floor(file.length / 8) * 8;
    const padded = new Uint8Array(8);
    padded.set(file.slice(last));
    assert.equal(await bench.talk(toHex(vcRead(last, 8, 10))), `${around} ${toHex(padded)} ${around}`);
  });

  const unreadable: [string, Uint8Array][] = [
    ["no multiple of 8", vcRead(0, 12, 10)],
    ["an address of its own", vcRead(4, 8, 10)],
    ["nothing", vcRead(0, 0, 10)],
    ["beyond the end", vcRead(0, 2144 + 8, 10)],
  ];
  for (const [name, request] of unreadable)
    it(`refuses to read ${name}`, async () => {
      const bench = await frozen();
      assert.equal(await bench.talk(toHex(request)), "76 00 32 03 00");
    });

  it("waits as long as it is told before and behind the bytes", async () => {
    const bench = await frozen();
    const took = async (delay: number): Promise<number> => {
      const begun = bench.clock.now();
      bench.say(vcRead(0, 8, delay));
      await bench.receive(18, 1000);
      return bench.clock.now() - begun;
    };
    const difference = (await took(5000)) - (await took(10));
    assert.ok(difference > 2 * 49.9 - 4 && difference < 2 * 49.9 + 40, `${difference} ms`);
  });

  it("hears nothing while it answers", async () => {
    const bench = await frozen();
    bench.say(vcRead(0, 512, 10));
    await bench.clock.run(50);
    bench.say(vcRead(0, 512, 10));
    assert.equal((await bench.rest(300)).length, 522);
    assert.equal(bench.camera.counters.ignored, 16);
  });

  it("takes a size with its next reset, keeps it without power, and forgets speed and compression", async () => {
    const bench = await started({ image: IMAGES, size: "640x480" });
    assert.equal(await bench.talk(toHex(vcSize(0x11))), "76 00 31 00 00");
    await bench.talk("56 00 31 05 01 01 12 04 80");
    await bench.talk("56 00 36 01 00");
    assert.deepEqual(sizeOf(bench.camera.last), [640, 480]);
    await bench.talk(toHex(vcBaud(115_200)));
    bench.baud = 115_200;
    assert.equal(await bench.talk("56 00 26 00"), "76 00 26 00 00");
    bench.baud = BAUD;
    await bench.rest(2000);
    assert.equal(await bench.talk("56 00 30 04 01 01 12 04"), "76 00 30 00 01 36");
    await bench.talk("56 00 36 01 00");
    assert.deepEqual(sizeOf(bench.camera.last), [320, 240]);
    bench.camera.unplug();
    await bench.clock.run(100);
    bench.camera.plug();
    await bench.rest(2000);
    await bench.talk("56 00 36 01 00");
    assert.deepEqual(sizeOf(bench.camera.last), [320, 240]);
  });

  it("is not understood at another speed, and goes on at a new one once it has answered", async () => {
    const bench = await started();
    bench.baud = 115_200;
    assert.equal(await bench.talk("56 00 11 00"), "");
    bench.baud = BAUD;
    assert.equal(await bench.talk(toHex(vcBaud(115_200))), "76 00 24 00 00");
    assert.equal(await bench.talk("56 00 11 00"), "");
    bench.baud = 115_200;
    assert.match(await bench.talk("56 00 11 00"), /^76 00 11 00 0B/);
  });

  it("refuses a size that it cannot do", async () => {
    const bench = await started({ ...SMALL, sizes: ["160x120", "320x240"] });
    assert.equal(await bench.talk(toHex(vcSize(0x00))), "76 00 31 03 00");
  });
});

describe("reading a simulated VC0706", () => {
  for (const baud of [9600, 19_200, 38_400, 57_600, 115_200])
    it(`brings each file byte for byte at ${baud}, in its line's time`, async () => {
      const bench = new CameraBench(new Vc0706({ image: IMAGES }), BAUD);
      const reader = new Vc0706Reader(bench);
      const size = baud < 38_400 ? "320x240" : "640x480";
      await reader.open(size, baud);
      for (const number of [1, 2]) {
        const begun = bench.clock.now();
        const got = await reader.snapshot();
        assert.deepEqual(got, image(size, number));
        const share = (got.length * 10_000) / baud / (bench.clock.now() - begun);
        assert.ok(share > 0.75 && share <= 1, `${share} of the line`);
      }
      assert.equal(reader.repeats, 0);
      bench.close();
    });

  it("finds a camera that was left at another speed", async () => {
    const bench = new CameraBench(new Vc0706({ image: IMAGES }), BAUD);
    await new Vc0706Reader(bench).open("160x120", 115_200);
    const second = new Vc0706Reader(bench);
    await second.open("320x240", 115_200);
    assert.deepEqual(await second.snapshot(), image("320x240"));
  });

  it("brings it through noise of 1 % of all bytes, each part twice", async () => {
    const bench = new CameraBench(new Vc0706({ image: imageFile("160x120"), noise: 0.01, seed: 4 }), BAUD);
    const reader = new Vc0706Reader(bench);
    await reader.open("160x120", 115_200);
    assert.deepEqual(await reader.snapshot(32, true), image("160x120"));
    assert.ok(reader.repeats > 5 && bench.camera.noise.hits > 40, `${reader.repeats}, ${bench.camera.noise.hits}`);
  });

  it("draws pictures of its own, each another one, smaller with more compression", async () => {
    const bench = new CameraBench(new Vc0706({ size: "160x120" }), BAUD);
    const reader = new Vc0706Reader(bench);
    await reader.open("160x120", 115_200);
    const [first, second] = [await reader.snapshot(), await reader.snapshot()];
    await reader.compress(0xc0);
    const third = await reader.snapshot();
    assert.deepEqual(sizeOf(first), [160, 120]);
    assert.notDeepEqual(first, second);
    assert.ok(third.length < 0.8 * first.length, `${third.length} of ${first.length}`);
  });
});

function sizeOf(data: Uint8Array): [number, number] {
  const form = readJpeg(data);
  assert.ok(typeof form !== "string");
  return [form.width, form.height];
}
