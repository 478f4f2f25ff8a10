import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { State } from "../../../protocols/index.js";
import { assertMistakes, build, endAll, run, serve, start } from "./run.js";

/** How a capture file begins: the section's type, and the mark of its byte order behind the length. */
function isCapture(bytes: Buffer): boolean {
  return bytes.readUInt32LE(0) === 0x0a0d0d0a && bytes.readUInt32LE(8) === 0x1a2b3c4d;
}

describe("the command trace", function () {
  this.timeout(20_000);
  let dir: string;
  let file: string;
  let server: Awaited<ReturnType<typeof serve>>;

  before(async () => {
    build();
    dir = await mkdtemp(join(tmpdir(), "devsock-"));
    file = join(dir, "link.pcapng");
  });

  after(() => rm(dir, { recursive: true }));

  beforeEach(async () => {
    server = await serve();
  });

  afterEach(() => {
    endAll();
    server.close();
  });

  it("shows each frame as a line until Ctrl-C, which is its usual end", async () => {
    const traced = start(["trace", server.address]);
    await traced.until(() => traced.out().includes("fin"));
    traced.child.kill("SIGINT");
    const { code, out, err } = await traced.ended;
    assert.equal(code, 0);
    assert.match(out, /^ +0\.\d{6} open tcp:.*\n +0\.\d{6} > hello offer .*\n +0\.\d{6} < hello answer/);
    assert.match(out, /> bye .*\n.* close\n$/);
    assert.match(err, /^\d+ frames of \d+ bytes, 0 bytes of no frame, 0 packets lost here\n$/);
  });

  it("writes a capture file for a set time, or standard output for another program", async () => {
    const [toFile, json, piped] = await Promise.all([
      run(["trace", server.address, "-o", file, "--for", "0.3"]),
      run(["trace", server.address, "-o", `${file}2`, "--for", "0.3", "--json"]),
      run(["trace", server.address, "-o", "-", "--for", "0.3"]),
    ]);
    assert.deepEqual([toFile.code, json.code, piped.code], [0, 0, 0]);
    assert.match(toFile.out, /^\d+ frames of \d+ bytes, .*; in .*link.pcapng\n$/);
    const { frames, noise } = JSON.parse(json.out) as { frames: number; noise: number };
    assert.ok(frames > 6 && noise === 0, json.out);
    assert.ok(isCapture(await readFile(file)));
    assert.ok(piped.out.startsWith("\n\r\r\n"), "the first block's type");
    assert.match(piped.err, /^\d+ frames/);
  });

  it("is an option of the other commands, whose output stays as it is", async () => {
    const { code, out, err } = await run(["ls", server.address, "--trace", file]);
    assert.deepEqual([code, err], [0, ""]);
    assert.match(out, /^fake: linux/);
    assert.ok((await readFile(file)).includes(":info"));
  });

  it("has in the file why no board was reached, and that a connection was lost", async () => {
    const { address, board, sockets } = server;
    const traced = start(["trace", address, "-o", `${file}2`]);
    await traced.until(() => board.opened.includes(":info"));
    for (const socket of sockets) socket.destroy();
    await traced.until(() => board.sessions[1]?.session.state === State.open);
    board.sessions[1]!.session.closeSession("ECONNRESET: the board restarts");
    board.sessions[1]!.pump();
    const lost = await traced.ended;
    assert.equal(lost.code, 69, lost.err);
    assert.match(lost.err, /the board restarts/);
    assert.match((await readFile(`${file}2`)).toString("latin1"), /closed: ECONNRESET/);
    server.close();
    const none = await run(["trace", address, "-o", file]);
    assert.equal(none.code, 69);
    assert.match((await readFile(file)).toString("latin1"), /no connection: ECONNREFUSED: nothing listens/);
  });

  it("says what is wrong with what it was asked", () =>
    assertMistakes([
      [["trace", server.address, "--for", "0"], 2, /Give a number of seconds/],
      [["trace", server.address, "-o", join(dir, "none", "x.pcapng")], 1, /ENOENT/],
      [["ls", server.address, "--trace", dir], 1, /EISDIR/],
    ]));
});
