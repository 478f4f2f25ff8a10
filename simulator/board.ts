/** A board with its cables: the firmware in the runtime's flash, peripherals on its UARTs, power and plugs to pull. */
import { busOf } from "./bus.js";
import type { Bus, Chip } from "./bus.js";
import type { Clock } from "./clock.js";
import type { BoardConfig, BusConfig, DeviceConfig } from "./config.js";
import type { BoardNetwork } from "./network/index.js";
import { BOOT_FILE, EspruinoRuntime } from "./runtime/index.js";
import type { BoardLimits } from "./runtime/limits.js";
import type { Costs } from "./runtime/loop.js";
import type { MemoryReport } from "./runtime/globals.js";
import { Flash } from "./runtime/storage.js";
import { OneWireBus } from "./onewire.js";
import type { PinLines } from "./pins.js";
import type { Peripheral } from "./peripheral/index.js";
import { UartWire } from "./wire.js";

export interface BoardOptions {
  limits: BoardLimits;
  config: BoardConfig;
  /** The firmware: the text of the program "devsock", one character a byte. */
  bundle: string;
  /** The boot file. */
  boot?: string;
  /** Other files for Storage. */
  files?: Record<string, string> | undefined;
  clock: Clock;
  network: BoardNetwork;
  /** What hangs on each device's UART or pins, by the device's name. */
  peripherals: Record<string, Peripheral>;
  /** What hangs on each bus, by the bus's name; on SPI in the order of the chip selects. */
  chips?: Record<string, Chip[]>;
  seed: number;
  log?: (line: string) => void;
  costs?: Costs;
}

export interface SimulatedBoard {
  /** The runtime of the current boot. */
  readonly runtime: EspruinoRuntime;
  readonly storage: Flash;
  /** Cables by the device's name; the serial link's is `serial`. */
  readonly wires: Record<string, UartWire>;
  readonly powered: boolean;
  /** Times the board has started. */
  readonly boots: number;
  powerOff(): void;
  powerOn(): void;
  powerCycle(): void;
  memory(): MemoryReport;
}

export const BOOT = 'eval(require("Storage").read("devsock"));';
/** Name of the serial link's cable. */
export const LINK = "serial";

/** Builds the board and switches it on. */
export function startBoard(options: BoardOptions): SimulatedBoard {
  const { config, clock, limits } = options;
  const storage = new Flash(limits.storage);
  storage.write("devsock", Buffer.from(options.bundle, "latin1"));
  storage.write("devsock.json", Buffer.from(JSON.stringify(config)));
  for (const [name, text] of Object.entries(options.files ?? {})) storage.write(name, Buffer.from(text, "latin1"));
  storage.write(BOOT_FILE, Buffer.from(options.boot ?? BOOT, "latin1"));
  let runtime: EspruinoRuntime | undefined;
  // What the interpreter says on a wire of its own it says when it gets there, ahead of the clock while it is busy.
  const ahead: Clock = {
    now: () => runtime?.now() ?? clock.now(),
    after: (ms, run) => clock.after(ms, run),
  };
  const wires: Record<string, UartWire> = {};
  const devices = Object.entries(config.devices ?? {}).map(
    ([name, device]) => [name, device, options.peripherals[name]] as const,
  );
  for (const [name, { baud }, peripheral] of devices) {
    if (peripheral && "kind" in peripheral && peripheral.kind === "onewire") peripheral.connect(ahead);
    if (baud === undefined) continue;
    const uart = peripheral && !("kind" in peripheral) ? peripheral : undefined;
    wires[name] = new UartWire(baud, clock, true, uart?.parity);
    uart?.connect(wires[name].peripheral, clock);
  }
  const link = config.links?.serial;
  if (link) wires[LINK] = new UartWire(link.baud, clock);

  const buses = Object.entries(config.buses ?? {}).map(([name, use]) => {
    const chips = options.chips?.[name] ?? [];
    for (const chip of chips) chip.connect(clock);
    return { use, bus: busOf(use.port, chips) };
  });

  let boots = 0;

  function powerOn(): void {
    if (runtime) return;
    const seed = options.seed + 7919 * boots++;
    const { network, log, costs } = options;
    const onRestart = (): void => powerCycle();
    runtime = new EspruinoRuntime({ board: limits, clock, network, storage, seed, log, costs, onRestart });
    for (const [name, wire] of Object.entries(wires)) {
      const device = config.devices?.[name];
      runtime.attach(device?.uart ?? link!.uart, wire.board);
      if (device) connectPins(runtime, device, wire);
    }
    for (const [, { pins }, peripheral] of devices) hangOnPins(runtime, pins, peripheral, clock);
    for (const { use, bus } of buses) connectBus(runtime, use, bus);
    runtime.start();
  }

  function powerOff(): void {
    if (runtime) storage.powerOff(clock.now());
    runtime?.stop();
    runtime = undefined;
    for (const wire of Object.values(wires)) wire.detachBoard();
  }

  function powerCycle(): void {
    powerOff();
    powerOn();
  }

  powerOn();
  return {
    storage,
    wires,
    get runtime() {
      if (!runtime) throw new Error("the board is off: call powerOn first");
      return runtime;
    },
    get powered() {
      return runtime !== undefined;
    },
    get boots() {
      return boots;
    },
    ...{ powerOff, powerOn, powerCycle },
    memory: () => {
      if (!runtime) throw new Error("the board is off: call powerOn first");
      return runtime.memory();
    },
  };
}

