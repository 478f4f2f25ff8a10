import assert from "node:assert/strict";
import { thumbnail } from "../../host/index.js";
import { coloursOf, halfBlocks } from "../../host/cli/picture/half-blocks.js";
import { jpegs, progressive } from "../support/jpegs.js";

describe("a picture at an eighth of its size", () => {
  for (const { name, data, eighth, width, height } of jpegs.filter((jpeg) => jpeg.eighth))
    it(`is what libjpeg makes of it: ${name}`, () => {
      const small = thumbnail(data)!;
      assert.deepEqual([small.width, small.height], [Math.ceil(width / 8), Math.ceil(height / 8)]);
      assert.equal(small.pixels.length, eighth!.length);
      const worst = Math.max(...eighth!.map((value, i) => Math.abs(value - small.pixels[i]!)));
      assert.ok(worst <= 2, `${worst} of 255 apart`);
    });

  it("is not made of what is broken", () => {
    assert.equal(thumbnail(jpegs[0]!.data.subarray(0, -9)), undefined);
    assert.equal(thumbnail(progressive), undefined);
  });

  const red = [255, 0, 0];
  const blue = [0, 0, 255];
  const square = { width: 2, height: 2, pixels: Uint8ClampedArray.from([red, blue, blue, red].flat()) };

  it("is two pixels a character in a terminal, in its colours", () => {
    const lines = halfBlocks(square, { columns: 2, rows: 10 }, "all");
    assert.deepEqual(lines, ["\x1b[38;2;255;0;0;48;2;0;0;255m▀\x1b[38;2;0;0;255;48;2;255;0;0m▀\x1b[0m"]);
    assert.deepEqual(halfBlocks(square, { columns: 2, rows: 10 }, 256), [
      "\x1b[38;5;196;48;5;21m▀\x1b[38;5;21;48;5;196m▀\x1b[0m",
    ]);
  });

  it("fits into its room, larger or smaller", () => {
    for (const [columns, rows] of [
      [80, 24],
      [5, 24],
      [80, 2],
      [1, 1],
    ] as const) {
      const lines = halfBlocks(thumbnail(jpegs[0]!.data)!, { columns, rows }, "all");
      const wide = lines.map((line) => line.split("▀").length - 1);
      assert.ok(lines.length >= 1 && lines.length <= rows, `${lines.length} of ${rows} lines`);
      assert.ok(
        wide.every((width) => width >= 1 && width <= columns && width === wide[0]),
        wide.join(),
      );
    }
    assert.equal(halfBlocks(square, { columns: 80, rows: 24 }, "all").length, 24);
  });

  it("is shown only where there are colours for it", () => {
    const asked = (isTTY: boolean, env: NodeJS.ProcessEnv): unknown => coloursOf({ isTTY }, env);
    assert.equal(asked(true, { TERM: "xterm-256color", COLORTERM: "truecolor" }), "all");
    assert.equal(asked(true, { TERM: "screen-256color" }), 256);
    assert.equal(asked(true, { TERM: "vt100" }), undefined);
    assert.equal(asked(true, { TERM: "dumb", COLORTERM: "truecolor" }), undefined);
    assert.equal(asked(true, { TERM: "xterm-256color", NO_COLOR: "1" }), undefined);
    assert.equal(asked(false, { TERM: "xterm-256color" }), undefined);
  });
});
