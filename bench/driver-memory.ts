/**
 * `driver.NAME.variables`: what a sensor adds to the interpreter's variables, in a 32-bit build with 5000 of them, its module in Storage as on a board:
 * configured, and (`.recorded`) at the most while a host records it. What stands in for a board's hardware is measured by itself, and taken off.
 */
import { rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { Build } from "../boards/index.js";
import { CAMERAS } from "../protocols/device/camera/index.js";
import { Arducam } from "../simulator/peripheral/camera/arducam.js";
import { SerialCamera } from "../simulator/peripheral/camera/serial-camera.js";
import { connect } from "../host/index.js";
import type { Board } from "../host/index.js";
import { startSimulator } from "../simulator/index.js";
import type { Simulator } from "../simulator/index.js";
import { asLinux } from "./as-linux.js";
import { flashed } from "./board-memory/start.js";
import { figure } from "./figure.js";
import type { Figure } from "./figure.js";

type MemoryReport = Awaited<ReturnType<Simulator["memory"]>>;

const UNIT = "variables";
const TOTAL = 5000;

const SENSOR_DRIVERS = ["ad8232", "max30102", "mlx90614", "ds18b20", "nonin", "cms50", "analyser"];
const DRIVERS = [...SENSOR_DRIVERS, ...CAMERAS.map(({ driver }) => driver)];

/** It has to start, and to be set to the small size, within a recording. */
const QUICK = "vc0706,boot=100,size=160x120";

/** ms until a board rests, and of a recording. */
const REST_MS = 1500;
const RECORDED_MS = 5000;

/** @param wants whether a row was asked for */
export async function* driverMemoryFigures(
  espruino: string,
  bundleDir: string,
  wants: (name: string) => boolean,
): AsyncGenerator<Figure> {
  const drivers = DRIVERS.filter((driver) => wants(`driver.${driver}.variables`));
  if (drivers.length === 0) return;
  const empty = await withoutFirmware(bundleDir);
  const start = starter(espruino);
  try {
    const without = (await memoryOf(await start({}, bundleDir))).usage;
    for (const driver of drivers) {
      const devices = { s0: driver === "vc0706" ? QUICK : driver };
      const more = (await standIns(start, devices, empty)) + without;
      const { idle, most } = await recorded(await start(devices, bundleDir), driver === "analyser" ? [] : ["s0"]);
      yield figure(`driver.${driver}.variables`, idle - more, UNIT, TOTAL);
      if (driver !== "analyser") yield figure(`driver.${driver}.variables.recorded`, most - more, UNIT, TOTAL);
    }
  } finally {
    await rm(empty, { recursive: true });
  }
}

/** Starts these devices with the firmware of a directory. */
export type Start = (devices: Record<string, string>, bundleDir: string) => Promise<Simulator>;

/** @param build whose firmware it is, for what Storage has beside it */
export function starter(espruino: string, build?: Build): Start {
  return (devices, bundleDir) =>
    startSimulator({
      ...{ board: "linux", runtime: "espruino", espruino, bundleDir, ports: { tcp: 0 }, devices },
      ...(build && flashed(build)),
    });
}

/** What stands in for the hardware of these. @param empty bundles of which the program is empty */
export async function standIns(start: Start, devices: Record<string, string>, empty: string): Promise<number> {
  return (await memoryOf(await start(devices, empty))).usage - (await memoryOf(await start({}, empty))).usage;
}

/** Bundles of which the program is empty. */
export async function withoutFirmware(bundleDir: string): Promise<string> {
  const program =
    'require("net").createServer(function(){}).listen(JSON.parse(require("Storage").read("devsock.json")).links.tcp.port)';
  return asLinux(bundleDir, "linux", { "linux.js": program });
}

async function used(board: Simulator): Promise<number> {
  return (await board.memory()).usage;
}

/** At rest; then it ends. */
export async function memoryOf(board: Simulator): Promise<MemoryReport> {
  try {
    await sleep(REST_MS);
    return await board.memory();
  } finally {
    await board.stop();
  }
}

/** Idle, and the most while these are recorded and a printer, if there is one, prints. */
export async function recorded(
  simulator: Simulator,
  sensors: readonly string[],
  printer?: string,
): Promise<{ idle: number; most: number }> {
  try {
    await sleep(REST_MS);
    const idle = await used(simulator);
    const board = await connect(simulator.links.tcp!);
    const signal = AbortSignal.timeout(RECORDED_MS);
    const readers = sensors.map((name) =>
      read(
        board,
        name,
        signal,
        simulator.peripherals[name] instanceof Arducam || simulator.peripherals[name] instanceof SerialCamera,
      ),
    );
    // A socket is refused while garbage of a job lies about that nobody has asked for yet.
    await sleep(REST_MS);
    if (printer) readers.push(print(board, printer, signal));
    let most = idle;
    while (!signal.aborted) most = Math.max(most, await used(simulator));
    const came = await Promise.all(readers);
    await board.close();
    if (came.some((units) => units === 0)) throw new Error(`nothing came of ${sensors.join()}: ${came.join()}`);
    return { idle, most };
  } finally {
    await simulator.stop();
  }
}

/** @returns how many readings came */
export async function read(board: Board, name: string, signal: AbortSignal, camera: boolean): Promise<number> {
  let readings = 0;
  try {
    if (camera)
      for await (const { broken } of board.camera(name).frames({ signal, size: "160x120" })) readings += broken ? 0 : 1;
    else for await (const item of board.sensor(name).samples({ signal })) readings += item.kind === "reading" ? 1 : 0;
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return readings;
}

async function print(board: Board, name: string, signal: AbortSignal): Promise<number> {
  let jobs = 0;
  try {
    for (; !signal.aborted; jobs++)
      await board.printer(name).print(Buffer.alloc(65536, "all bytes weigh the same\n"), { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
    jobs++;
  }
  return jobs;
}
