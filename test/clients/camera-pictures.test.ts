/** What the simulated cameras give is JPEG to others, and of the kind that such cameras make. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { drawCard } from "../../simulator/peripheral/camera/card.js";
import { image } from "../simulator/peripheral/camera/bench.js";
import { ffmpeg, ffprobe, judgedBy, pathOf } from "../support/judges.js";

judgedBy([ffmpeg, ffprobe], "pictures of simulated cameras, for ffmpeg", () => {
  const pictures: [string, Uint8Array][] = [
    ["320x240", image("320x240")],
    ["160x120", drawCard("160x120", 10, 1)],
    ["640x480", drawCard("640x480", 100, 456)],
  ];
  for (const [size, data] of pictures)
    it(`are baseline JPEG of ${size}, 4:2:2, without an error`, () => {
      const show = ["-v", "error", "-show_entries", "stream=profile,width,height,pix_fmt", "-of", "csv=p=0", "-"];
      const { stdout, stderr } = spawnSync(pathOf(ffprobe), show, { input: data, encoding: "utf8" });
      const [width, height] = size.split("x");
      assert.deepEqual([stdout.trim(), stderr], [`Baseline,${width},${height},yuvj422p`, ""]);
    });

  it("have the colours that were drawn", () => {
    const [width, height] = [320, 240];
    const decode = ["-v", "error", "-i", "-", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"];
    const { stdout } = spawnSync(pathOf(ffmpeg), decode, { input: drawCard("320x240", 90, 1) });
    assert.equal(stdout.length, 3 * width * height);
    const at = (x: number, y: number): number[] => [...stdout.subarray(3 * (y * width + x), 3 * (y * width + x) + 3)];
    const expected: [number, number, number[]][] = [
      [20, 60, [235, 235, 235]],
      [68, 60, [219, 219, 16]],
      [160, 60, [16, 219, 16]],
      [250, 60, [219, 16, 16]],
      [300, 60, [16, 16, 219]],
      [10, 150, [40, 44, 52]],
    ];
    for (const [x, y, colour] of expected)
      for (const [i, part] of at(x, y).entries())
        assert.ok(Math.abs(part - colour[i]!) < 8, `${at(x, y).join()} for ${colour.join()}`);
  });
});
