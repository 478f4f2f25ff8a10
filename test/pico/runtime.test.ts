import assert from "node:assert/strict";
import { boards } from "../../boards/index.js";
import { limitsOf } from "../../simulator/runtime/limits.js";
import { presencePrograms } from "../espruino/presence.js";
import { programs } from "../espruino/programs.js";
import { run } from "../simulator/board.js";
import { onPico, programOn } from "./rig.js";

/** A UART for the console: with a host at its USB port the interpreter would never sleep. */
const CONSOLE = { driver: "escpos", uart: "Serial2", baud: 1_000_000 };
const STARTED = 50;
const BEGIN = "@BEGIN";
const spec = boards.find(({ id }) => id === "pico")!;

/** What a program prints on the emulated board. */
function onEmulated(program: string, ms: number): string[] {
  const rig = programOn(
    `Serial2.setup(${CONSOLE.baud},{tx:D4,rx:D5});E.setConsole(Serial2,{force:true});process.removeAllListeners("uncaughtException");
     setTimeout('print("${BEGIN}");eval(require("Storage").read("p"))',${STARTED})`,
    { config: { board: "pico", devices: { console: CONSOLE } }, more: { p: program } },
  );
  let output = "";
  rig.board.wires["console"]!.peripheral.onData((data) => (output += Buffer.from(data).toString("latin1")));
  rig.run(STARTED + ms + 100);
  const lines = output.split("\n").map((line) => line.replace(/\x1b\[[\d;]*[A-Z]|\r|\x08/g, "").replace(/^>+/, ""));
  return lines.slice(lines.indexOf(BEGIN) + 1).filter((line) => line !== "");
}

async function onSimulated(program: string, ms: number): Promise<string[]> {
  const board = run(program, { limits: limitsOf(spec) });
  await board.clock.run(ms);
  board.runtime.stop();
  return board.lines.flatMap((line) => line.split("\n")).filter((line) => line !== "");
}

/** The emulated board's Storage holds the program itself. */
function withoutOwn(lines: string[]): string[] {
  return lines.map((line) => line.replace(/^\.bootcde,p,/, ""));
}

onPico("the simulated interpreter beside the one on the emulated Pico", function () {
  this.timeout(120_000);

  it("has the same built-ins, and lacks the same", async () => {
    let compared = 0;
    for (const program of presencePrograms()) {
      const real = onEmulated(program, 600);
      assert.deepEqual(await onSimulated(program, 600), real);
      compared += real.length;
    }
    assert.ok(compared > 500, `${compared} names compared`);
  });

  for (const { title, program, ms = 100 } of programs.filter(({ program }) => !/"(net|dgram|crypto)"/.test(program)))
    it(title, async () => {
      const real = withoutOwn(onEmulated(program, ms));
      assert.deepEqual(await onSimulated(program, ms), real);
      assert.notEqual(real.length, 0, "the program must print something");
    });
});
