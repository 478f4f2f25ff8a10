import assert from "node:assert/strict";
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assertMistakes, build, COMMAND, endAll, run } from "./run.js";

const FORM = /^[0-9a-f]{64}\n$/;

/** Nobody listens there. */
const NOWHERE = "tcp://127.0.0.1:1";

describe("keys on the command line", function () {
  this.timeout(20_000);
  let dir: string;
  let file: string;

  before(async () => {
    build();
    dir = await mkdtemp(join(tmpdir(), "devsock-"));
  });
  after(() => rm(dir, { recursive: true }));
  beforeEach(async () => {
    file = join(dir, "board.key");
    await rm(file, { force: true });
  });
  afterEach(endAll);

  it("makes a new one in a file for its owner alone, and says nothing of it", async () => {
    const { code, out } = await run(["key", "new", "-o", file]);
    assert.equal(code, 0);
    const key = await readFile(file, "utf8");
    assert.match(key, FORM);
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    assert.ok(out.includes(file) && !out.includes(key.trim()), out);
  });

  it("leaves a file that is there as it is", async () => {
    await writeFile(file, "something else");
    await assertMistakes([[["key", "new", "-o", file], 1, /EEXIST: .*board\.key is there already/]]);
    assert.equal(await readFile(file, "utf8"), "something else");
  });

  it("writes it to a pipe when no file is named, another one each time", async () => {
    const [one, other] = await Promise.all([run(["key", "new"]), run(["key", "new"])]);
    assert.match(one.out, FORM);
    assert.match(other.out, FORM);
    assert.notEqual(one.out, other.out);
  });

  it("never has it in --json", async () => {
    const named = await run(["key", "new", "--json", "-o", file]);
    assert.deepEqual(JSON.parse(named.out), { file });
    const unnamed = await run(["key", "new", "--json"]);
    assert.equal(unnamed.code, 2);
    assert.match(
      unnamed.out,
      /^{"error":{"code":"EINVAL","message":"with --json the key is not printed; give -o FILE"/,
    );
  });

  it("refuses a file that others may read, and says what to do", async () => {
    await run(["key", "new", "-o", file]);
    for (const mode of [0o640, 0o604, 0o620]) {
      await chmod(file, mode);
      await assertMistakes([[["ls", NOWHERE, "--key-file", file], 66, /EACCES: .*chmod 600 .*board\.key\n$/]]);
    }
    await chmod(file, 0o400);
    await assertMistakes([[["ls", NOWHERE, "--key-file", file], 69, /ECONNREFUSED/]]);
  });

  it("shows nothing of a key that is not right", async () => {
    const almost = "deadbeef".repeat(8).slice(1);
    await writeFile(file, almost, { mode: 0o600 });
    const { err } = await run(["ls", NOWHERE, "--key-file", file]);
    assert.match(
      err,
      /EINVAL: the content of .* must be 64 hexadecimal digits; make a key with: devsock key new -o FILE/,
    );
    assert.ok(!err.includes("deadbeef"));
  });

  it("takes it from the environment, and says when it is not right there", async () => {
    const [node, script] = COMMAND as [string, string];
    const { execFile } = await import("node:child_process");
    const ls = (key: string): Promise<string> =>
      new Promise((resolve) => {
        const env = { ...process.env, DEVSOCK_KEY: key };
        execFile(node, [script, "ls", NOWHERE], { env }, (error, _out, err) => resolve(`${error?.code} ${err}`));
      });
    assert.match(await ls("ab".repeat(32)), /^69 .*ECONNREFUSED/);
    assert.match(await ls("ab"), /^2 .*EINVAL: the variable DEVSOCK_KEY must be 64 hexadecimal digits/);
    assert.match(await ls(""), /^2 .*EINVAL: the variable DEVSOCK_KEY/);
  });

  it("refuses a configuration with a key that others may read", async () => {
    const config = join(dir, "devsock.json");
    const text = JSON.stringify({ board: "linux", key: "ab".repeat(32), links: { tcp: { port: 9180 } } });
    await writeFile(config, text, { mode: 0o644 });
    await assertMistakes([
      [["sim", "--config", config, "--tcp", "0"], 2, /EACCES: .*devsock\.json holds a key.*chmod 600/],
      [["sim", "--config", config, "--key-file", file], 2, /EINVAL: --key-file is given beside --config/],
      [["ls", NOWHERE, "--key-file", join(dir, "none")], 66, /ENOENT: there is no file/],
    ]);
  });
});
