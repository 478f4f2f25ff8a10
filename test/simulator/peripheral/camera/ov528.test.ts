import assert from "node:assert/strict";
import { ovAsk, ovBaud, OV_END, ovPackageSize } from "../../../../protocols/device/camera/ov528.js";
import { Ov528, type Ov528Options } from "../../../../simulator/peripheral/camera/ov528.js";
import { CameraBench, hex, image, imageFile, IMAGES, toHex } from "./bench.js";
import { Ov528Reader } from "./ov528-reader.js";

const BAUD = 38_400;
const SMALL: Ov528Options = { image: imageFile("160x120"), syncs: 1 };
const SYNC = "AA 0D 00 00 00 00";

async function synced(options: Ov528Options = SMALL): Promise<CameraBench> {
  const bench = new CameraBench(new Ov528({ syncs: 1, ...options }), BAUD);
  assert.equal(await bench.talk(SYNC), "");
  assert.equal(await bench.talk(SYNC), `AA 0E 0D 01 00 00 ${SYNC}`);
  assert.equal(await bench.talk("AA 0E 0D 00 00 00"), "");
  return bench;
}

/** With an image of 160 by 120 kept. */
async function ready(options?: Ov528Options): Promise<CameraBench> {
  const bench = await synced(options);
  assert.match(await bench.talk("AA 01 00 07 00 03"), /^AA 0E 01 .. 00 00$/);
  assert.match(await bench.talk("AA 05 00 00 00 00"), /^AA 0E 05 .. 00 00$/);
  return bench;
}

