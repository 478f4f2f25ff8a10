/** A board's own HTTP in virtual time: one client at a time gets the camera's pictures byte for byte, and no other one hurts. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DEV_LEASE, SOCK_SEQPACKET } from "../../host/index.js";
import type { Board } from "../../host/index.js";
import type { MemoryStream } from "../../simulator/network/memory-stream.js";
import { Arducam } from "../../simulator/peripheral/camera/arducam.js";
import type { CameraOptions } from "../../simulator/peripheral/camera/faults.js";
import type { Size } from "../../simulator/peripheral/camera/frames.js";
import { Ov528 } from "../../simulator/peripheral/camera/ov528.js";
import { Vc0706 } from "../../simulator/peripheral/camera/vc0706.js";
import { image, imageFile, IMAGES } from "../simulator/peripheral/camera/bench.js";
import { Random } from "../../simulator/random.js";
import { badRequests } from "../support/bad-requests.js";
import { readAnswer, readParts } from "../support/http-answer.js";
import type { Answer } from "../support/http-answer.js";
import { Rig, withFirmware } from "./rig.js";
import type { RigOptions } from "./rig.js";

const PORT = 80;

/** A client that takes what comes, unless it is held. */
class Viewer {
  back = Buffer.alloc(0);
  closed: "no" | "end" | "reset" = "no";

  constructor(readonly stream: MemoryStream) {
    stream.onData((data) => (this.back = Buffer.concat([this.back, data])));
    stream.onClose((reset) => (this.closed = reset ? "reset" : "end"));
  }

  say(text: string | Buffer): this {
    this.stream.write(typeof text === "string" ? Buffer.from(text, "latin1") : text);
    return this;
  }

  get answer(): Answer {
    return readAnswer(this.back);
  }

  get parts(): Buffer[] {
    return this.back.includes("\r\n\r\n") ? readParts(this.answer) : [];
  }
}

const KINDS = {
  vc0706: (options: object) => new Vc0706({ boot: 50, size: "160x120", image: IMAGES, ...options }),
  ov528: () => new Ov528({ image: IMAGES }),
  ov2640: () => new Arducam({ image: IMAGES }),
};
const ON_UART = { uart: "Serial3", baud: 115_200, path: "/dev/null" };
const ON_BUSES = { spi: "spi0", cs: 0, i2c: "i2c0" };
const BUSES = { spi0: { port: "SPI1", bitrate: 4_000_000, cs: ["D5"] }, i2c0: { port: "I2C1" } };

class HttpRig {
  readonly rig: Rig;
  readonly camera: Vc0706 | Ov528 | Arducam;
  host: Board | undefined;

  constructor(
    options: CameraOptions & { size?: Size } = {},
    { size = "160x120", ...more }: RigOptions & { size?: Size } = {},
    driver: keyof typeof KINDS = "vc0706",
  ) {
    this.camera = KINDS[driver](options);
    this.rig = new Rig({
      ...more,
      devices: { camera0: { driver, ...(driver === "ov2640" ? ON_BUSES : ON_UART), size } },
      peripherals: { camera0: this.camera },
      config: { buses: BUSES, endpoints: [{ service: "http", device: "camera0", port: PORT }] },
    });
  }

  /** A host, which also says how the board is when nobody is there. */
  async start(): Promise<this> {
    this.host = await this.rig.connect("tcp");
    return this;
  }

  dial(): Viewer {
    return new Viewer(this.rig.network.dial(PORT));
  }

  get(path: string, version = "1.1"): Viewer {
    return this.dial().say(`GET ${path} HTTP/${version}\r\nHost: 192.168.1.20\r\n\r\n`);
  }

  /** All that comes for a request until the board closes. */
  async all(viewer: Viewer, limit = 60_000): Promise<Answer> {
    await this.rig.until(() => viewer.closed !== "no", limit);
    assert.equal(viewer.closed, "end");
    return viewer.answer;
  }

  /** A snapshot as somebody asks for it who comes now. */
  async same(): Promise<void> {
    const answer = await this.all(this.get("/snapshot.jpg"));
    assert.deepEqual([answer.status, answer.whole], [200, true], answer.body.toString("latin1", 0, 100));
    assert.ok(answer.body.equals(this.camera.last), `${answer.body.length} of ${this.camera.last.length} bytes`);
  }

