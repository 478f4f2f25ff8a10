/** Cameras on the real interpreter: a UART by a terminal, SPI and I2C by objects in the interpreter's place. */
import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { crc32 } from "node:zlib";
import { connect } from "../../host/index.js";
import type { Board } from "../../host/index.js";
import { realClock } from "../../simulator/clock.js";
import { standInsForBuses } from "../../simulator/espruino-buses.js";
import { StandIns } from "../../simulator/espruino-stand-ins.js";
import { Arducam } from "../../simulator/peripheral/camera/arducam.js";
import { Vc0706 } from "../../simulator/peripheral/camera/vc0706.js";
import { startSimulator } from "../../simulator/index.js";
import type { Simulator } from "../../simulator/index.js";
import { boardOnPty, openPty } from "../../simulator/pty.js";
import { UartWire } from "../../simulator/wire.js";
import { image, imageFile, IMAGES } from "../simulator/peripheral/camera/bench.js";
import { CAPTURE, program, readVc0706 } from "../simulator/peripheral/camera/programs.js";
import { build } from "../../scripts/firmware/build.js";
import { cameraLines } from "../vectors/run-camera.js";
import { badRequests } from "../support/bad-requests.js";
import { readAnswer, readParts } from "../support/http-answer.js";
import type { Answer } from "../support/http-answer.js";
import { curl, pathOf } from "../support/judges.js";
import { Program } from "../support/program.js";
import { espruino, onReal } from "./both.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const bundleDir = fileURLToPath(new URL("../../dist/firmware", import.meta.url));
const FILE = image("160x120");
const RESULT = JSON.stringify({ length: FILE.length, crc: crc32(FILE) });
const PRINT = "print(JSON.stringify(r))";

const KEY = "8f3c1d2e4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0";

/** ms of the camera's start. */
const BOOT = 200;