function hangOnPins(
  runtime: EspruinoRuntime,
  names: Record<string, string> = {},
  peripheral: Peripheral | undefined,
  clock: Clock,
): void {
  if (!peripheral || !("kind" in peripheral)) return;
  if (peripheral.kind === "pins") peripheral.attach(linesOf(runtime, names), clock);
  else if (peripheral.kind === "onewire") runtime.oneWire.attach(names["data"]!, new OneWireBus([peripheral]));
  else if (peripheral.kind === "i2c" && names["int"] !== undefined) {
    const pin = names["int"];
    runtime.pins.drive(pin, true);
    peripheral.onInt = (level) => runtime.pins.drive(pin, level);
  }
}

/** Pins by their roles in the configuration. */
function linesOf({ pins, analog }: EspruinoRuntime, names: Record<string, string> = {}): PinLines {
  const at = (role: string, use: (pin: string) => void): void => {
    if (names[role] !== undefined) use(names[role]);
  };
  return {
    supply: (role, voltage) => at(role, (pin) => analog.supply(pin, voltage)),
    drive: (role, level) => at(role, (pin) => pins.drive(pin, level)),
    follow: (role, listener) => at(role, (pin) => pins.follow(pin, listener)),
  };
}

function connectBus(runtime: EspruinoRuntime, { port, cs = [] }: BusConfig, bus: Bus): void {
  const { buses, pins } = runtime;
  buses.attach(port, bus);
  for (const [i, chip] of bus.chips.entries()) {
    const pin = cs[i];
    if (chip.kind !== "spi" || pin === undefined) continue;
    buses.select(chip, false);
    pins.follow(pin, (level) => buses.select(chip, !level));
  }
}

/** Behind the level shifter of an RS-232 port a pin is low when its line says "ready". */
function connectPins(runtime: EspruinoRuntime, device: DeviceConfig, wire: UartWire): void {
  const pins = device.pins ?? {};
  wire.board.onLine((line, level) => {
    if (pins[line]) runtime.pins.drive(pins[line], !level);
  });
  if (pins["tx"]) runtime.pins.follow(pins["tx"], (level) => wire.hold(!level));
  for (const line of ["dtr", "rts"] as const)
    if (pins[line]) runtime.pins.follow(pins[line], (level) => wire.board.set(line, !level));
}
