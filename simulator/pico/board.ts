/** An emulated board with its cables: the firmware in its flash, peripherals on its pins, all in the machine's time. */
import type { Chip, I2cChip, SpiChip } from "../bus.js";
import type { BoardConfig, DeviceConfig } from "../config.js";
import type { Peripheral } from "../peripheral/index.js";
import type { PinLines } from "../pins.js";
import { OneWireBus } from "../onewire.js";
import { failure } from "../simulation.js";
import { UartWire } from "../wire.js";
import { FLASH_BYTES } from "./flash.js";
import { Machine } from "./machine.js";
import { OneWirePin } from "./onewire.js";
import { connectSpi } from "./spi.js";
import { writeFiles } from "./storage.js";

export interface EmulatedOptions {
  /** The interpreter's image for the Pico, as it lies in flash from its beginning. */
  image: Uint8Array;
  /** The chip's boot ROM. */
  bootRom: Uint8Array;
  /** Files in Storage by name, one character a byte; `.bootcde` is what starts. */
  files: Record<string, string>;
  config: BoardConfig;
  /** What hangs on each device's UART or pins, by the device's name. */
  peripherals?: Record<string, Peripheral>;
  /** What hangs on each bus, by the bus's name; on SPI in the order of the chip selects. */
  chips?: Record<string, Chip[]>;
  seed?: number;
  /** Whether a host has the USB port open: true by default. */
  usb?: boolean;
  log?: (line: string) => void;
}

export interface EmulatedBoard {
  readonly machine: Machine;
  /** Cables by the device's name; the serial link's is `serial` unless it is on USB. */
  readonly wires: Record<string, UartWire>;
  /** The serial link's cable, with the host's end of it. */
  readonly cable: Pick<UartWire, "peripheral"> | undefined;
}

/** Name of the serial link's cable. */
const LINK = "serial";
const USB = "USB";
const CODE_BYTES = 0x1c0000;

/** Builds the board and switches it on; its time moves by `machine.runTo`. @throws Error EINVAL, ENOSPC */
export function startEmulated(options: EmulatedOptions): EmulatedBoard {
  const { image, bootRom, files, config, seed = 1, log } = options;
  if (image.length > CODE_BYTES)
    throw failure("EINVAL", "ESPRUINO_PICO is no image for the Pico: it would reach into Storage");
  const flash = new Uint8Array(FLASH_BYTES).fill(0xff);
  flash.set(image);
  writeFiles(
    flash,
    mapValues(files, (text) => Buffer.from(text, "latin1")),
  );
  const machine = new Machine({ flash, bootRom, seed, usb: options.usb, ...(log && { log }) });
  const wires = layWires(machine, config, options.peripherals ?? {});
  const buses = hang(machine, config, options.chips ?? {});
  machine.onboot = () => {
    for (const [name, wire] of Object.entries(wires)) {
      wire.detachBoard();
      const device = config.devices?.[name];
      machine.uarts[indexOf(device?.uart ?? config.links!.serial!.uart)]!.attach(wire.board);
      if (device) connectLines(machine, device, wire);
    }
    for (const [name, { pins }] of Object.entries(config.devices ?? {})) {
      const peripheral = options.peripherals?.[name];
      hangOnPins(machine, pins, peripheral);
    }
    for (const attach of buses) attach();
  };
  machine.powerCycle();
  const link = config.links?.serial;
  return { machine, wires, cable: link && (link.uart === USB ? machine.usb : wires[LINK]) };
}

function layWires(
  machine: Machine,
  { devices = {}, links = {} }: BoardConfig,
  peripherals: Record<string, Peripheral>,
): Record<string, UartWire> {
  const wires: Record<string, UartWire> = {};
  for (const [name, { baud }] of Object.entries(devices)) {
    const peripheral = peripherals[name];
    if (peripheral && "kind" in peripheral && peripheral.kind === "onewire") peripheral.connect(machine.time);
    if (baud === undefined) continue;
    const uart = peripheral && !("kind" in peripheral) ? peripheral : undefined;
    wires[name] = new UartWire(baud, machine.time, false, uart?.parity);
    uart?.connect(wires[name].peripheral, machine.time);
  }
  if (links.serial && links.serial.uart !== USB) wires[LINK] = new UartWire(links.serial.baud, machine.time);
  return wires;
}

/** @returns what to do with each bus at each boot */
function hang(machine: Machine, { buses = {} }: BoardConfig, chips: Record<string, Chip[]>): (() => void)[] {
  return Object.entries(buses).map(([name, { port, cs = [] }]) => {
    const all = chips[name] ?? [];
    for (const chip of all) chip.connect(machine.time);
    const i2c = all.filter((chip): chip is I2cChip => chip.kind === "i2c");
    const spi = all.filter((chip): chip is SpiChip => chip.kind === "spi");
    const number = indexOf(port);
    return () => {
      if (port.startsWith("I2C")) machine.i2cs[number]!.chips = i2c;
      else connectSpi(machine.chip.spi[number]!, spi, cs, machine.pins, machine.time);
    };
  });
}

function hangOnPins(machine: Machine, names: Record<string, string> = {}, peripheral: Peripheral | undefined): void {
  if (!peripheral || !("kind" in peripheral)) return;
  const { pins, time } = machine;
  if (peripheral.kind === "pins") peripheral.attach(linesOf(machine, names), time);
  else if (peripheral.kind === "onewire") new OneWirePin(pins, time, names["data"]!, new OneWireBus([peripheral]));
  else if (peripheral.kind === "i2c" && names["int"] !== undefined) {
    const pin = names["int"];
    pins.drive(pin, true);
    peripheral.onInt = (level) => pins.drive(pin, level);
  }
}

/** Pins by their roles in the configuration. */
function linesOf({ pins, voltages }: Machine, names: Record<string, string> = {}): PinLines {
  const at = (role: string, use: (pin: string) => void): void => {
    if (names[role] !== undefined) use(names[role]);
  };
  return {
    supply: (role, voltage) => at(role, (pin) => voltages.drive(pin, { voltage })),
    drive: (role, level) => at(role, (pin) => pins.drive(pin, level)),
    follow: (role, listener) => at(role, (pin) => pins.follow(pin, listener)),
  };
}

/** Behind the level shifter of an RS-232 port a pin is low when its line says "ready". */
function connectLines(machine: Machine, { pins = {} }: DeviceConfig, wire: UartWire): void {
  wire.board.onLine((line, level) => {
    if (pins[line]) machine.pins.drive(pins[line], !level);
  });
  for (const line of ["dtr", "rts"] as const)
    if (pins[line]) machine.pins.follow(pins[line], (level) => wire.board.set(line, !level));
}

/** Serial2 -> 1 */
function indexOf(port: string): number {
  const index = Number(port.slice(-1)) - 1;
  if (index !== 0 && index !== 1) throw failure("EINVAL", `the Pico has no ${port}: it has two of each kind of port`);
  return index;
}

function mapValues<A, B>(record: Record<string, A>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
