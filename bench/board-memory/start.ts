/** A board's own program on the interpreter's Linux build, started as on the board that was flashed with it. */
import { readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { boards, modulesOf } from "../../boards/index.js";
import type { Build } from "../../boards/index.js";
import type { Measured } from "../../boards/measured.js";
import { LOG_BYTES, logEntry, LOGS, Mark } from "../../protocols/service/boot-log.js";
import type { Firmware } from "../../scripts/firmware/build.js";
import { startSimulator } from "../../simulator/index.js";
import type { Simulator } from "../../simulator/index.js";
import { asLinux } from "../as-linux.js";
import { typed } from "./from-ram.js";
import { configOf } from "./typical.js";
import type { Candidate } from "./typical.js";

/** Where the code of a running program lies. */
export type Code = keyof Measured;

/** In place of a program: what stands in for a board's hardware and network alone, and not even that. */
export type Empty = "hardware" | "nothing";

export interface StartOptions {
  espruino: string;
  bundleDir: string;
  /** The build, made anew for what is to run from RAM. */
  firmware?: Firmware | undefined;
  /** Bytes that are taken, so that no more variables are left than a board has. */
  ballast?: number;
  /** What the board prints. */
  log?: (line: string) => void;
}

/** What a PC's interpreter lacks of a board's: a network that is there at once, and registers of an RP2040 in which nothing was lost. */
const STAND_INS =
  'Modules.addCached("Wifi",function(){exports.on=function(){};exports.connect=function(n,o,f){setTimeout(f,10)};exports.setHostname=function(){}});' +
  'Modules.addCached("WIZnet",function(){exports.connect=function(){return{setIP:function(){return true},getStatus:function(){return{phylink:"up"}}}}});' +
  'Modules.addCached("TelnetServer",function(){exports.setOptions=function(){}});' +
  "global.peek32=function(){return 0};global.poke32=function(){};";

/** It opens the ports that are waited for. */
const EMPTY =
  '(function(c){(c.links.tcp?[c.links.tcp]:[]).concat(c.endpoints||[]).forEach(function(e){require("net").createServer(function(){}).listen(e.port)})})' +
  '(JSON.parse(require("Storage").read("devsock.json")))';

/** What evaluates the program, at the end of a boot file. */
const EVALUATES = /eval\(require\("Storage"\)\.read\([^;]*\);\s*$/;

export async function startTypical(
  candidate: Candidate,
  what: Code | Empty,
  { espruino, bundleDir, firmware, ballast = 0, log = () => {} }: StartOptions,
): Promise<Simulator> {
  const { board, build } = candidate;
  const { program, boot } = textsOf(candidate, bundleDir, what, firmware);
  const taken = ballast > 0 ? `global.$_k=new ArrayBuffer(${ballast});` : "";
  const directory = await asLinux(bundleDir, board.id, { "linux.js": program, "linux.boot.js": taken + boot });
  try {
    const { links, endpoints, ...rest } = configOf(
      candidate,
      boards.find(({ id }) => id === "linux"),
    );
    return await startSimulator({
      ...{ board: "linux", runtime: "espruino", espruino, bundleDir: directory, log },
      config: { links: links!, endpoints: endpoints!, ...(what === "nothing" ? { board: "linux" } : rest) },
      devices: what === "nothing" ? {} : candidate.devices,
      ...flashed(build),
    });
  } finally {
    // All of it is in the interpreter's flash by now.
    await rm(directory, { recursive: true });
  }
}

/** The program, and the boot file that starts it. */
function textsOf(
  candidate: Candidate,
  bundleDir: string,
  what: Code | Empty,
  firmware: Firmware | undefined,
): { program: string; boot: string } {
  const { board, name } = candidate;
  const read = (file: string): string => readFileSync(join(bundleDir, file), "latin1");
  if (what === "hardware" || what === "nothing") {
    const { module } = board.network;
    const loaded = what === "hardware" ? STAND_INS + (module && `require("${module}");`) : "";
    return { program: EMPTY, boot: `${loaded}eval(require("Storage").read("devsock"))` };
  }
  const boot = STAND_INS + read(`${name}.boot.js`);
  if (what === "storage") return { program: read(`${name}.js`), boot };
  const modules = modulesOf(configOf(candidate)).map((module) => read(`${board.id}.${module}.js`));
  const { program, start } = typed(firmware!.code, modules);
  if (!EVALUATES.test(boot)) throw new Error(`the boot file of ${name} ends otherwise than with its program`);
  return { program, boot: boot.replace(EVALUATES, () => start) };
}

/** Where there are slots: what else Storage has of a board on which the first one, with its configuration, proved itself. */
export function flashed({ features }: Build): { program?: { files: Record<string, string>; start: string } } {
  if (!features.includes("slots")) return {};
  const log = Buffer.alloc(LOG_BYTES, 0xff);
  Buffer.from(logEntry(Mark.good, 0)).copy(log);
  log.fill(0, LOG_BYTES - 2);
  return { program: { files: { [LOGS[0]!]: log.toString("latin1") }, start: "" } };
}
