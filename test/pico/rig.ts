/**
 * The emulated Pico in its own time: the interpreter's image on the emulator of its chip, peripherals on its pins, and a
 * host at the USB cable. The same seed gives the same run, cycle for cycle.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Suite } from "mocha";
import { connect } from "../../host/index.js";
import type { Board } from "../../host/index.js";
import { memorySerial } from "../../host/transport/memory-ends.js";
import { startEmulated } from "../../simulator/pico/board.js";
import type { EmulatedBoard, EmulatedOptions } from "../../simulator/pico/board.js";
import type { Machine } from "../../simulator/pico/machine.js";
import { chipsWith } from "../../simulator/peripheral/index.js";
import { readFiles } from "../../simulator/pico/storage.js";
import { boards } from "../../boards/index.js";
import { readBundle, readModules } from "../../simulator/simulation.js";
import type { Program } from "../../simulator/simulation.js";
import { judgedBy, pathOf } from "../support/judges.js";
import type { Judge } from "../support/judges.js";

export const image: Judge = {
  name: "Espruino's image for the Pico",
  remedy: "set ESPRUINO_PICO to its path (docs/emulated-board.md)",
  path: process.env["ESPRUINO_PICO"],
  optional: true,
};

export const bootRom: Judge = {
  name: "the boot ROM of the RP2040",
  remedy: "set PICO_BOOTROM to its path (docs/emulated-board.md)",
  path: process.env["PICO_BOOTROM"],
  optional: true,
};

/** A suite on the emulated board; skipped, with what is missing, where the image or the boot ROM is not there. */
export function onPico(title: string, tests: (this: Suite) => void): void {
  judgedBy([image, bootRom], title, tests);
}

type Options = Partial<Omit<EmulatedOptions, "image" | "bootRom">>;

/** A program beside the firmware, as `Program` of simulator/simulation.ts. */
interface Beside {
  program?: Program;
}

/** The host's share of time: how often it may act, in emulated ms. */
const STEP_MS = 0.25;
const LINK = { links: { serial: { uart: "USB", baud: 1_000_000 } } };
/** Files of a program that is done: what it has to say, and that all of that is written. */
const RESULT = "result";
const END = "end";

const root = fileURLToPath(new URL("../..", import.meta.url));
let built = false;

/** For a suite: the firmware is what its sources are now. */
export function withFirmware(): void {
  before(function () {
    this.timeout(180_000);
    if (!built)
      execFileSync(process.execPath, ["--import", "tsx", "scripts/build-firmware.ts", "--if-changed"], { cwd: root });
    built = true;
  });
}

export class PicoRig {
  readonly machine: Machine;
  readonly console: string[] = [];

  constructor(readonly board: EmulatedBoard) {
    this.machine = board.machine;
  }

  /** Files in Storage as they are now. */
  get files(): Record<string, Uint8Array> {
    return readFiles(this.machine.flash);
  }

  run(ms: number): void {
    this.machine.runTo(this.machine.time.now() + ms);
  }

  /** A host on the link. */
  connect(): Promise<Board> {
    const transport = memorySerial("serial:/dev/ttyACM0", this.board.cable!.peripheral);
    return this.during(connect(transport, { clock: this.machine.time }));
  }

  /** Lets emulated time pass, with the host in it. */
  pass(ms: number): Promise<void> {
    return this.during(new Promise((resolve) => void this.machine.time.after(ms, () => resolve())));
  }

  /** Waits for a promise in emulated time: promises settle whenever `STEP_MS` of it have passed. */
  async during<T>(work: Promise<T>, limit = 60_000): Promise<T> {
    const end = this.machine.time.now() + limit;
    let done = false;
    const watched = work.finally(() => (done = true));
    watched.catch(() => undefined);
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      await new Promise((resolve) => setImmediate(resolve));
      if (done) return watched;
      if (this.machine.time.now() > end) throw new Error(`still waiting after ${limit} ms of emulated time`);
      this.run(STEP_MS);
    }
  }
}

/** A board with the firmware, and a host's cable on USB. */
export function firmwareOn({ program, ...options }: Options & Beside = {}): PicoRig {
  const config = { board: "pico", ...LINK, ...options.config };
  const spec = boards.find(({ id }) => id === config.board)!;
  const { bundle, boot } = readBundle(`${root}/dist/firmware`, spec, config, program !== undefined);
  const chips = chipsWith(options.chips ?? {}, config.devices ?? {}, options.peripherals ?? {});
  const modules = readModules(`${root}/dist/firmware`, config);
  return start({
    ...options,
    config,
    chips,
    files: {
      devsock: bundle,
      "devsock.json": JSON.stringify(config),
      ...modules,
      ...program?.files,
      ".bootcde": boot + (program?.start ?? ""),
    },
  });
}

/** What a program has: `done(result)` ends it, and so does an error that nobody catches. */
const PRELUDE = `
function done(result){var s=require("Storage");s.write("${RESULT}",JSON.stringify(result));s.write("${END}","1")}
process.on("uncaughtException",function(e){done({uncaught:e.message||e})});
`;

/** A board with a program of its own and nothing at its USB port, so that it sleeps while it has nothing to do. */
export function programOn(program: string, options: Options & { more?: Record<string, string> } = {}): PicoRig {
  return start({
    config: { board: "pico" },
    ...options,
    files: { ".bootcde": PRELUDE + program, ...options.more },
    usb: false,
  });
}

/** Runs a board until its program is done. @throws Error when that takes more than `limit` ms of its time, or it failed */
export function resultOf<T>(rig: PicoRig, limit = 5000): T {
  for (const end = rig.machine.time.now() + limit; rig.machine.time.now() < end; rig.run(10)) {
    const { [RESULT]: result, [END]: ended } = rig.files;
    if (!ended) continue;
    const value = JSON.parse(Buffer.from(result!).toString("latin1")) as T & { uncaught?: string };
    if (value.uncaught !== undefined) throw new Error(`the program failed: ${value.uncaught}`);
    return value;
  }
  throw new Error(`the program was not done after ${limit} ms`);
}

function start(options: Omit<EmulatedOptions, "image" | "bootRom">): PicoRig {
  const files = { image: readFileSync(pathOf(image)), bootRom: readFileSync(pathOf(bootRom)) };
  return new PicoRig(startEmulated({ ...options, ...files }));
}
