import assert from "node:assert/strict";
import { connect, serveCamera } from "../../host/index.js";
import type { Board, CameraServer } from "../../host/index.js";
import { serve } from "../host/cli/run.js";
import type { FakeCamera } from "../host/fake-camera.js";
import { jpegs, numbered, numberOf } from "../support/jpegs.js";
import { curl, ffmpeg, ffprobe, judgedBy, pathOf } from "../support/judges.js";
import { Program } from "../support/program.js";

const BYTES = 20_000;

judgedBy([curl, ffmpeg, ffprobe], "curl and ffmpeg with a board's camera over HTTP", function () {
  this.timeout(30_000);
  let close: () => void;
  let board: Board;
  let camera: FakeCamera;
  let server: CameraServer;

  before(async () => {
    const served = await serve();
    served.board.buffer = 16_384;
    camera = served.board.plugCamera();
    camera.bytes = BYTES;
    camera.rate = 1000;
    close = () => served.close();
    board = await connect(served.address);
    server = await serveCamera(board.camera());
  });

  after(async () => {
    await server.close();
    await board.close();
    close();
  });

  const at = (path: string): string => new URL(path, server.url).href;

  async function output(judge: typeof curl, ...args: string[]): Promise<Buffer> {
    const program = await Program.run(pathOf(judge), args);
    assert.equal(program.complaints, "");
    return program.output;
  }

  it("curl takes the snapshot bit for bit", async () => {
    const data = await output(curl, "-fsS", at("snapshot.jpg"));
    assert.ok(data.equals(numbered(jpegs[0]!, numberOf(data), BYTES)));
  });

  it("ffprobe finds a stream of JPEGs of the camera's size", async () => {
    const args = ["-v", "error", "-f", "mpjpeg", "-show_entries", "stream=codec_name,width,height", "-of", "csv=p=0"];
    assert.equal((await output(ffprobe, ...args, at("stream.mjpg"))).toString().trim(), "mjpeg,48,32");
  });

  it("ffmpeg copies the stream bit for bit, image by image", async () => {
    const args = ["-v", "error", "-f", "mpjpeg", "-i", at("stream.mjpg"), "-c", "copy", "-frames:v", "5"];
    const data = await output(ffmpeg, ...args, "-f", "mjpeg", "-");
    assert.equal(data.length, 5 * BYTES);
    const first = numberOf(data);
    for (let i = 0, last = first - 1; i < 5; i++) {
      const image = data.subarray(i * BYTES, (i + 1) * BYTES);
      assert.ok(numberOf(image) > last);
      last = numberOf(image);
      assert.ok(image.equals(numbered(jpegs[0]!, last, BYTES)), `image ${i}`);
    }
  });

  it("ffmpeg decodes a stream of a noisy camera without a complaint: what is broken is left out", async () => {
    camera.faults.push("flipped", "whole", "tailless", "stopped", "whole", "padded", "EIO: noise; wait");
    const args = ["-v", "warning", "-xerror", "-f", "mpjpeg", "-i", at("stream.mjpg"), "-frames:v", "10"];
    await output(ffmpeg, ...args, "-f", "null", "-");
    assert.equal(server.fan.counters.broken, 4);
  });
});
