import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import assert from "node:assert/strict";
import { newKey, parseKey } from "../../../host/index.js";
import { LiveBoard } from "../../support/live-board.js";
import { FakeConsole } from "../fake-console.js";
import { Person } from "./person.js";
import { assertMistakes, build, endAll, run, start } from "./run.js";

const CONFIG = { board: "linux", links: { tcp: { port: 9180, insecure: true } } };
/** A user who may open no port. */
const NOBODY = 65534;
const NOWHERE = "tcp://127.0.0.1:1";

describe("devsock flash and devsock update", function () {
  this.timeout(60_000);
  let dir: string;
  let good: string;
  before(async () => {
    build();
    dir = await mkdtemp(join(tmpdir(), "devsock-"));
    good = join(dir, "devsock.json");
    await writeFile(good, JSON.stringify(CONFIG));
    await writeFile(join(dir, "wrong.json"), JSON.stringify({ board: "linux", links: { tcp: {} } }));
  });
  after(() => rm(dir, { recursive: true }));
  afterEach(endAll);

  it("end as docs/flashing.md says, with what to do", async () => {
    await assertMistakes([
      [["flash", "--port", join(dir, "none"), "--config", good], 69, /there is no serial port/],
      [["flash", "--port", join(dir, "none"), "--config", join(dir, "none.json")], 66, /ENOENT: there is no file/],
      [["flash", "--port", join(dir, "none"), "--config", join(dir, "wrong.json")], 2, /links.tcp.port: is missing/],
      [["flash", "--config", good], 2, /--port/],
      [["update", NOWHERE, "--config", join(dir, "none.json")], 66, /ENOENT: there is no file/],
      [["update", NOWHERE], 69, /ECONNREFUSED: nothing listens/],
    ]);
  });

  it("says what to do where the user may not open the port", async function () {
    // Only root becomes somebody else, who has to get at this directory.
    if (process.getuid?.() !== 0 || (await run(["--version"], undefined, NOBODY)).code !== 0) this.skip();
    const board = await FakeConsole.open();
    try {
      await chmod(dir, 0o755);
      await chmod(board.port, 0o600);
      const { code, out, err } = await run(["flash", "--port", board.port, "--config", good], undefined, NOBODY);
      assert.equal(code, 69);
      assert.match(err, /EACCES: .*dialout/);
      assert.equal(out, "");
    } finally {
      board.close();
    }
  });

  it("refuses an old interpreter with 1, and says what a dry run would do", async () => {
    const board = await FakeConsole.open();
    try {
      const args = ["flash", "--port", board.port, "--config", good, "--dry-run"];
      const { code, out } = await run(args);
      assert.equal(code, 0);
      assert.match(out, /2v29\nfirmware linux: 3 of 3 files, \d+ bytes to write\nnothing was written/);
      board.version = "2v20";
      const old = await run([...args, "--json"]);
      assert.equal(old.code, 1);
      assert.match(old.out, /^\{"error":\{"code":"ENOTSUP","message":"Espruino 2v20 answers no packets/);
      assert.equal(board.files.size, 0);
    } finally {
      board.close();
    }
  });

  it("shows on a terminal how far it is, in one line that goes when it is done, and in a pipe nothing of it", async () => {
    const board = await FakeConsole.open();
    try {
      const args = ["flash", "--port", board.port, "--config", good];
      const person = new Person(args);
      await person.answer("starting it", "\x03");
      assert.equal(await person.ended, 130);
      const bars = [...person.screen.matchAll(/\r\x1b\[K\[(#*) *\] (\d+)% (\d+)\/(\d+) bytes/g)];
      const [done, total] = [bars.map((bar) => Number(bar[3])), Number(bars[0]![4])];
      assert.ok(done.length > 50 && done.every((bytes, i) => i === 0 || bytes > done[i - 1]!), `${done.join()}`);
      assert.deepEqual(bars.at(-1)!.slice(1), ["#".repeat(30), "100", `${total}`, `${total}`]);
      for (const [, full, percent, bytes] of bars) {
        assert.equal(full!.length, Math.floor((30 * Number(bytes)) / total));
        assert.equal(Number(percent), Math.floor((100 * Number(bytes)) / total));
      }
      assert.match(person.screen, /stopping what runs\r\n\r\x1b\[K\[.* bytes\r\x1b\[Kstarting it/s);
      board.files.clear();
      const piped = start(args);
      await piped.until(() => piped.out().includes("starting it"));
      piped.child.kill("SIGINT");
      const { out, err } = await piped.ended;
      assert.ok(!(out + err).includes("%"), out + err);
    } finally {
      board.close();
    }
  });

  it("update refuses a configuration for another board with 2, and the board stays as it is", async () => {
    const other = join(dir, "other.json");
    const key = newKey();
    await writeFile(join(dir, "board.key"), key, { mode: 0o600 });
    await writeFile(
      other,
      JSON.stringify({ board: "espruino-wifi", network: { ssid: "lab" }, links: { tcp: { port: 9180 } } }),
    );
    const board = await LiveBoard.start({ key: parseKey(key) });
    try {
      const address = board.simulator.links.tcp!;
      const access = ["--key-file", join(dir, "board.key")];
      const before = await run(["storage", "ls", address, ...access]);
      assert.equal(before.code, 0, before.err);
      const update = await run(["update", address, ...access, "--config", other]);
      assert.equal(update.code, 2, update.err);
      assert.match(update.err, /board: is espruino-wifi/);
      assert.equal((await run(["storage", "ls", address, ...access])).out, before.out);
    } finally {
      await board.stop();
    }
  });
});
