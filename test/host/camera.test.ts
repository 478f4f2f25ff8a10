import assert from "node:assert/strict";
import { connect, DevsockError } from "../../host/index.js";
import type { Board, CameraFrame, ImageOptions } from "../../host/index.js";
import { VirtualClock } from "../../simulator/clock.js";
import { jpegs, numbered, numberOf } from "../support/jpegs.js";
import { FakeBoard, TCP } from "./fake-board.js";
import type { FakeCamera, Fault } from "./fake-camera.js";
import { inTime } from "./time.js";

/** Ms on the way to the board, and back. */
const WAY = 20;
const SOURCE = jpegs[0]!;

describe("a camera", () => {
  let clock: VirtualClock;
  let fake: FakeBoard;
  let camera: FakeCamera;
  let board: Board;

  beforeEach(async () => {
    clock = new VirtualClock();
    fake = new FakeBoard(clock);
    fake.buffer = 16_384;
    camera = fake.plugCamera();
    board = await inTime(clock, connect(fake.line(TCP, { delay: WAY }).transport, { clock }));
  });

  afterEach(async () => {
    await inTime(clock, clock.run(1000));
    assert.equal(camera.watched, 0, "somebody still watches");
    await inTime(clock, board.close());
    assert.equal(fake.sessions[0]!.sockets.count, 0, "a socket was left open");
  });

  const rejected = async (work: Promise<unknown>, code: string, words: RegExp): Promise<void> => {
    const check = (error: DevsockError): true => {
      assert.ok(error instanceof DevsockError, String(error));
      assert.equal(error.code, code, error.message);
      assert.match(error.message, words);
      return true;
    };
    await inTime(clock, assert.rejects(work, check));
  };

  /** Reads so many frames, each in so many ms. */
  const read = async (count: number, ms = 0, options: ImageOptions = {}): Promise<CameraFrame[]> => {
    const frames: CameraFrame[] = [];
    const loop = async (): Promise<void> => {
      for await (const frame of board.camera().frames(options)) {
        frames.push(frame);
        if (frames.length === count) return;
        if (ms > 0) await new Promise<void>((resolve) => clock.after(ms, resolve));
      }
    };
    await inTime(clock, loop());
    return frames;
  };

  describe("gives an image", () => {
    it("with all its bytes, its size, and when it was taken", async () => {
      const snapshot = await inTime(clock, board.camera().snapshot({ size: "48x32", quality: 70 }));
      assert.deepEqual(camera.requests, [{ size: "48x32", quality: 70 }]);
      const { data, width, height, utc, uncertainty, broken } = snapshot;
      assert.ok(data.equals(numbered(SOURCE, 1, 5000)));
      assert.deepEqual([width, height, broken], [48, 32, 0]);
      const { from } = camera.times[0]!;
      assert.ok(Math.abs(utc - from) <= uncertainty && uncertainty < 25, `${utc} ± ${uncertainty}, taken at ${from}`);
    });

    it("as the board is configured to when nothing is asked for, and says how it goes", async () => {
      const progress: [number, number][] = [];
      await inTime(clock, board.camera().snapshot({ onProgress: (...now) => progress.push(now) }));
      assert.deepEqual(camera.requests, [{}]);
      assert.ok(progress.length > 3 && progress.every(([bytes, length]) => bytes <= 5000 && length === 5000));
      assert.deepEqual(progress.at(-1), [5000, 5000]);
    });

    it("to several that ask at once, one after the other", async () => {
      const asked = [1, 2, 3].map(() => board.camera().snapshot());
      const images = await inTime(clock, Promise.all(asked));
      assert.deepEqual(images.map(({ data }) => numberOf(data)).sort(), [1, 2, 3]);
    });

    it("without what is behind its end", async () => {
      camera.faults.push("padded");
      const { data, broken } = await inTime(clock, board.camera().snapshot());
      assert.ok(data.equals(numbered(SOURCE, 1, 5000)));
      assert.equal(broken, 0);
    });

    it("and says how it is itself", async () => {
      const status = await inTime(clock, board.camera("camera0").status());
      assert.deepEqual([status.summary, status.sizes], ["not asked yet, 1 image broken so far", ["48x32", "33x17"]]);
      const device = (await inTime(clock, board.devices()))[1]!;
      assert.deepEqual([device.kind, device.name], ["camera", "camera0"]);
    });
  });

  describe("whose image is broken", () => {
    const faults: [Fault, RegExp][] = [
      ["stopped", /2500 of 5000 bytes came: camera0 stopped within an image/],
      ["tailless", /cut short at byte/],
      ["flipped", /cut short at byte 5000: its end is missing/],
      ["small", /it is 33x17 and not 48x32/],
      ["EIO: noise on the line; check it", /noise on the line/],
    ];
    for (const [fault, words] of faults) {
      it(`(${fault}) is asked again, and it is counted`, async () => {
        camera.faults.push(fault, fault);
        const asked = board.camera();
        const { data, broken } = await inTime(clock, asked.snapshot({ size: "48x32" }));
        const { data: whole } = SOURCE;
        assert.ok(data.subarray(-500).equals(whole.subarray(-500)));
        assert.deepEqual([broken, asked.counters, camera.requests.length], [2, { images: 1, broken: 2 }, 3]);
      });

      it(`(${fault}) time and again fails with EIO, and what it was`, async () => {
        camera.otherwise = fault;
        await rejected(board.camera().snapshot({ size: "48x32" }), "EIO", words);
        assert.equal(camera.requests.length, 3);
      });
    }
  });

  it("that has no image says why, and is not asked again", async () => {
    for (const code of ["EINVAL", "ENODEV", "EBUSY", "ETIMEDOUT"] as const) {
      camera.faults.push(`${code}: the camera's words; do something`);
      await rejected(board.camera().snapshot(), code, /the camera's words/);
    }
    assert.equal(camera.requests.length, 4);
    await rejected(board.camera("camera9").snapshot(), "ENODEV", /there is no camera9/);
  });

  for (const fault of ["silent", "halfway"] as const)
    it(`that says nothing (${fault}) is given up in time`, async () => {
      camera.faults.push(fault);
      const start = clock.now();
      await rejected(board.camera().snapshot({ timeout: 4000 }), "ETIMEDOUT", /nothing came of camera0 for 4 s/);
      const took = clock.now() - start;
      assert.ok(took >= 4000 && took < 4500, `${took} ms`);
    });

  it("that is slow is not taken for silent", async () => {
    camera.rate = 1;
    const { data } = await inTime(clock, board.camera().snapshot({ timeout: 600 }));
    assert.equal(data.length, 5000);
  });

  it("that speaks another protocol is refused", async () => {
    camera.otherwise = "strange";
    await rejected(board.camera().snapshot(), "EPROTO", /camera0 sent what is no image/);
    await rejected(read(1), "EPROTO", /camera0 sent what is no image/);
  });

  it("is not asked for what makes no sense", async () => {
    for (const options of [{ size: "large" }, { size: "640x0" }, { quality: 0 }, { quality: 60.5 }, { timeout: -1 }])
      await rejected(board.camera().snapshot(options), "EINVAL", /makes no sense|is no (size|quality)/);
    assert.equal(fake.opened.length, 0);
  });

  it("is let go when the signal aborts, before the image and within it", async () => {
    for (const ms of [0, 10, 90, 110]) {
      const controller = new AbortController();
      clock.after(ms, () => controller.abort());
      await rejected(board.camera().snapshot({ signal: controller.signal }), "ECANCELED", /given up/);
      await clock.run(500);
      assert.equal(camera.watched, 0);
    }
    await rejected(board.camera().snapshot({ signal: AbortSignal.abort() }), "ECANCELED", /given up/);
  });

  describe("gives frames", () => {
    it("one after the other, none left out, and does not wait between them", async () => {
      const frames = await read(20);
      assert.deepEqual(
        frames.map(({ data }) => numberOf(data)),
        frames.map((_, i) => i + 1),
      );
      assert.ok(frames.every(({ skipped, broken, data }) => skipped === 0 && broken === 0 && data.length === 5000));
      const { times, delay, most } = camera;
      const waits = times.slice(1, 20).map(({ from }, i) => from - times[i]!.to);
      assert.ok(Math.max(...waits) <= delay + 2, `the camera waited ${Math.max(...waits)} ms between two images`);
      assert.equal(most, 2);
    });

    it("to a slow reader the newest each time, and says how many it missed", async () => {
      const frames = await read(6, 1000);
      const numbers = frames.map(({ data }) => numberOf(data));
      frames.slice(1).forEach(({ data, skipped, utc }, i) => {
        assert.equal(numberOf(data) - numbers[i]! - 1, skipped);
        const at = camera.times[0]!.from + 2 * WAY + 1000 * (i + 1);
        // The one before it may have been on its way for as long as an image takes.
        assert.ok(at - utc < 350, `${at - utc} ms old`);
      });
      assert.ok(numbers[1]! - numbers[0]! > 5);
      assert.equal(camera.most, 2);
    });

    it("but none that is broken, and counts those", async () => {
      camera.faults.push("whole", "flipped", "whole", "stopped", "tailless", "EPROTO: noise; wait", "whole", "whole");
      const frames = await read(4);
      assert.deepEqual(
        frames.map(({ broken }) => broken),
        [0, 1, 3, 0],
      );
    });

    it("until ten in a row are broken", async () => {
      camera.faults.push("whole");
      camera.otherwise = "flipped";
      const frames: CameraFrame[] = [];
      const loop = async (): Promise<void> => {
        for await (const frame of board.camera().frames()) frames.push(frame);
      };
      await rejected(loop(), "EIO", /no whole image in 10 tries/);
      assert.equal(frames.length, 1);
    });

    it("until the camera has none, or is silent", async () => {
      camera.faults.push("whole", "ENODEV: it was unplugged; plug it in");
      await rejected(read(9), "ENODEV", /unplugged/);
      camera.faults.push("whole", "silent");
      await rejected(read(9, 0, { timeout: 3000 }), "ETIMEDOUT", /nothing came/);
    });

    it("until the signal aborts, also while nobody reads", async () => {
      const controller = new AbortController();
      clock.after(700, () => controller.abort());
      await rejected(read(1000, 0, { signal: controller.signal }), "ECANCELED", /given up/);
      await clock.run(500);
      const { taken } = camera;
      const slow = new AbortController();
      clock.after(700, () => slow.abort());
      await rejected(read(1000, 5000, { signal: slow.signal }), "ECANCELED", /given up/);
      assert.ok(camera.taken - taken < 12, `${camera.taken - taken} images for nobody`);
    });
  });
});
