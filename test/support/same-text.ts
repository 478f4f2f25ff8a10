/** examples/same-text.cjs on a host and on a board. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { socketsOf } from "../../host/index.js";
import type { Board, BoardSockets } from "../../host/index.js";
import { LiveBoard } from "./live-board.js";
import type { Runtime } from "./live-board.js";
import { until } from "./wait.js";

type SameText = (sockets: BoardSockets, say: (text: string) => void) => void;

const root = fileURLToPath(new URL("../..", import.meta.url));
const sameText = createRequire(import.meta.url)(`${root}/examples/same-text.cjs`) as SameText;

/** A board with the module `sockets` and a program that uses it. */
export function withProgram(runtime: Runtime, files: Record<string, string>, start: string): Promise<LiveBoard> {
  const sockets = readFileSync(`${root}/dist/firmware/linux.sockets.js`, "latin1");
  return LiveBoard.start({ runtime, program: { files: { sockets, ...files }, start } });
}

export async function assertSameText(runtime: Runtime): Promise<void> {
  const text = readFileSync(`${root}/examples/same-text.cjs`, "latin1");
  // The printer has been asked how it is by then.
  const start = `setTimeout(function(){require("same-text")(require("sockets"),print)},1500);`;
  const live = await withProgram(runtime, { "same-text": text }, start);
  try {
    const said = (): string | undefined => live.console.find((line) => line.includes("printer0:"));
    await until(
      () => said() !== undefined,
      () => live.console.join("\n"),
      30_000,
    );
    const onHost = await saidOnHost(await live.connect("tcp"));
    assert.equal(onHost, "printer0: answers, 0 jobs");
    assert.ok(said()!.endsWith(onHost), `the board said ${said()}, the host ${onHost}`);
  } finally {
    await live.stop();
  }
}

function saidOnHost(board: Board): Promise<string> {
  return new Promise((resolve) => sameText(socketsOf(board), resolve));
}