  async finish(expected: Record<string, number | { least: number }> = {}): Promise<void> {
    const others = this.rig.console.filter((line) => !/cable's far end/.test(line));
    this.rig.console.splice(0, Infinity, ...others);
    await this.rig.finish(expected);
  }
}

/** Seconds that the board waits for a client, and a little more. */
const PATIENCE = 12_000;

describe("HTTP of a board with a camera", function () {
  withFirmware();
  this.timeout(60_000);

  it("gives a snapshot byte for byte, in chunks, and as the rest of the connection where a client knows none", async () => {
    const http = await new HttpRig().start();
    const answer = await http.all(http.get("/snapshot.jpg"));
    assert.equal(answer.headers["content-type"], "image/jpeg");
    assert.equal(answer.headers["cache-control"], "no-store");
    assert.ok(answer.whole && answer.body.equals(http.camera.last));
    const old = await http.all(http.get("/snapshot.jpg?again", "1.0"));
    assert.equal(old.headers["transfer-encoding"], undefined);
    assert.ok(old.body.equals(http.camera.last));
    await http.finish();
  });

  for (const length of [2559, 2560, 2561, 2562, 3000])
    it(`cuts off what a camera fills up ${length} bytes with`, async () => {
      const plain = image("160x120");
      const comment = Buffer.alloc(length - plain.length, 0xff);
      comment.writeUInt32BE((0xfffe0000 | (comment.length - 2)) >>> 0);
      const file = join(await mkdtemp(join(tmpdir(), "devsock-")), "160x120.jpg");
      await writeFile(file, Buffer.concat([plain.subarray(0, 2), comment, plain.subarray(2)]));
      const http = await new HttpRig({ image: file, fault: "padded" }).start();
      await http.same();
      assert.equal(http.camera.last.length, length);
      await rm(dirname(file), { recursive: true });
      await http.finish();
    });

  for (const [like, share] of [
    ["linux", 0.9],
    ["espruino-wifi", 0.9],
  ] as const)
    it(`gives a snapshot at ${100 * share} % of what the camera's line carries, at the speed of ${like}`, async () => {
      const options = { size: "640x480", image: imageFile("640x480") } as const;
      const http = await new HttpRig(options, { ...(like !== "linux" && { like }), size: "640x480" }).start();
      await http.all(http.get("/snapshot.jpg"));
      const viewer = http.get("/snapshot.jpg");
      await http.rig.until(() => viewer.back.length > 300);
      const begun = http.rig.clock.now();
      const before = viewer.back.length;
      await http.all(viewer);
      const rate = ((viewer.back.length - before) / (http.rig.clock.now() - begun)) * 1000;
      assert.ok(rate > share * 11_520, `${Math.round(rate)} bytes a second`);
      await http.finish();
    });

  for (const driver of ["ov528", "ov2640"] as const)
    it(`gives a snapshot and a stream of an ${driver}, too`, async () => {
      const http = await new HttpRig({}, {}, driver).start();
      await http.same();
      const viewer = http.get("/stream.mjpg");
      await http.rig.until(() => viewer.parts.length >= 3);
      for (const part of viewer.parts) assert.ok([1, 2].some((number) => part.equals(image("160x120", number))));
      viewer.stream.destroy();
      await http.finish();
    });

  it("gives a stream, image by image and byte for byte", async () => {
    const http = await new HttpRig().start();
    const viewer = http.get("/stream.mjpg");
    await http.rig.until(() => viewer.parts.length >= 6);
    viewer.parts.forEach((part, i) => assert.ok(part.equals(image("160x120", 1 + (i % 2))), `image ${i}`));
    viewer.stream.destroy();
    await http.rig.run(1000);
    const { shots } = http.camera;
    await http.rig.run(5000);
    assert.equal(http.camera.shots, shots, "nobody watches");
    await http.finish();
  });

  it("says what there is, and no more to whoever wants no body", async () => {
    const http = await new HttpRig().start();
    const page = await http.all(http.get("/"));
    assert.deepEqual([page.status, page.headers["content-type"]], [200, "text/html"]);
    assert.match(page.body.toString(), /<img src=stream\.mjpg/);
    for (const [path, type] of [
      ["/", "text/html"],
      ["/snapshot.jpg", "image/jpeg"],
      ["/stream.mjpg", "multipart/x-mixed-replace; boundary=devsock-image"],
      ["/other", undefined],
    ] as const) {
      const viewer = http.dial().say(`HEAD ${path} HTTP/1.1\r\nHost: board\r\n\r\n`);
      await http.rig.until(() => viewer.closed !== "no");
      const { status, headers } = readAnswer(viewer.back, true);
      assert.deepEqual([status, headers["content-type"]], [type ? 200 : 404, type]);
    }
    assert.equal(http.camera.shots, 0);
    await http.finish();
  });

  for (const [what, status, bytes] of badRequests)
    it(`answers ${what} with ${status}, and goes on`, async () => {
      const http = await new HttpRig().start();
      const answer = await http.all(http.dial().say(bytes), 3000);
      assert.deepEqual([answer.status, answer.whole], [status, true]);
      assert.equal(answer.headers["allow"], status === 405 ? "GET, HEAD" : undefined);
      assert.equal(http.camera.shots, 0);
      await http.same();
      await http.finish();
    });

  it("answers to a name of mDNS, which is no other site's", async () => {
    const http = await new HttpRig().start();
    const viewer = http.dial().say("GET /snapshot.jpg HTTP/1.1\r\nHost: ward.local:8080\r\n\r\n");
    assert.ok((await http.all(viewer)).body.equals(http.camera.last));
    await http.finish();
  });

  it("takes a request that comes byte by byte, and with bare line feeds", async () => {
    const http = await new HttpRig().start();
    const viewer = http.dial();
    for (const byte of "GET /snapshot.jpg HTTP/1.0\nHost: localhost:8080\n\n") {
      viewer.say(byte);
      await http.rig.run(100);
    }
    assert.ok((await http.all(viewer)).body.equals(http.camera.last));
    await http.finish();
  });

  it("says no to a second client, and yes when the first has gone", async () => {
    const http = await new HttpRig().start();
    const first = http.get("/stream.mjpg");
    await http.rig.until(() => first.parts.length > 0);
    for (const path of ["/snapshot.jpg", "/stream.mjpg"]) {
      const answer = await http.all(http.get(path), 3000);
      assert.deepEqual([answer.status, answer.headers["retry-after"]], [503, "5"]);
      assert.match(answer.body.toString(), /^EBUSY: another client gets the pictures of camera0; /);
    }
    assert.equal((await http.all(http.get("/"), 3000)).status, 200);
    const before = first.parts.length;
    await http.rig.until(() => first.parts.length > before + 1);
    first.stream.end();
    await http.rig.run(500);
    await http.same();
    await http.finish({ unserved: 2 });
  });

  it("gives one of two that ask at once a picture", async () => {
    const http = await new HttpRig().start();
    const both = [http.get("/snapshot.jpg"), http.get("/snapshot.jpg")];
    const answers = await Promise.all(both.map((viewer) => http.all(viewer)));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 503]);
    assert.ok(answers.find(({ status }) => status === 200)!.body.equals(http.camera.last));
    await http.finish({ unserved: 1 });
  });

