/** `npm run bench [-- --only PREFIX] [--json FILE]`: figures measured side by side, in one run. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { driverFigures } from "./board/drivers.js";
import { printingFigure } from "./board/printing.js";
import { streamFigures } from "./board/streams.js";
import { writeCosts } from "./board/write-costs.js";
import { costs } from "../boards/costs.js";
import { boardMemoryFigures } from "./board-memory/figures.js";
import { chargesFigures } from "./charges/index.js";
import { codecFigures } from "./codec.js";
import { httpMemoryFigures } from "./http-memory.js";
import { peerMemoryFigures } from "./peer-memory.js";
import { driverMemoryFigures } from "./driver-memory.js";
import type { Figure } from "./figure.js";
import { hostFigures } from "./host/compiled.js";
import { layerFigures } from "./layers.js";
import { alarmFigures } from "./link/alarm.js";
import { clockFigures } from "./link/clock.js";
import { goodputFigures } from "./link/goodput.js";
import { memoryFigures, sessionFigure } from "./memory.js";
import { togetherMemoryFigures } from "./together-memory.js";

const { values } = parseArgs({
  options: { only: { type: "string", default: "" }, json: { type: "string" }, write: { type: "boolean" } },
});
const only = values.only;
const root = fileURLToPath(new URL("..", import.meta.url));
const bundleDir = `${root}dist/firmware`;
const { ESPRUINO, ESPRUINO32, ESPRUINO32_LARGE } = process.env;
const figures: Figure[] = [];

/** Whether a row was asked for, by its own name or one that begins with it. */
function wants(name: string): boolean {
  return name.startsWith(only) || only.startsWith(name);
}

function report(found: Figure[]): void {
  for (const row of found.filter(({ name }) => name.startsWith(only))) {
    figures.push(row);
    const { name, value, unit, peer, ratio } = row;
    console.log(
      `${name.padEnd(26)} ${String(value).padStart(8)} ${unit.padEnd(15)} peer ${String(peer).padStart(8)}  ratio ${ratio}`,
    );
  }
}

function skip(name: string, why: string): void {
  console.log(`${name.padEnd(26)}  skipped: ${why}`);
}

function hasValgrind(): boolean {
  try {
    execFileSync("valgrind", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

if (wants("codec.encode") || wants("codec.decode")) report(codecFigures(wants));
if (wants("alarm") || wants("isolation")) report(alarmFigures(wants));
if (wants("clock")) report(await clockFigures(bundleDir, wants));
if (wants("serial.goodput")) report(goodputFigures(wants));
if (wants("board.receive") || wants("board.send")) {
  if (!ESPRUINO) skip("board.receive, board.send", "ESPRUINO names no interpreter");
  else if (!hasValgrind()) skip("board.receive, board.send", "valgrind is not installed");
  else report(await streamFigures(ESPRUINO, readFileSync(`${bundleDir}/linux.js`, "latin1"), wants));
}
if (wants("driver")) {
  if (!ESPRUINO) skip("driver.*.instr", "ESPRUINO names no interpreter");
  else if (!hasValgrind()) skip("driver.*.instr", "valgrind is not installed");
  else {
    for await (const row of driverFigures(ESPRUINO, bundleDir, wants)) report([row]);
    const code = readFileSync(`${bundleDir}/linux.js`, "latin1");
    const scale = figures.find(({ name }) => name === "driver.scale")?.value ?? costs.scale;
    if (wants("driver.escpos.instr")) report([await printingFigure(ESPRUINO, code, scale)]);
    if (values.write) await writeCosts(`${root}boards/costs.ts`, figures);
  }
}
if (wants("charges")) {
  if (!ESPRUINO) skip("charges.*", "ESPRUINO names no interpreter");
  else if (!hasValgrind()) skip("charges.*", "valgrind is not installed");
  else report(await chargesFigures(ESPRUINO, bundleDir));
}
if (wants("driver")) {
  if (ESPRUINO32) for await (const row of driverMemoryFigures(ESPRUINO32, bundleDir, wants)) report([row]);
  else skip("driver.*.variables", "ESPRUINO32 names no 32-bit interpreter with 5000 variables");
}
if (wants("board.variables.ward") || wants("board.variables.atonce")) {
  if (ESPRUINO32)
    for await (const row of togetherMemoryFigures(root, ESPRUINO32, bundleDir, wants, skip)) report([row]);
  else skip("board.variables.ward, board.variables.atonce", "ESPRUINO32 names no 32-bit interpreter");
}
if (wants("board.storage") || wants("board.ram")) {
  if (ESPRUINO32) {
    const interpreters = [ESPRUINO32, ...(ESPRUINO32_LARGE ? [ESPRUINO32_LARGE] : [])];
    const write = values.write === true;
    for await (const row of boardMemoryFigures({ root, interpreters, wants, skip, write })) report([row]);
  } else skip("board.storage.*, board.ram.*", "ESPRUINO32 names no 32-bit interpreter");
}
if (wants("peer.variables")) {
  if (ESPRUINO32) for await (const row of peerMemoryFigures(ESPRUINO32, bundleDir)) report([row]);
  else skip("peer.variables.*", "ESPRUINO32 names no 32-bit interpreter with 5000 variables");
}
if (wants("http.variables")) {
  if (ESPRUINO32) for await (const row of httpMemoryFigures(ESPRUINO32, bundleDir)) report([row]);
  else skip("http.variables.*", "ESPRUINO32 names no 32-bit interpreter with 5000 variables");
}
if (wants("board.variables")) {
  if (ESPRUINO32) {
    if (only !== "board.variables.session") report(await memoryFigures(ESPRUINO32, bundleDir));
    report([await sessionFigure(root, ESPRUINO32, bundleDir)]);
  } else skip("board.variables.*", "ESPRUINO32 names no 32-bit interpreter with 5000 variables");
}
if (wants("board.layer")) {
  if (ESPRUINO32) report(await layerFigures(root, ESPRUINO32, bundleDir));
  else skip("board.layer.*", "ESPRUINO32 names no 32-bit interpreter with 5000 variables");
}
if (wants("host")) report(await hostFigures(root, only));
if (values.json) writeFileSync(values.json, `${JSON.stringify({ figures }, null, 2)}\n`);
