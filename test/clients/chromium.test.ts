import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { connect, serveCamera, thumbnail } from "../../host/index.js";
import type { Board, CameraServer } from "../../host/index.js";
import { serve } from "../host/cli/run.js";
import type { FakeCamera } from "../host/fake-camera.js";
import { Chromium } from "../support/chromium.js";
import { jpegs } from "../support/jpegs.js";
import { chromium, judgedBy } from "../support/judges.js";

/** What the page shows: the picture's size, its mean colour, what is said of it, and whether it is faded. */
const LOOK = `(() => {
  const picture = document.querySelector("img");
  // The page may have come as far as its picture only.
  const text = document.querySelector("p");
  if (!picture || !text) return { size: [0, 0], mean: [], words: "", old: false };
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [picture.naturalWidth, picture.naturalHeight];
  const size = [canvas.width, canvas.height];
  const said = { words: text.textContent, old: picture.className === "old" };
  if (canvas.width === 0) return { size, mean: [], ...said };
  const context = canvas.getContext("2d");
  context.drawImage(picture, 0, 0);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  const sum = [0, 0, 0];
  data.forEach((value, i) => i % 4 < 3 && (sum[i % 4] += value));
  const mean = sum.map((value) => (4 * value) / data.length);
  return { size, mean, ...said };
})()`;

interface Look {
  size: [number, number];
  mean: number[];
  words: string;
  old: boolean;
}

judgedBy([chromium], "Chromium with a board's camera", function () {
  this.timeout(60_000);
  let close: () => void;
  let board: Board;
  let camera: FakeCamera;
  let server: CameraServer;
  let browser: Chromium;

  before(async () => {
    const served = await serve();
    served.board.buffer = 16_384;
    camera = served.board.plugCamera();
    close = () => served.close();
    board = await connect(served.address);
    server = await serveCamera(board.camera());
    browser = await Chromium.start();
  });

  after(async () => {
    await browser.close();
    await server.close();
    await board.close();
    close();
  });

  it("shows the stream, fades it when the camera fails, and shows it again", async () => {
    const evaluate = await browser.open(server.url);
    const until = async (done: (look: Look) => boolean, what: string): Promise<Look> => {
      for (const end = Date.now() + 20_000; ; await pause(100)) {
        const look = (await evaluate(LOOK)) as Look;
        if (done(look)) return look;
        assert.ok(Date.now() < end, `${what}: ${JSON.stringify(look)}`);
      }
    };
    const { size, mean } = await until(
      ({ size: [width], words }) => width > 0 && words.includes("1 viewer"),
      "it shows nothing",
    );
    assert.deepEqual(size, [48, 32]);
    const { pixels } = thumbnail(jpegs[0]!.data)!;
    const expected = [0, 1, 2].map(
      (i) => (3 * pixels.filter((_, at) => at % 3 === i).reduce((a, b) => a + b, 0)) / pixels.length,
    );
    mean.forEach((value, i) =>
      assert.ok(Math.abs(value - expected[i]!) < 12, `${mean.join()} is not ${expected.join()}`),
    );
    camera.otherwise = "ENODEV: it was unplugged; plug it in";
    await until(({ words, old }) => words.includes("ENODEV: it was unplugged") && old, "it does not fade");
    camera.otherwise = "whole";
    await until(({ size, old }) => size[0] === 48 && !old, "it does not come back");
  });
});