describe("cameras on the real interpreter", function () {
  this.timeout(60_000);
  before("needs ESPRUINO to name the interpreter", function () {
    if (!espruino) this.skip();
  });

  it("are told the same as by a host", async () => {
    const [built] = await build(root, ["linux"], "test/vectors/board-camera.ts");
    const lines = await onReal(built!.code, 1000);
    assert.deepEqual(lines, [`CAMERAS ${JSON.stringify(cameraLines())}`]);
  });

  it("give an image over SPI and I2C", async () => {
    const camera = new Arducam({ image: imageFile("160x120") });
    const chips = { spi0: [camera], i2c0: [camera.i2c] };
    const buses = await StandIns.open(standInsForBuses({ spi0: { port: "SPI1" }, i2c0: { port: "I2C1" } }, chips));
    const lines = await onReal(program(CAPTURE, PRINT, buses!.bootText()), 2000);
    buses!.close();
    camera.close();
    assert.deepEqual(lines, [RESULT]);
  });

  it("raise their speed and give an image over a UART", async () => {
    const camera = new Vc0706({ image: imageFile("160x120"), size: "160x120", boot: 50 });
    const pty = await openPty();
    const wire = new UartWire(115_200, realClock);
    const stop = boardOnPty(wire, pty, realClock);
    camera.connect(wire.peripheral, realClock);
    const text = readVc0706(600, 115_200, "\\x0d\\xa6", 256, `path:"${pty.path}"`);
    const lines = await onReal(program(text, PRINT, ""), 6000);
    stop();
    camera.close();
    pty.close();
    assert.deepEqual(lines, [RESULT]);
    assert.equal(wire.peripheral.baud, 115_200);
  });

  describe("a vc0706, an ov528 and an ov2640 the whole way", () => {
    let simulator: Simulator;
    let board: Board;
    const at = (name: string): Vc0706 | Arducam => simulator.peripherals[name] as Vc0706 | Arducam;

    before(async () => {
      simulator = await startSimulator({
        ...{ board: "linux", runtime: "espruino", espruino, bundleDir, ports: { tcp: 0 }, key: KEY },
        devices: {
          camera0: `vc0706,boot=${BOOT},image=${IMAGES}`,
          camera1: `ov528,image=${IMAGES}`,
          camera2: `ov2640,image=${IMAGES}`,
        },
      });
      board = await connect(simulator.links.tcp!, { key: KEY });
    });

    after(async () => {
      await board?.close();
      await simulator?.stop();
    });

    async function same(size: string, name = "camera0"): Promise<void> {
      const { data } = await board.camera(name).snapshot({ size });
      assert.ok(data.equals(at(name).last), `${data.length} of ${at(name).last.length} bytes`);
    }

    it("gives images byte for byte, of the size that is asked for", async () => {
      await same("320x240", "camera1");
      for (const size of ["640x480", "160x120", "160x120"]) await same(size);
    });

    it("gives images from SPI byte for byte, of the size that is asked for", async () => {
      for (const size of ["640x480", "160x120", "160x120", "320x240"]) await same(size, "camera2");
    });

    it("says what is wrong with a camera on SPI and I2C, and finds it again", async () => {
      const { faults } = at("camera2");
      const size = "160x120";
      for (const [fault, words] of [
        ["silent", /ETIMEDOUT: camera2 does not answer on SPI/],
        ["wrong", /ENODEV: the chip of camera2 at address 48 is no OV2640/],
        ["stuck", /ETIMEDOUT: camera2 does not say that an image is done/],
      ] as const) {
        faults.fault = fault;
        at("camera2").unplug();
        at("camera2").plug();
        await assert.rejects(board.camera("camera2").snapshot({ size }), words);
      }
      faults.fault = "none";
      await same(size, "camera2");
    });

    it("gives two programs an image each, beside another camera", async () => {
      const size = "160x120";
      const both = [board.camera().snapshot({ size }), board.camera().snapshot({ size })];
      await same("160x120", "camera1");
      for (const { data } of await Promise.all(both)) assert.ok(data.length > 2000);
    });

    it("says why there is none: a size, a camera that stops, goes, is silent, is another device", async () => {
      await assert.rejects(board.camera().snapshot({ size: "800x600" }), /EINVAL: camera0 cannot do 800x600/);
      const { faults } = at("camera0");
      faults.fault = "brownout";
      await assert.rejects(board.camera().snapshot({ size: "160x120" }), /EIO: .*camera0 stopped within an image/);
      faults.fault = "silent";
      await assert.rejects(board.camera().snapshot({ size: "160x120" }), /ETIMEDOUT: camera0 does not answer/);
      faults.fault = "wrong";
      await assert.rejects(
        board.camera().snapshot({ size: "160x120" }),
        /ENODEV: what is heard of camera0 is no answer of a VC0706/,
      );
      faults.fault = "none";
      await same("160x120");
    });

    it("on a line with noise reads again until an image is whole", async () => {
      at("camera0").noise.share = 0.001;
      await same("160x120");
      assert.ok(at("camera0").noise.hits > 0);
    });
  });

  describe("over their board's own HTTP", () => {
    let simulator: Simulator;
    let url: string;
    /** Variables in use before anybody came. */
    let usage: number;
    const clients = new Set<net.Socket>();

    before(async () => {
      const line = { uart: "Serial1", baud: 115_200, path: "/dev/null" };
      simulator = await startSimulator({
        ...{ board: "linux", runtime: "espruino", espruino, bundleDir, ports: { http: { camera0: 0 } } },
        devices: { camera0: `vc0706,boot=${BOOT},image=${IMAGES}` },
        config: {
          board: "linux",
          devices: { camera0: { driver: "vc0706", size: "160x120", ...line } },
          endpoints: [{ service: "http", device: "camera0", port: 80 }],
        },
      });
      url = simulator.endpoints["camera0"]!.http!;
      await curled();
      await pause(500);
      ({ usage } = await simulator.memory());
    });

    after(() => simulator?.stop());

    afterEach(async () => {
      for (const client of clients) client.destroy();
      clients.clear();
      await curled();
      // The last part of one picture is longer than the other's, and what is counted for the first time takes some; a client has 35 at least.
      for (let tries = 0; ; tries++) {
        await pause(500);
        const left = (await simulator.memory()).usage - usage;
        if (left <= 8) return;
        assert.ok(tries < 10, `${left} variables of a client are left`);
      }
    });

    function dial(bytes: string | Buffer): net.Socket {
      const client = net.connect(Number(new URL(url).port), "127.0.0.1");
      clients.add(client.on("error", () => undefined).resume());
      client.write(bytes);
      return client;
    }

    /** All that comes until the board closes. */
    async function answered(client: net.Socket): Promise<Answer> {
      const parts: Buffer[] = [];
      client.on("data", (data) => parts.push(data));
      // What a client says behind a request may lead to a reset behind the answer.
      await new Promise((resolve) => client.on("close", resolve));
      return readAnswer(Buffer.concat(parts));
    }

    async function curled(): Promise<void> {
      const { output, complaints } = await Program.run(pathOf(curl), ["-fsS", `${url}snapshot.jpg`]);
      assert.equal(complaints, "");
      const { last } = simulator.peripherals["camera0"] as Vc0706;
      assert.ok(output.equals(last), `${output.length} of ${last.length} bytes`);
    }

    it("give curl a picture byte for byte", curled);

    for (const [what, status, bytes] of badRequests)
      it(`answer ${what} with ${status}`, async () => {
        assert.equal((await answered(dial(bytes))).status, status);
      });

    it("have one viewer at a time, of whom nothing is left when he has gone", async () => {
      const viewer = dial("GET /stream.mjpg HTTP/1.1\r\n\r\n");
      const parts: Buffer[] = [];
      viewer.on("data", (data) => parts.push(data));
      const all = (): Buffer[] => (parts.length > 1 ? readParts(readAnswer(Buffer.concat(parts))) : []);
      while (all().length === 0) await once(viewer, "data");
      for (const path of ["snapshot.jpg", "stream.mjpg"]) {
        const { status, body } = await answered(dial(`GET /${path} HTTP/1.1\r\n\r\n`));
        assert.equal(status, 503);
        assert.match(body.toString(), /^EBUSY: another client gets the pictures of camera0; /);
      }
      while (all().length < 3) await once(viewer, "data");
      for (const part of all()) assert.ok([1, 2].some((number) => part.equals(image("160x120", number))));
      viewer.destroy();
    });

    it("stand clients that say nothing, half of a request, more than they should, and that end at once", async () => {
      for (let i = 0; i < 6; i++) dial(i % 2 ? "" : `GET /${"x".repeat(900)}`);
      dial("GET /snapshot.jpg HTTP/1.1\r\n\r\n").end();
      await pause(200);
      const flood = dial("POST /snapshot.jpg HTTP/1.1\r\n\r\n");
      for (let i = 0; i < 50; i++) flood.write(Buffer.alloc(20_000, "x"));
      await new Promise((resolve) => flood.on("close", resolve));
    });
  });
});
