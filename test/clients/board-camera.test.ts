/** A board's own HTTP for ordinary programs: the firmware in the simulated runtime, in real time. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { setTimeout as pause } from "node:timers/promises";
import { startSimulator } from "../../simulator/index.js";
import type { Simulator } from "../../simulator/index.js";
import type { SerialCamera } from "../../simulator/peripheral/camera/serial-camera.js";
import { withFirmware } from "../e2e/rig.js";
import { image, IMAGES } from "../simulator/peripheral/camera/bench.js";
import { Chromium } from "../support/chromium.js";
import { chromium, curl, ffmpeg, ffprobe, judgedBy, pathOf } from "../support/judges.js";
import { Program } from "../support/program.js";

const PORT = 80;
const SIZE = "160x120";
const bundleDir = fileURLToPath(new URL("../../dist/firmware", import.meta.url));
const pictures = [1, 2].map((number) => Buffer.from(image(SIZE, number)));

/** A board with a camera that gives the two in turn. */
async function startBoard(): Promise<Simulator> {
  const line = { uart: "Serial1", baud: 115_200, path: "/dev/null" };
  return startSimulator({
    board: "linux",
    bundleDir,
    devices: { camera0: `vc0706,boot=50,image=${IMAGES}` },
    config: {
      board: "linux",
      devices: { camera0: { driver: "vc0706", size: SIZE, ...line } },
      endpoints: [{ service: "http", device: "camera0", port: PORT }],
    },
    ports: { http: { camera0: 0 } },
  });
}

async function output(path: string, ...args: string[]): Promise<Buffer> {
  const program = await Program.run(path, args);
  assert.equal(program.complaints, "");
  return program.output;
}

judgedBy([curl, ffmpeg, ffprobe], "curl and ffmpeg with a board's own HTTP", function () {
  withFirmware();
  this.timeout(60_000);
  let simulator: Simulator;
  const at = (path: string): string => simulator.endpoints["camera0"]!.http + path;

  before(async () => void (simulator = await startBoard()));
  after(() => simulator.stop());

  it("curl takes the snapshot bit for bit, with each version of HTTP that it has", async () => {
    for (const version of ["--http1.0", "--http1.1"]) {
      const data = await output(pathOf(curl), "-fsS", version, at("snapshot.jpg"));
      assert.ok(data.equals((simulator.peripherals["camera0"] as SerialCamera).last), `${data.length} bytes`);
    }
    const head = (await output(pathOf(curl), "-fsSI", at("snapshot.jpg"))).toString();
    assert.match(head, /^HTTP\/1\.1 200 OK\r\nContent-Type: image\/jpeg\r\n/);
  });

  it("ffprobe finds a stream of JPEGs of the camera's size", async () => {
    const args = ["-v", "error", "-f", "mpjpeg", "-show_entries", "stream=codec_name,width,height", "-of", "csv=p=0"];
    assert.equal((await output(pathOf(ffprobe), ...args, at("stream.mjpg"))).toString().trim(), "mjpeg,160,120");
  });

  it("ffmpeg copies the stream bit for bit from its first image on", async () => {
    const args = ["-v", "error", "-f", "mpjpeg", "-i", at("stream.mjpg"), "-c", "copy", "-frames:v", "3"];
    const data = await output(pathOf(ffmpeg), ...args, "-f", "mjpeg", "-");
    const first = pictures.findIndex((picture) => data.subarray(0, picture.length).equals(picture));
    const expected = [0, 1, 2].map((i) => pictures[(first + i) % 2]!);
    assert.ok(first >= 0 && data.equals(Buffer.concat(expected)), `${data.length} bytes`);
  });

  // Afterwards a camera is read in small parts, and twice, for a while.
  it("curl reports a picture that the camera does not finish", async () => {
    const { faults } = simulator.peripherals["camera0"] as SerialCamera;
    faults.fault = "brownout";
    const program = Program.start(pathOf(curl), ["-fsS", at("snapshot.jpg")], { input: new Uint8Array() });
    const { code } = await program.exited;
    faults.fault = "none";
    assert.ok(code === 18 || code === 56, `${code}`);
  });
});

/** The size of the picture on the page, and a number for what it shows. */
const LOOK = `(() => {
  const picture = document.querySelector("img");
  if (!picture?.naturalWidth) return [0, 0];
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [picture.naturalWidth, picture.naturalHeight];
  const context = canvas.getContext("2d");
  context.drawImage(picture, 0, 0);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  return [canvas.width, canvas.height, data.reduce((sum, value, i) => (sum * 31 + value) | 0, 0)];
})()`;

judgedBy([chromium], "Chromium with a board's own HTTP", function () {
  withFirmware();
  this.timeout(60_000);

  it("shows the stream, and again when the page is loaded anew", async () => {
    const simulator = await startBoard();
    const browser = await Chromium.start();
    const { http } = simulator.endpoints["camera0"]!;
    const evaluate = await browser.open(http!);
    for (const load of ["", "location.reload()"]) {
      if (load) await evaluate(load);
      const seen = new Set<number>();
      for (const end = Date.now() + 20_000; seen.size < 2; await pause(50)) {
        const [width, height, hash] = (await evaluate(LOOK).catch(() => [0])) as number[];
        if (width) assert.deepEqual([width, height], [160, 120]);
        if (width) seen.add(hash!);
        assert.ok(Date.now() < end, `${load || "it"} shows ${seen.size} pictures`);
      }
    }
    await browser.close();
    await simulator.stop();
  });
});
