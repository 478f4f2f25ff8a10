/** A build of a board, and a configuration of the kind that it was made for. */
import { boards, bundleOf, featuresOf } from "../../boards/index.js";
import type { BoardSpec, Build } from "../../boards/index.js";
import { variablesOf } from "../../host/config/memory.js";
import type { Config } from "../../host/config/schema.js";
import type { BoardConfig } from "../../simulator/index.js";
import { places } from "../../simulator/peripheral/index.js";
import { configFor } from "../../simulator/simulation.js";

/** Of a board that can keep one. */
export const KEY = "2f".repeat(32);

export const PRINTER = "printer0";
export const CAMERA = "camera0";

/** It has to start, and to be set to the small size, within a recording. */
const QUICK_CAMERA = "vc0706,boot=100,size=160x120";

/** Of these a build gets the first that it has the features for, and its board UARTs and memory; else the last. */
const DEVICES: readonly Record<string, string>[] = [
  { [PRINTER]: "escpos" },
  { ecg0: "ad8232", spo2: "nonin" },
  { ecg0: "ad8232" },
];

/** A build of a board with devices. */
export interface Candidate {
  board: BoardSpec;
  build: Build;
  name: string;
  /** As the simulator takes them. */
  devices: Readonly<Record<string, string>>;
}

/** The builds of all boards that hold one. */
export function candidates(): Candidate[] {
  return boards
    .filter(({ refuses }) => refuses === undefined)
    .flatMap((board) => board.builds.map((build) => ({ board, build, name: bundleOf(board, build) })))
    .map((candidate) => ({ ...candidate, devices: typicalFor(candidate) }));
}

function typicalFor(candidate: Omit<Candidate, "devices">): Record<string, string> {
  if (candidate.build.name.startsWith("cameras")) return { [CAMERA]: QUICK_CAMERA };
  return DEVICES.find((devices) => accepts({ ...candidate, devices })) ?? DEVICES.at(-1)!;
}

/** Whether its board would be let have them, as far as its features, UARTs and memory go. */
function accepts(candidate: Candidate): boolean {
  const { board, build } = candidate;
  try {
    const config = configOf(candidate);
    const able = featuresOf(config).every((feature) => build.features.includes(feature));
    return able && variablesOf(config as Config, board, build) <= board.variables;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EINVAL") return false;
    throw error;
  }
}

export function driversOf({ devices }: Candidate): string[] {
  return Object.values(devices).map((device) => device.split(",")[0]!);
}

/** @param on whose UARTs and pins are used: those of the board itself, or of a PC that runs its program */
export function configOf({ board, build, devices }: Candidate, on = board): BoardConfig {
  const listens = build.features.includes("raw") && board.network.servers > 1;
  const raw: Record<string, number> = PRINTER in devices && listens ? { [PRINTER]: 0 } : {};
  const links = board.network.sockets > 0 ? { ports: { tcp: 0, raw } } : { serial: true };
  const key = board.crypto ? { key: KEY } : {};
  const config = configFor({ board: on.id, bundleDir: "", devices, ...links, ...key }, on, places);
  return board.network.module === "Wifi" ? { ...config, network: { ssid: "ward", password: "a password" } } : config;
}
