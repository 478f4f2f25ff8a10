import assert from "node:assert/strict";
import { openConsole, Repl, SOCK_RDM } from "../../host/index.js";
import { Rig, withFirmware } from "./rig.js";

const KEY = Buffer.alloc(32, 7);

describe("end to end: the console over a session [SVC-50]", function () {
  this.timeout(30_000);
  withFirmware();

  it("evaluates for one at a time, and goes back locked", async () => {
    const rig = new Rig({ key: KEY });
    const host = await rig.connect("tcp");
    const stream = await rig.during(openConsole(host));
    let said = "";
    stream.on("data", (data: Buffer) => (said += data.toString()));
    stream.write("6*7\n");
    await rig.until(() => said.includes("=42"));
    assert.ok(!said.includes("assword"), said);
    assert.ok(!said.includes(KEY.toString("hex")));
    await rig.rejected(openConsole(host), "EBUSY", /somebody else has the console/);
    stream.write('E.getConsole()\n{"\x03"}\n');
    await rig.until(() => said.includes("LoopbackB"));
    stream.end();
    await rig.until(() => stream.destroyed);
    assert.notEqual(rig.board.runtime.run("E.getConsole()"), "LoopbackB");
    const repl = await rig.during(Repl.over(await rig.during(openConsole(host)), "the console"));
    assert.equal(await rig.during(repl.evaluate("process.env.BOARD")), "LINUX");
    await rig.rejected(repl.evaluate("nothing.there"), "EREMOTEIO", /nothing is not defined/);
  });

  it("is refused without a key, on a cable that asks for none, and to what is no stream", async () => {
    const open = new Rig();
    await open.rejected(openConsole(await open.connect("tcp")), "EACCES", /the board's key, and this is none/);
    const serial = { uart: "Serial2", baud: 115_200, path: "/dev/null", trusted: true };
    const rig = new Rig({ key: KEY, config: { links: { tcp: { port: 9180 }, serial } } });
    const cable = await rig.connect("serial", undefined, { key: undefined });
    await rig.rejected(openConsole(cable), "EACCES", /the board's key, and this is none/);
    const host = await rig.connect("tcp");
    await rig.rejected(host.connect(":console", { type: SOCK_RDM }), "ESOCKTNOSUPPORT", /SOCK_STREAM/);
  });

  it("tells what was left out for a reader that takes nothing, and counts it", async () => {
    const rig = new Rig({ key: KEY });
    const host = await rig.connect("tcp");
    const stream = await rig.during(openConsole(host));
    let said = "";
    // Nobody reads.
    for (let i = 0; i < 400; i++) {
      rig.board.runtime.run(`print("${"x".repeat(500)}")`);
      await rig.run(20);
    }
    stream.on("data", (data: Buffer) => (said += data.toString()));
    await rig.until(() => said.includes("bytes were left out"));
    const left = Number(/\[(\d+) bytes were left out/.exec(said)![1]);
    await rig.run(1000);
    const printed = said.slice(said.indexOf(">") + 1).replace(/\r\n\[.*\]\r\n/, "");
    assert.equal(printed.length + left, 400 * 502);
    assert.equal((await rig.during(host.info())).counters["unsaid"], left);
  });

  it("is on no port of the interpreter's own", async () => {
    const rig = new Rig({ board: "esp32", key: KEY, links: ["tcp"] });
    await rig.run(5000);
    await rig.connect("tcp");
    assert.equal(rig.board.runtime.telnet, false);
  });
});