  it("answers a client that says nothing, or a byte a second, with 408; four of them do not keep another one out", async () => {
    const http = await new HttpRig().start();
    const slow = ["", "", "", ""].map(() => http.dial());
    for (let i = 0; i < 5; i++) {
      for (const viewer of slow) viewer.say("GET /"[i]!);
      await http.rig.run(1000);
    }
    const other = http.get("/snapshot.jpg");
    assert.ok((await http.all(other)).body.equals(http.camera.last));
    assert.deepEqual([slow[0]!.closed, slow[0]!.back.length], ["end", 0]);
    await http.rig.run(PATIENCE);
    for (const viewer of slow.slice(1)) assert.equal(viewer.answer.status, 408);
    await http.finish({ unserved: 1 });
  });

  it("closes on who does not take his answer", async () => {
    const http = await new HttpRig({}, { network: { window: 64 } }).start();
    const deaf = http.dial();
    deaf.stream.pause();
    deaf.say("GET /nothing HTTP/1.1\r\n\r\n");
    await http.rig.run(2 * PATIENCE);
    deaf.stream.pause(false);
    await http.rig.run(100);
    assert.equal(deaf.closed, "end");
    await http.finish({ unserved: 1 });
  });

  it("gives a slow viewer fewer images, the newest ones, and holds no more for him", async () => {
    const http = await new HttpRig({}, { network: { window: 600, rate: 1000 } }).start();
    const viewer = http.get("/stream.mjpg");
    await http.rig.until(() => viewer.parts.length >= 3);
    viewer.parts.forEach((part, i) => assert.ok(part.equals(image("160x120", 1 + (i % 2)))));
    assert.ok(http.camera.shots - viewer.parts.length <= 1);
    viewer.stream.destroy();
    await http.finish();
  });