describe("simulated OV528", () => {
  it("answers one of many SYNCs, at the speed that they have", async () => {
    const bench = new CameraBench(new Ov528({ ...SMALL, syncs: 25 }), 9600);
    bench.baud = 115_200;
    const reader = new Ov528Reader(bench);
    await reader.sync([115_200]);
    assert.equal(reader.syncs, 26);
    assert.equal(bench.wire.peripheral.baud, 115_200);
    const odd = new CameraBench(new Ov528({ ...SMALL, syncs: 3 }), 9600);
    await assert.rejects(new Ov528Reader(odd).sync([230_400]), /ETIMEDOUT/);
  });

  // CJ OV528 protocol; 4D Systems, uCAM-II data sheet, 7.3.1
  const vectors: [string, string, RegExp][] = [
    ["takes JPEG of 640x480", "AA 01 00 07 07 07", /^AA 0E 01 02 00 00$/],
    ["takes packages of 512 bytes", "AA 06 08 00 02 00", /^AA 0E 06 02 00 00$/],
    ["takes a speed", "AA 07 0F 01 00 00", /^AA 0E 07 02 00 00$/],
    ["resets its state alone", "AA 08 01 00 00 00", /^AA 0E 08 02 00 00$/],
    ["refuses raw images", "AA 01 00 06 03 07", /^AA 0F 00 01 09 00$/],
    ["refuses a size that there is not", "AA 01 00 07 07 09", /^AA 0F 00 01 0A 00$/],
    ["refuses packages above 512 bytes", "AA 06 08 01 02 00", /^AA 0F 00 01 11 00$/],
    ["refuses packages below 64 bytes", "AA 06 08 3F 00 00", /^AA 0F 00 01 11 00$/],
    ["refuses a speed that it has not", "AA 07 10 01 00 00", /^AA 0F 00 01 0B 00$/],
    ["refuses an image before a size", "AA 05 00 00 00 00", /^AA 0F 00 01 06 00$/],
    ["refuses a raw image", "AA 05 01 00 00 00", /^AA 0F 00 01 01 00$/],
    ["has no image that nobody took", "AA 04 01 00 00 00", /^AA 0F 00 01 0F 00$/],
    ["refuses a command that there is not", "AA 33 00 00 00 00", /^AA 0F 00 01 0D 00$/],
    ["hears nothing of noise before a command", "00 12 AA 01 00 07 00 03", /^AA 0E 01 02 00 00$/],
  ];
  for (const [name, request, reply] of vectors)
    it(name, async () => {
      const bench = await synced();
      assert.match(await bench.talk(request), reply);
    });

  it("hears nothing but SYNC before it has its ACK, and after a reset", async () => {
    const bench = new CameraBench(new Ov528(SMALL), BAUD);
    await bench.talk(SYNC);
    await bench.talk(SYNC);
    assert.equal(await bench.talk("AA 01 00 07 00 03"), "");
    await bench.talk("AA 0E 0D 00 00 00");
    assert.notEqual(await bench.talk("AA 01 00 07 00 03"), "");
    assert.notEqual(await bench.talk("AA 08 00 00 00 FF"), "");
    assert.equal(await bench.talk("AA 01 00 07 00 03"), "");
  });

  it("says its length and hands any package over, as often as it is asked", async () => {
    const bench = await ready();
    const file = image("160x120");
    const length = `${toHex(Uint8Array.of(file.length & 0xff, file.length >> 8))} 00`;
    assert.match(await bench.talk("AA 04 01 00 00 00"), new RegExp(`^AA 0E 04 .. 00 00 AA 0A 01 ${length}$`));
    const last = Math.floor(file.length / 58);
    for (const number of [0, 3, 3, last]) {
      const data = file.slice(58 * number, 58 * (number + 1));
      const before = [number & 0xff, 0, data.length, 0, ...data];
      const sum = before.reduce((all, byte) => all + byte, 0) & 0xff;
      assert.equal(await bench.talk(toHex(ovAsk(number))), toHex(Uint8Array.of(...before, sum, 0)));
    }
    assert.match(await bench.talk(toHex(ovAsk(last + 1))), /^AA 0F 00 01 10 00$/);
    assert.equal(await bench.talk(toHex(ovAsk(OV_END))), "");
    assert.equal(await bench.talk(toHex(ovAsk(0))), "");
  });

  it("says that the image is not ready while it is being taken", async () => {
    const bench = await ready();
    bench.say(hex("AA 05 00 00 00 00"));
    await bench.receive(6, 50);
    bench.say(hex("AA 04 01 00 00 00"));
    assert.match(toHex(await bench.receive(6, 50)), /0F 00$/);
  });

  it("takes an image when it is asked for a preview", async () => {
    const bench = await synced();
    await bench.talk("AA 01 00 07 00 03");
    assert.match(await bench.talk("AA 04 05 00 00 00"), /^AA 0E 04 .. 00 00 AA 0A 05 57 08 00$/);
  });

  it("sleeps after 15 s, and is woken by SYNCs", async () => {
    const bench = await ready();
    await bench.clock.run(15_100);
    assert.equal(await bench.talk("AA 04 01 00 00 00"), "");
    assert.equal(await bench.talk(SYNC), "");
    assert.match(await bench.talk(SYNC), /^AA 0E 0D/);
    await bench.talk("AA 0E 0D 00 00 00");
    assert.match(await bench.talk("AA 04 01 00 00 00"), /AA 0A 01/);
  });

  it("hears nothing while it answers", async () => {
    const bench = await ready();
    await bench.talk("AA 04 01 00 00 00");
    await bench.talk(toHex(ovPackageSize(512)));
    bench.say(ovAsk(0));
    await bench.clock.run(30);
    bench.say(ovAsk(1));
    assert.equal((await bench.rest(300)).length, 512);
    assert.equal(bench.camera.counters.ignored, 6);
  });

  it("goes on at a new speed once it has answered", async () => {
    const bench = await synced();
    assert.match(await bench.talk(toHex(ovBaud(9600))), /^AA 0E 07/);
    assert.equal(await bench.talk(SYNC), "");
    bench.baud = 9600;
    assert.match(await bench.talk(SYNC), /^AA 0E 0D/);
  });

  it("refuses a size that it cannot do", async () => {
    const bench = await synced({ ...SMALL, sizes: ["160x120"] });
    assert.match(await bench.talk("AA 01 00 07 00 05"), /^AA 0F 00 01 0A 00$/);
  });
});

describe("reading a simulated OV528", () => {
  for (const baud of [9600, 19_200, 38_400, 57_600, 115_200])
    it(`brings each file byte for byte at ${baud}, in its line's time`, async () => {
      const bench = new CameraBench(new Ov528({ image: IMAGES }), 9600);
      const reader = new Ov528Reader(bench);
      const size = baud < 38_400 ? "320x240" : "640x480";
      await reader.open(size, 9600, baud, 512);
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

  it("brings it through noise of 1 % of all bytes, in small packages, each twice", async () => {
    const bench = new CameraBench(new Ov528({ image: imageFile("160x120"), noise: 0.01, seed: 2 }), 9600);
    const reader = new Ov528Reader(bench);
    await reader.open("160x120", 9600, 115_200, 64);
    assert.deepEqual(await reader.snapshot(true), image("160x120"));
    assert.ok(reader.repeats > 10 && bench.camera.noise.hits > 20, `${reader.repeats}, ${bench.camera.noise.hits}`);
  });
});
