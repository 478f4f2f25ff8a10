import assert from "node:assert/strict";
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { connect } from "../../../host/index.js";
import type { Board, Netlink } from "../../../host/index.js";
import { assertMistakes, build, COMMAND, endAll, run, start } from "./run.js";

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

  it("shows in nothing: no output, error, help, capture, list of processes, and not what the board tells", async () => {
    await run(["key", "new", "-o", file]);
    const other = join(dir, "other.key");
    await rm(other, { force: true });
    await run(["key", "new", "-o", other]);
    const key = (await readFile(file, "utf8")).trim();
    const capture = join(dir, "a.pcapng");
    const job = join(dir, "job");
    await writeFile(job, "receipt\n");
    const broken = join(dir, "broken.json");
    await writeFile(broken, `{ "board": "linux", "key": "${key}" "links": {} }`, { mode: 0o600 });
    const wrong = join(dir, "wrong.json");
    await writeFile(wrong, JSON.stringify({ board: "linux", key: `${key}0`, keys: key }), { mode: 0o600 });
    const sim = start(["sim", "--tcp", "0", "--json", "--key-file", file]);
    await sim.until(() => sim.out().includes("ready"));
    const address = (JSON.parse(sim.out()) as { links: { tcp: string } }).links.tcp;
    const mine = ["--key-file", file];
    const children = (): Promise<string[]> => Promise.all([sim.child.pid!].map((pid) => commandLine(pid)));
    const [shown, ...runs] = await Promise.all([
      children(),
      run(["status", address, "--json", ...mine]),
      run(["clock", address, "--for", "0.2", ...mine]),
      run(["ls", address, "--key-file", other]),
      run(["ls", address]),
      run(["sim", "--config", broken]),
      run(["sim", "--config", wrong]),
      run(["ls", address, "--key", key]),
      run(["key", "new", "--help"]),
    ]);
    const print = await run(["print", address, job, "--trace", capture, "--decrypted", ...mine]);
    const trace = await run(["trace", address, "--for", "0.3", ...mine]);
    assert.deepEqual(
      [...runs, print, trace].map(({ code }) => code),
      [0, 0, 69, 69, 2, 2, 2, 0, 0, 0],
    );
    const board = await connect(address, { key });
    const socket = await board.open(":chargen");
    const told = [board, socket, await board.info(), board.terms].map((each) => inspect(each, { depth: Infinity }));
    told.push(JSON.stringify(board));
    socket.destroy();
    for await (const record of await ended(board)) told.push(JSON.stringify(record));
    await board.close();
    const all = Buffer.concat([
      await readFile(capture),
      Buffer.from([...shown, ...told, sim.out(), sim.err()].join("\n")),
      ...[...runs, print, trace].map(({ out, err }) => Buffer.from(out + err)),
    ]);
    assert.ok(all.length > 5000 && all.includes("printer0"));
    const bytes = Buffer.from(key, "hex");
    for (const form of [
      ...[key, key.toUpperCase(), key.slice(0, 16), key.match(/../g)!.join(" ")],
      ...[bytes.toString("base64"), [...bytes].join(), [...bytes.subarray(0, 6)].join(", ")],
    ])
      assert.ok(!all.includes(form), `the key as ${form.slice(0, 4)}…`);
    assert.ok(!all.includes(bytes), "the key's bytes");
  });
});

/** What others see of a process. */
async function commandLine(pid: number): Promise<string> {
  return process.platform === "linux" ? await readFile(`/proc/${pid}/cmdline`, "utf8") : "";
}

/** What a board tells of itself to whoever listens, and no more. */
async function ended(board: Board): Promise<Netlink> {
  const netlink = await board.netlink();
  netlink.end();
  return netlink;
}
