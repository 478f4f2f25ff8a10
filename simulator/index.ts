/** A board without hardware: the real firmware on a simulated or the real interpreter, with simulated peripherals. */
import { boards } from "../boards/index.js";
import { startInterpreted } from "./interpreted.js";
import { chipsWith, makeChips, makePeripherals, places } from "./peripheral/index.js";
import { startSimulated } from "./simulated.js";
import {
  configFor,
  failure,
  readBundle,
  readModules,
  type Assembly,
  type Simulator,
  type SimulatorOptions,
} from "./simulation.js";

export type { Bus, Chip, I2cChip, SpiChip } from "./bus.js";
export type { BoardConfig } from "./config.js";
export type { Load, Ports, Simulator, SimulatorOptions } from "./simulation.js";
export type { PinLines, PinPeripheral } from "./pins.js";
export type { Peripheral } from "./peripheral/index.js";
export type { UartLine, UartPeripheral } from "./uart.js";

/**
 * Starts a board and waits until its links are open.
 * @throws Error EINVAL, ENOENT (no firmware built, no interpreter), EADDRINUSE, ENOTSUP (no terminals), ETIMEDOUT
 */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const spec = boards.find(({ id }) => id === options.board);
  if (!spec) throw failure("EINVAL", `no board ${options.board}: choose ${usable()}`);
  if (spec.refuses) throw failure("EINVAL", `${spec.id} holds no firmware: ${spec.refuses}`);
  const config = configFor(options, spec, places);
  const { bundle, boot } = readBundle(options.bundleDir, spec, config, options.program !== undefined);
  const devices = options.devices ?? driversOf(config.devices ?? {});
  const peripherals = makePeripherals(devices, config.devices ?? {}, options.printerLog);
  const chips = chipsWith(makeChips(options.buses ?? {}, config.buses ?? {}), config.devices ?? {}, peripherals);
  const modules = { ...readModules(options.bundleDir, config), ...options.program?.files };
  const assembly = {
    options,
    spec,
    config,
    bundle,
    boot: boot + (options.program?.start ?? ""),
    modules,
    peripherals,
    chips,
  };
  const close = (): void => {
    for (const peripheral of Object.values(peripherals)) peripheral.close?.();
  };
  try {
    const simulator = await start(assembly);
    return { ...simulator, stop: () => simulator.stop().finally(close) };
  } catch (error) {
    close();
    throw error;
  }
}

function usable(): string {
  return boards
    .filter(({ refuses }) => refuses === undefined)
    .map(({ id }) => id)
    .join(", ");
}

async function start(assembly: Assembly): Promise<Simulator> {
  const { runtime, speed } = assembly.options;
  if (speed !== undefined && runtime !== undefined && runtime !== "simulated")
    throw failure("EINVAL", "the real interpreter has a speed of its own: leave the speed out, or the runtime");
  if (runtime === "espruino") return startInterpreted(assembly);
  if (runtime !== "pico") return startSimulated(assembly);
  // Loaded only here: the emulator takes its time.
  const { startPico } = await import("./pico/runtime.js");
  return startPico(assembly);
}

/** Without another word a device's peripheral is the one its driver is for. */
function driversOf(devices: Record<string, { driver: string }>): Record<string, string> {
  return Object.fromEntries(Object.entries(devices).map(([name, { driver }]) => [name, driver]));
}
