/**
 * `board.variables.ward` and `.atonce`: the interpreter's variables while several devices work, in the build that their configuration gets on a board, with that board's figures, on the interpreter's
 * 32-bit build: idle, and at the most while a printer prints and all others are recorded. `ward`: a printer, an ECG and an oximeter; the peer is half of the board's
 * variables. `atonce`: the same with a camera that gives one image after the other; the peer is what was aimed at. The boards' network is the system's here: what a module of theirs takes
 * for that is not in it.
 */
import { rm } from "node:fs/promises";
import { statSync } from "node:fs";
import { join } from "node:path";
import { boards, bundleOf, fitOf } from "../boards/index.js";
import type { Build } from "../boards/index.js";
import { build } from "../scripts/firmware/build.js";
import { asLinux } from "./as-linux.js";
import { memoryOf, recorded, standIns, starter, withoutFirmware } from "./driver-memory.js";
import { figure } from "./figure.js";
import type { Figure } from "./figure.js";

const UNIT = "variables";

/** It prints. */
const PRINTER = "printer0";

/** Of a configuration, in bytes, about. */
const CONFIG = 480;

interface Together {
  name: string;
  board: string;
  devices: Record<string, string>;
  /** What was aimed at; half of the board's variables if left out. */
  aim?: number;
}

/** On pico-wiznet a Nonin's driver leaves no room for a watchdog beside a printer and an ECG. */
const TOGETHER: readonly Together[] = [
  {
    name: "ward.espruino-wifi",
    board: "espruino-wifi",
    devices: { [PRINTER]: "escpos", ecg0: "ad8232", spo2: "nonin" },
  },
  {
    name: "ward.pico-wiznet",
    board: "pico-wiznet",
    devices: { [PRINTER]: "escpos", ecg0: "ad8232", spo2: "max30102" },
  },
  {
    name: "atonce",
    board: "espruino-wifi",
    devices: { [PRINTER]: "escpos", camera0: "ov2640", ecg0: "ad8232", spo2: "max30102" },
    aim: 4100,
  },
];

/** Variables that the interpreter lacks of those that a board has, and is good enough for it. */
const NEAR = 100;

/**
 * @param root the repository
 * @param wants whether a row was asked for
 * @param skip says why there is no row
 */
export async function* togetherMemoryFigures(
  root: string,
  espruino: string,
  bundleDir: string,
  wants: (name: string) => boolean,
  skip: (name: string, why: string) => void,
): AsyncGenerator<Figure> {
  const wanted = TOGETHER.filter(({ name }) => wants(`board.variables.${name}`));
  if (wanted.length === 0) return;
  const empty = await withoutFirmware(bundleDir);
  const start = starter(espruino);
  try {
    const { total } = await memoryOf(await start({}, empty));
    for (const { name, board, devices, aim } of wanted) {
      const row = `board.variables.${name}`;
      const { variables } = boards.find(({ id }) => id === board)!;
      if (total < variables - NEAR) {
        skip(`${row}.*`, `ESPRUINO32 has ${total} variables of the ${variables} that this is about`);
        continue;
      }
      const { build, directory } = await firmwareOf(root, board, devices, bundleDir);
      try {
        const hardware = await standIns(start, devices, empty);
        const others = Object.keys(devices).filter((device) => device !== PRINTER);
        const { idle, most } = await recorded(await starter(espruino, build)(devices, directory), others, PRINTER);
        yield figure(`${row}.idle`, idle - hardware, UNIT, aim ?? variables / 2);
        yield figure(`${row}.recorded`, most - hardware, UNIT, aim ?? variables / 2);
      } finally {
        await rm(directory, { recursive: true });
      }
    }
  } finally {
    await rm(empty, { recursive: true });
  }
}

/** The board's firmware and modules for these devices, as those of `linux`. */
async function firmwareOf(
  root: string,
  id: string,
  devices: Record<string, string>,
  bundleDir: string,
): Promise<{ build: Build; directory: string }> {
  const board = boards.find((spec) => spec.id === id)!;
  const drivers = Object.entries(devices).map(([name, driver]) => [name, { driver }] as const);
  const config = { links: {}, devices: Object.fromEntries(drivers) };
  const fit = fitOf(board, config, [CONFIG], (file) => statSync(join(bundleDir, file)).size);
  if (!fit?.fits) throw new Error(`${id} has no room in Storage for ${Object.values(devices).join(", ")}`);
  const [firmware] = await build(root, [id], "firmware/main.ts", "program", [fit.build], true);
  console.log(`board.variables.* of ${bundleOf(board, fit.build)}:`);
  const changed = { "linux.js": firmware!.image, "linux.boot.js": firmware!.boot };
  return { build: fit.build, directory: await asLinux(bundleDir, id, changed) };
}
