import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import assert from "node:assert/strict";
import { FakeConsole } from "../fake-console.js";
import { assertMistakes, build, endAll, run } from "./run.js";

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
});