  it("cuts off a viewer that takes nothing for 10 s, and gives the camera to others", async () => {
    for (const path of ["/snapshot.jpg", "/stream.mjpg"]) {
      const http = await new HttpRig({}, { network: { window: 600 } }).start();
      const viewer = http.get(path);
      await http.rig.until(() => viewer.back.length > 1000);
      viewer.stream.pause();
      await http.rig.run(5000);
      const begun = http.rig.clock.now();
      const { data } = await http.rig.during(http.host!.camera().snapshot());
      assert.ok(data.equals(http.camera.last) && http.rig.clock.now() - begun < PATIENCE);
      await http.rig.run(begun + PATIENCE - http.rig.clock.now());
      await http.same();
      viewer.stream.pause(false);
      await http.rig.run(100);
      assert.equal(viewer.closed, "end");
      await http.finish({ unserved: 1 });
    }
  });

  it("takes turns with hosts", async () => {
    const http = await new HttpRig().start();
    const viewer = http.get("/stream.mjpg");
    await http.rig.until(() => viewer.parts.length > 0);
    for (let i = 0; i < 4; i++) {
      const before = viewer.parts.length;
      const { data } = await http.rig.during(http.host!.camera().snapshot());
      assert.ok([1, 2].some((number) => data.equals(image("160x120", number))));
      assert.ok(viewer.parts.length - before <= 2);
    }
    for (const part of viewer.parts) assert.ok([1, 2].some((number) => part.equals(image("160x120", number))));
    viewer.stream.destroy();
    await http.finish();
  });

  it("tells why there is no picture, and ends one that the camera does not finish", async () => {
    const http = await new HttpRig({ fault: "silent" }).start();
    const none = await http.all(http.get("/snapshot.jpg"));
    assert.deepEqual([none.status, none.headers["retry-after"]], [503, "5"]);
    assert.match(none.body.toString(), /^(ENODEV|ETIMEDOUT): .*camera0/);
    assert.equal((await http.all(http.get("/stream.mjpg"))).status, 503);
    http.camera.faults.fault = "brownout";
    const half = await http.all(http.get("/snapshot.jpg"));
    assert.deepEqual([half.status, half.whole], [200, false]);
    http.camera.faults.fault = "none";
    const viewer = http.get("/stream.mjpg");
    await http.rig.until(() => viewer.parts.length > 1);
    http.camera.unplug();
    await http.rig.until(() => viewer.closed === "end");
    http.camera.plug();
    await http.same();
    await http.finish({ unserved: 2 });
  });

  it("gives nothing of a camera that a host has leased", async () => {
    const http = await new HttpRig().start();
    const { host, rig } = http;
    const socket = await rig.during(host!.connect("camera0:image", { type: SOCK_SEQPACKET }));
    await rig.during(socket.setOption(DEV_LEASE, "60"));
    const answer = await http.all(http.get("/snapshot.jpg"), 3000);
    assert.match(answer.body.toString(), /^EBUSY: camera0 is leased to .* for /);
    socket.close();
    await rig.run(100);
    await http.same();
    await http.finish({ unserved: 1 });
  });

  for (const seed of [1, 2, 3])
    it(`stands whatever comes, from seed ${seed}`, async () => {
      const http = await new HttpRig().start();
      const random = new Random(seed);
      const below = (most: number): number => Math.floor(random.fraction() * most);
      const good = "GET /snapshot.jpg HTTP/1.1\r\nHost: board\r\nAccept: */*\r\n\r\n";
      const words = [
        "GET",
        "HEAD",
        " ",
        "\r\n",
        "\n",
        "/",
        "?",
        "HTTP/1.1",
        "\0",
        "\xff",
        "Host: a.b",
        ":",
        "/stream.mjpg",
        good,
      ];
      for (let i = 0; i < 150; i++) {
        const pieces = Array.from({ length: 1 + below(12) }, () => words[below(words.length)]!);
        let text = i % 2 ? good : pieces.join("");
        for (let flips = below(4); flips > 0; flips--) {
          const at = below(text.length);
          text = text.slice(0, at) + String.fromCharCode(below(256)) + text.slice(at + below(3));
        }
        const viewer = http.dial();
        const cut = below(text.length + 1);
        viewer.say(text.slice(0, cut));
        await http.rig.run(below(40));
        viewer.say(text.slice(cut));
        await http.rig.run(below(400));
        if (below(2)) viewer.stream.end();
        else viewer.stream.destroy();
        if (viewer.back.includes("\r\n\r\n"))
          assert.ok([200, 400, 404, 405, 421, 431, 503].includes(viewer.answer.status));
      }
      await http.rig.run(PATIENCE);
      await http.same();
      // Some of it asked for a picture while another one was given.
      await http.finish({ unserved: { least: 0 } });
    });
});
