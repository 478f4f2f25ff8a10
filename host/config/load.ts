/** Refuses what a board cannot keep up with, and says what it could: host/config/budget.ts adds it up. */
import type { BoardSpec } from "../../boards/index.js";
import { cameraTable } from "../../protocols/device/camera/index.js";
import { demands } from "../../protocols/device/demand.js";
import { sensorTable } from "../../protocols/device/sensor/index.js";
import { budgetOf, hasInterrupts, MOST_TIME } from "./budget.js";
import { leastVariables } from "./memory.js";
import type { Config } from "./schema.js";

type Report = (path: string, problem: string) => void;

/** Of suggestions: more would say less. */
const MOST_NAMED = 3;

/** Speeds of a serial link that are tried. */
const SLOWER = [115_200, 57_600, 38_400, 19_200, 9600, 4800];

/** Bytes that a camera is asked for at once, which are tried. */
const PARTS = [512, 256];

export function checkLoad(config: Config, board: BoardSpec, report: Report): void {
  const faults = faultsOf(config, board);
  if (faults.length === 0) return;
  const others = alternatives(config).map(({ words, config }) => ({ words, left: faultsOf(config, board) }));
  for (const { kind, path, problem } of faults) {
    const fit = others.filter(({ left }) => !left.some((other) => other.kind === kind && other.path === path));
    const words = fit.slice(0, MOST_NAMED).map(({ words }) => words);
    const what = words.length > 0 ? words.join(", or ") : "fewer devices, the others on a second board";
    report(path, `${problem}; what would fit: ${what}`);
  }
}

interface LoadFault {
  kind: "time" | "late" | "queue" | "polled" | "memory";
  path: string;
  problem: string;
}

/** What is too much, whatever would help. */
function faultsOf(config: Config, board: BoardSpec): LoadFault[] {
  const faults: LoadFault[] = [];
  if (board.mhz === 0) return faults;
  const { shares, time, turn, fill, room } = budgetOf(config, board);
  const variables = leastVariables(config, board);
  if (variables > board.variables)
    faults.push({
      kind: "memory",
      path: "devices",
      problem: `take about ${variables} variables with a host that reads all of them, and ${board.id} has ${board.variables}`,
    });
  const percent = (part: number): string => `${Math.round(part)} %`;
  if (time > MOST_TIME) {
    const parts = shares.map((share) => `${share.name} ${percent(share.time)}`).join(", ");
    faults.push({
      kind: "time",
      path: "devices",
      problem: `take ${percent(time)} of the time of ${board.id}, and ${MOST_TIME} % is the most (${parts})`,
    });
  }
  for (const { name, late, latency, lost } of shares)
    if (late > latency)
      faults.push({
        kind: "late",
        path: `devices.${name}`,
        problem: `the board may be busy with others for ${Math.round(late)} ms, and after ${Math.round(latency)} ${lost}`,
      });
  const devices = Object.values(config.devices ?? {});
  if (fill > room && hasInterrupts(devices))
    faults.push({
      kind: "queue",
      path: config.links?.serial ? "links.serial" : "devices",
      problem:
        `while the board is busy for ${Math.round(turn)} ms, ${fill} bytes come into its queue of ${board.eventQueue}, ` +
        `and ${room} may be there beside an alarm's interrupt`,
    });
  faults.push(...polledCameras(config, board));
  for (const [name, device] of Object.entries(config.devices ?? {})) {
    const line = demands[device.driver]?.line;
    if (!line || !board.uartFifo) continue;
    const bytes = Math.ceil((turn * line.frames * line.frameBytes) / 1000);
    if (bytes > board.uartFifo)
      faults.push({
        kind: "polled",
        path: `devices.${name}`,
        problem: `${board.id} asks its UARTs once a turn, and in one of ${Math.round(turn)} ms ${bytes} bytes come, ${board.uartFifo} are kept`,
      });
  }
  return faults;
}

function polledCameras({ devices = {} }: Config, board: BoardSpec): LoadFault[] {
  if (!board.uartFifo) return [];
  return Object.entries(devices).flatMap(([name, device]): LoadFault[] => {
    const { bauds, polledBaud = Infinity } = cameraTable(device.driver) ?? { bauds: [] };
    if (bauds.length === 0 || !("uart" in device)) return [];
    const baud = device.baud ?? bauds[0]!;
    const problem = `${board.id} asks its UARTs once a turn, and at ${baud} more bytes come meanwhile than are kept`;
    return baud > polledBaud ? [{ kind: "polled", path: `devices.${name}`, problem }] : [];
  });
}

interface Alternative {
  words: string;
  config: Config;
}

/** The configuration with one thing less, the least loss first. */
function alternatives(config: Config): Alternative[] {
  const found: Alternative[] = [];
  const serial = config.links?.serial;
  for (const baud of SLOWER)
    if (serial && baud < serial.baud)
      found.push({
        words: `links.serial at ${baud}`,
        config: { ...config, links: { ...config.links, serial: { ...serial, baud } } },
      });
  const devices = Object.entries(config.devices ?? {});
  for (const [name, device] of devices)
    if ("rate" in device || device.driver === "max30102" || device.driver === "mlx90614")
      for (const rate of slowerRates(device.driver, (device as { rate?: number }).rate))
        found.push({
          words: `${name} at ${rate} a second`,
          config: { ...config, devices: { ...config.devices, [name]: { ...device, rate } as typeof device } },
        });
  for (const [name, device] of devices)
    for (const part of device.driver === "vc0706" ? PARTS : [])
      found.push({
        words: `${name} in parts of ${part}`,
        config: { ...config, devices: { ...config.devices, [name]: { ...device, part } as typeof device } },
      });
  for (const [name, device] of devices)
    for (const baud of cameraTable(device.driver)?.bauds.slice(1) ?? [])
      found.push({
        words: `${name} at ${baud}`,
        config: { ...config, devices: { ...config.devices, [name]: { ...device, baud } as typeof device } },
      });
  for (const [name] of devices) {
    const rest = Object.fromEntries(devices.filter(([other]) => other !== name));
    found.push({ words: `all but ${name}`, config: { ...config, devices: rest } });
  }
  return found;
}

function slowerRates(driver: string, rate: number | undefined): number[] {
  const table = sensorTable(driver);
  if (!table) return [];
  const { least, usual } = table.rate;
  const rates: number[] = [];
  for (let slower = (rate ?? usual) / 2; slower >= least; slower /= 2) rates.push(Math.floor(slower));
  return rates;
}
