/** What a board counts of sockets between its own programs. */
import assert from "node:assert/strict";
import { saidBy } from "./board-sockets.js";
import type { Runtime } from "./live-board.js";
import { withProgram } from "./same-text.js";
import { until } from "./wait.js";

const SENT = 30;

/** Sends datagrams to a program that reads none of them, then asks for one that is not there. */
const PROGRAM = `
var k = require("sockets"), s = k.socket(k.AF_DEVICE, k.SOCK_DGRAM), c = k.socket(k.AF_DEVICE, k.SOCK_DGRAM);
function sent(n) {
  if (n) return k.send(c, "datagram", 0, function () { sent(n - 1) });
  k.connect(k.socket(k.AF_DEVICE, k.SOCK_STREAM), "program:none", function () { setTimeout(print, 500, "@all") });
}
k.bind(s, "program:deaf", function () {
  k.listen(s, 1, function () {
    k.accept(s, function () {});
    k.connect(c, "program:deaf", function () { sent(${SENT}) });
  });
});`;

export async function assertProgramLosses(runtime: Runtime): Promise<void> {
  const live = await withProgram(runtime, { program: PROGRAM }, `setTimeout(function(){require("program")},500);`);
  try {
    await until(
      () => saidBy(live).includes("@all"),
      () => live.console.join("\n"),
      30_000,
    );
    const { overtaken, refusals } = await (await live.connect("tcp")).counters();
    // 8 wait for the program that reads none.
    assert.deepEqual({ overtaken, refusals }, { overtaken: SENT - 8, refusals: 1 });
  } finally {
    await live.stop();
  }
}
