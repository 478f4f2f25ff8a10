import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { jpegs, numbered, numberOf } from "../../support/jpegs.js";
import type { FakeBoard } from "../fake-board.js";
import type { FakeCamera } from "../fake-camera.js";
import { assertMistakes, build, COMMAND, endAll, run, serve, start } from "./run.js";

/** What a time lapse says. */
interface Line {
  failed: unknown;
  images: number;
  skipped: number;
  broken: number;
  directory: string;
}

describe("devsock snapshot and devsock stream", function () {
  this.timeout(60_000);
  let dir: string;
  let board: FakeBoard;
  let camera: FakeCamera;
  let address: string;
  let close: () => void;

  before(build);

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), "devsock-"));
    ({ board, address, close } = await serve());
    board.buffer = 16_384;
    camera = board.plugCamera();
    camera.rate = 1000;
  });

  afterEach(async () => {
    endAll();
    close();
    await rm(dir, { recursive: true });
  });

  const image = (number: number): Buffer => numbered(jpegs[0]!, number, camera.bytes);

  it("writes the image to a new file, and says what it is", async () => {
    const file = join(dir, "door.jpg");
    const args = ["--size", "48x32", "--quality", "80"];
    const { code, out, err } = await run(["snapshot", address, "-o", file, "--json", ...args]);
    assert.deepEqual([code, err], [0, ""]);
    const { utc, uncertainty, durationMs, ...rest } = JSON.parse(out) as Record<string, number>;
    const facts = { address, camera: "camera0", file, bytes: 5000, width: 48, height: 32, broken: 0 };
    assert.deepEqual(rest, facts);
    assert.ok(uncertainty! < 1000 && durationMs! > 0 && utc! > 0);
    assert.deepEqual(camera.requests, [{ size: "48x32", quality: 80 }]);
    assert.ok((await readFile(file)).equals(image(1)));
  });

  it("leaves a file that is there as it is, before it asks for an image, unless it is told to replace it", async () => {
    const file = join(dir, "door.jpg");
    await writeFile(file, "mine");
    const refused = await run(["snapshot", address, "-o", file]);
    assert.equal(refused.code, 1);
    assert.match(refused.err, /EEXIST: .*door\.jpg is there already .*--force/);
    assert.equal(await readFile(file, "utf8"), "mine");
    assert.equal(camera.requests.length, 0);
    const other = join(dir, "link.jpg");
    await symlink(file, other);
    const { code, out } = await run(["snapshot", address, "-o", other, "--force"]);
    assert.equal(code, 0);
    assert.match(out, /^.*link\.jpg: 48x32, 5000 bytes, taken \d{4}-\d\d-\d\d [\d:.]{12} UTC ± [\d.]+ ms\n$/);
    assert.ok((await readFile(file)).equals(image(1)));
    assert.deepEqual((await readdir(dir)).sort(), ["door.jpg", "link.jpg"]);
  });

  it("writes it to standard output, or a pipe, and nothing else", async () => {
    const { child, ended } = start(["snapshot", address, "-o", "-"]);
    const pieces: Buffer[] = [];
    child.stdout.on("data", (data: Buffer) => pieces.push(data));
    assert.equal((await ended).code, 0);
    assert.ok(Buffer.concat(pieces).equals(image(1)));
    assert.equal((await run(["snapshot", address, "-o", "/dev/null"])).code, 0);
  });

  it("leaves no file of a broken image, of a lost board, or when it is killed", async () => {
    camera.otherwise = "tailless";
    const broken = await run(["snapshot", address, "-o", join(dir, "a.jpg")]);
    assert.equal(broken.code, 1);
    assert.match(broken.err, /EIO: camera0 gave no whole image in 3 tries: cut short at byte/);
    assert.deepEqual(await readdir(dir), []);
    camera.otherwise = "halfway";
    for (const [signal, code] of [
      ["SIGINT", 130],
      ["SIGKILL", null],
    ] as const) {
      const begun = camera.taken;
      const { child, ended } = start(["snapshot", address, "-o", join(dir, "b.jpg")]);
      while (camera.taken === begun) await pause(10);
      child.kill(signal);
      assert.equal((await ended).code, code);
      // What is left of a killed one is no file of that name.
      assert.ok((await readdir(dir)).every((name) => name.endsWith(".part") && signal === "SIGKILL"));
      ({ board, address, close } = await again());
    }
    const late = await run(["snapshot", address, "-o", join(dir, "c.jpg"), "--timeout", "0.5"]);
    assert.equal(late.code, 1);
    assert.match(late.err, /ETIMEDOUT: nothing came of camera0 for 0\.5 s/);
  });

  /** A new board with the same camera's faults: the old one's is stuck. */
  async function again(): Promise<{ board: FakeBoard; address: string; close: () => void }> {
    close();
    const served = await serve();
    served.board.buffer = 16_384;
    camera = served.board.plugCamera();
    camera.otherwise = "halfway";
    return served;
  }

  it("shows it in a terminal that has colours", async function () {
    if (process.platform === "win32") return this.skip();
    const { spawn } = await import("@lydell/node-pty");
    const shown = async (env: NodeJS.ProcessEnv): Promise<string> => {
      const args = [...COMMAND.slice(1), "snapshot", address, "-o", join(dir, `${camera.taken}.jpg`)];
      const terminal = spawn(COMMAND[0]!, args, { cols: 40, rows: 20, env: { PATH: process.env["PATH"]!, ...env } });
      let text = "";
      terminal.onData((data) => (text += data));
      await new Promise((resolve) => terminal.onExit(resolve));
      return text;
    };
    const picture = await shown({ TERM: "xterm-256color", COLORTERM: "truecolor" });
    assert.match(picture, /\x1b\[38;2;\d+;\d+;\d+;48;2;\d+;\d+;\d+m▀/);
    assert.match(picture, /0\.jpg: 48x32, 5000 bytes/);
    assert.doesNotMatch(await shown({ TERM: "xterm-256color", NO_COLOR: "1" }), /▀/);
  });

  it("takes one every so often into a folder, counts what fails, and ends at Ctrl-C", async () => {
    camera.faults.push("whole", "EBUSY: somebody has it; wait", "flipped", "whole");
    const folder = join(dir, "new", "lapse");
    const lapse = start(["snapshot", address, "-o", folder, "--every", "200ms", "--json"]);
    await lapse.until(() => lapse.out().split("\n").length > 5);
    lapse.child.kill("SIGINT");
    const { code, out, err } = await lapse.ended;
    assert.deepEqual([code, err], [0, ""]);
    const lines = out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Line);
    const { images, failed, skipped, broken, directory } = lines.pop()!;
    assert.equal((lines[1]!.failed as { code: string }).code, "EBUSY");
    assert.deepEqual([images, failed, broken, directory], [lines.length - 1, 1, 1, folder]);
    assert.ok(skipped < 3, `${skipped} skipped`);
    const names = (await readdir(folder)).sort();
    assert.equal(names.length, images);
    const numbers = await Promise.all(names.map(async (name) => numberOf(await readFile(join(folder, name)))));
    assert.deepEqual(
      numbers,
      [...numbers].sort((a, b) => a - b),
    );
    assert.match(names[0]!, /^camera0-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}Z\.jpg$/);
  });

  it("skips the times that an image took, and ends after so long", async () => {
    camera.delay = 450;
    const folder = join(dir, "slow");
    const args = ["--every", "100ms", "--seconds", "2"];
    const { code, out } = await run(["snapshot", address, "-o", folder, ...args]);
    assert.equal(code, 0);
    const [, images, skipped] = /slow: (\d+) images; 0 failed, (\d+) times were skipped, 0 were broken\n$/.exec(out)!;
    assert.ok(Number(images) >= 2 && Number(images) <= 4 && Number(skipped) >= 3 * Number(images), out);
  });

  it("ends a time lapse of a camera that is not there, or that never gave an image", async () => {
    const lost = await run(["snapshot", address, "camera9", "-o", join(dir, "a"), "--every", "1s"]);
    assert.equal(lost.code, 1);
    assert.match(lost.err, /ENODEV/);
    camera.otherwise = "ETIMEDOUT: camera0 does not answer; look at its cable";
    const args = ["--every", "100ms", "--seconds", "1"];
    const dead = await run(["snapshot", address, "-o", join(dir, "b"), ...args]);
    assert.equal(dead.code, 1);
    assert.match(dead.err, /ETIMEDOUT: camera0 does not answer.*\n.*EIO: none of \d+ images was taken/s);
  });

  it("serves the camera, says where, and ends at Ctrl-C", async () => {
    const stream = start(["stream", address, "--port", "0", "--json"]);
    await stream.until(() => stream.out().includes("\n"));
    const told = JSON.parse(stream.out()) as Record<string, string>;
    assert.deepEqual([told["ready"], told["camera"]], [true, "camera0"]);
    assert.equal(told["stream"], `${told["url"]}stream.mjpg`);
    const response = await fetch(told["snapshot"]!);
    assert.ok(Buffer.from(await response.arrayBuffer()).equals(image(1)));
    const taken = await run(["stream", address, "--port", new URL(told["url"]!).port]);
    assert.equal(taken.code, 1);
    assert.match(taken.err, /EADDRINUSE/);
    stream.child.kill("SIGINT");
    const { code, err } = await stream.ended;
    assert.deepEqual([code, err], [0, ""]);
  });

  it("says when the camera it serves fails and works again, and goes on with a board that was started again", async () => {
    const stream = start(["stream", address, "--port", "0"]);
    await stream.until(() => stream.out().split("\n").length > 3);
    const [, url] = /^camera0 is at (http:\S+); Ctrl-C ends it\n/.exec(stream.out())!;
    const asked = async (): Promise<number> => (await fetch(`${url}snapshot.jpg`)).status;
    camera.faults.push("ENODEV: it was unplugged; plug it in");
    assert.deepEqual([await asked(), await asked()], [503, 200]);
    await stream.until(() => /unplugged.*\n.*camera0 works again/.test(stream.err()));
    for (const session of board.sessions) session.session.endSession("ECONNRESET: the board was switched off");
    await stream.until(() => /connected to .* again/.test(stream.err()));
    assert.equal(await asked(), 200);
    stream.child.kill("SIGTERM");
    assert.equal((await stream.ended).code, 0);
  });

  it("has an exit code and a sentence for each mistake", async () => {
    await assertMistakes([
      [["snapshot", address], 2, /EINVAL: there is nowhere to put the image/],
      [["snapshot", address, "-o", dir], 1, /EISDIR: .* is a directory/],
      [["snapshot", address, "-o", join(dir, "no", "a.jpg")], 1, /ENOENT: .*directory does not exist/],
      [["snapshot", address, "-o", "a.jpg", "--size", "big"], 2, /such as 640x480/],
      [["snapshot", address, "-o", "a.jpg", "--quality", "0"], 2, /from 1 to 100/],
      [["snapshot", address, "--every", "10s"], 2, /EINVAL: --every needs a folder/],
      [["snapshot", address, "-o", "a", "--every", "soon"], 2, /such as 10s or 5m/],
      [["snapshot", address, "-o", "a", "--seconds", "3"], 2, /EINVAL: --seconds is for --every/],
      [["snapshot", address, "camera9", "-o", join(dir, "a.jpg")], 1, /ENODEV: there is no camera9/],
      [["snapshot", "tcp://127.0.0.1:1", "-o", join(dir, "a.jpg")], 69, /ECONNREFUSED/],
      [["stream", address, "camera9"], 1, /ENODEV: there is no camera9/],
      [["stream", address, "--viewers", "0"], 2, /1 or more/],
      [["stream", address, "--host", "203.0.113.1"], 1, /EADDRNOTAVAIL/],
    ]);
    assert.deepEqual(await readdir(dir), []);
  });
});
