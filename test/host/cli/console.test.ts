import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Person } from "./person.js";
import { build, endAll, run, start } from "./run.js";

describe("devsock console", function () {
  this.timeout(60_000);
  let dir: string;
  let address: string;
  let mine: string[];
  before(async () => {
    build();
    dir = await mkdtemp(join(tmpdir(), "devsock-"));
    const file = join(dir, "board.key");
    mine = ["--key-file", file];
    await run(["key", "new", "-o", file]);
    const sim = start(["sim", "--tcp", "0", "--json", ...mine]);
    await sim.until(() => sim.out().includes("ready"));
    address = (JSON.parse(sim.out()) as { links: { tcp: string } }).links.tcp;
  });
  after(async () => {
    endAll();
    await rm(dir, { recursive: true });
  });

  it("evaluates one expression, and says what is wrong with another", async () => {
    assert.deepEqual(await run(["console", address, ...mine, "--execute", "6*7"]), { code: 0, out: "42\n", err: "" });
    assert.equal(
      (await run(["console", address, ...mine, "--execute", "({a:[1]})", "--json"])).out,
      '{"value":{"a":[1]}}\n',
    );
    const wrong = await run(["console", address, ...mine, "--execute", "nothing.there"]);
    assert.equal(wrong.code, 1);
    assert.match(wrong.err, /EREMOTEIO: the interpreter says "Uncaught ReferenceError: nothing is not defined"/);
  });

  it("types what comes on standard input", async () => {
    const { code, out } = await run(["console", address, ...mine], "6*7\n");
    assert.equal(code, 0);
    assert.match(out, /=42/);
  });

  it("is a terminal's, key by key, until Ctrl-]", async () => {
    const person = new Person(["console", address, ...mine]);
    await person.answer("Ctrl-] leaves the console");
    await person.answer(">", "6", "*", "7", "\r");
    // Ctrl-C is no signal here, and ends nothing.
    await person.answer("=42", "\x03", "1+1\r");
    await person.answer("=2", "\x1d");
    assert.equal(await person.ended, 0);
    assert.ok(!/[A-Za-z0-9+/]{20}/.test(person.screen));
  });

  it("is refused where nobody has shown a key", async () => {
    const sim = start(["sim", "--tcp", "0", "--json"]);
    await sim.until(() => sim.out().includes("ready"));
    const open = (JSON.parse(sim.out()) as { links: { tcp: string } }).links.tcp;
    const { code, err } = await run(["console", open, "--execute", "1"]);
    assert.equal(code, 1);
    assert.match(err, /EACCES: the console is for sessions with the board's key/);
  });
});
