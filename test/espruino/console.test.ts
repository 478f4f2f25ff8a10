import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { connect, flash, newKey, openConsole, Repl } from "../../host/index.js";
import type { Board, DevsockError, FlashOptions, FlashReport } from "../../host/index.js";
import { openPort } from "../../host/transport/serial.js";
import { espruino, judgedBy, pathOf } from "../support/judges.js";
import { pause, until } from "../support/wait.js";
import { freePort } from "./both.js";
import { Desk } from "./desk.js";

const FIRMWARE = fileURLToPath(new URL("../../dist/firmware/", import.meta.url));

judgedBy([espruino], "the console of the real interpreter", function () {
  this.timeout(120_000);
  const key = newKey();
  let desk: Desk;
  let board: Board;
  let config: object;
  before(async () => {
    desk = await Desk.open(pathOf(espruino));
    config = { board: "linux", name: "desk", key, links: { tcp: { port: await freePort() } } };
    const { address } = await put();
    board = await connect(address!, { key });
  });
  after(async () => {
    await board.close();
    await desk.close();
  });

  const put = (more: Partial<FlashOptions> = {}): Promise<FlashReport> =>
    flash({ port: desk.port, config, firmware: FIRMWARE, ...more });

  /** What it says when somebody types. */
  async function typed(text: string): Promise<string> {
    desk.printed = "";
    const port = await openPort(desk.port, 115_200);
    port.write(text);
    await pause(1000);
    await new Promise<void>((resolve) => port.close(() => resolve()));
    return desk.printed;
  }

  const heard = (said: () => string, text: string): Promise<void> => until(() => said().includes(text), said, 10_000);

  it("is closed: whoever is at the cable without the key reads nothing, and stops nothing", async () => {
    const words = await typed('require("Storage").read("devsock.key")\n\x03\x03\ndump()\n');
    assert.match(words, /Invalid password/);
    assert.ok(!words.includes(key) && !words.includes("devsock"), words);
    assert.equal((await board.info()).name, "desk");
  });

  it("opens to a flasher with the key, and is closed when he leaves; without it he is told what to do [SVC-51]", async () => {
    assert.equal((await put({ dryRun: true })).written, 0);
    assert.match(await typed("1+1\n"), /Invalid password/);
    const other = { ...config, key: newKey() };
    await assert.rejects(put({ dryRun: true, config: other }), (error: DevsockError) => {
      assert.match(
        error.message,
        /^EACCES: the console at .* is locked: .*--key-file FILE .*start the board without its firmware/,
      );
      return true;
    });
    assert.equal((await put({ dryRun: true, config: other, key })).written, 0);
  });

  it("is a stream of a session with the key, for one at a time, and goes back [SVC-50]", async () => {
    const stream = await openConsole(board);
    let said = "";
    stream.on("data", (data: Buffer) => (said += data.toString("latin1")));
    stream.write("6*7\n");
    await heard(() => said, "=42");
    await assert.rejects(openConsole(board), (error: DevsockError) => error.code === "EBUSY");
    assert.ok(!said.includes(key) && !/[A-Za-z0-9+/]{20}/.test(said), said);
    // Ctrl-C does not break the firmware off.
    stream.write("\x03\x03\n1+2\n");
    await heard(() => said, "=3");
    assert.equal((await board.info()).name, "desk");
    // Nor does a line that is wrong.
    const { uptime } = await board.info();
    stream.write("nothing.there\n(function(){throw new Error('mine')})()\n");
    await heard(() => said, "Uncaught ReferenceError");
    await heard(() => said, "mine");
    await pause(1000);
    const after = await board.info();
    assert.ok(after.uptime >= uptime && !after.crash);
    assert.ok(!said.includes("password"), said);
    stream.end();
    await new Promise((resolve) => stream.once("close", resolve));
    assert.match(await typed("1+1\n"), /Invalid password/);
    const again = await Repl.over(await openConsole(board), "the console");
    assert.deepEqual(await again.evaluate("[process.env.BOARD,E.getConsole()]"), ["LINUX", "LoopbackB"]);
    // More than the event queue holds, with characters that take four.
    const long = 'new Array(500).fill(0).map(function(_,i){return i+"\\xe4"})';
    assert.deepEqual(
      await again.evaluate(long),
      Array.from({ length: 500 }, (_, i) => `${i}ä`),
    );
    assert.equal(await again.evaluate('"$_c" in global'), false);
    await again.close();
  });

  it("says what was left out, when more is printed than the link or the interpreter takes", async () => {
    const stream = await openConsole(board);
    let said = "";
    stream.on("data", (data: Buffer) => (said += data.toString("latin1")));
    stream.write('var l="";while(l.length<200)l+="0123456789";for(var i=0;i<200;i++)print(l);\n');
    await heard(() => said, "[the interpreter lost bytes");
    stream.write("3*5\n");
    await heard(() => said, "=15");
    stream.destroy();
    await pause(500);
  });
});
