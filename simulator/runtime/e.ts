/** The global object E: checksums, conversions, error flags, the console, random numbers. */
import { crc32 } from "node:zlib";
import type { Random } from "../random.js";
import { asText, binary, iterated, toBytes } from "./binary.js";
import type { Interpreter } from "./interpreter.js";
import type { Realm } from "./realm.js";
import type { Repl } from "./repl.js";
import type { SerialPorts } from "./serial.js";

export interface Machine {
  realm: Realm;
  interpreter: Interpreter;
  serial: SerialPorts;
  random: Random;
  repl: Repl;
  restart: () => void;
  /** The board restarts when this is not called again within the time of its watchdog. */
  kickWatchdog: () => void;
  /** @param automatic the idle loop kicks */
  enableWatchdog: (seconds: number, automatic: boolean) => void;
}

export function installE(machine: Machine): void {
  const { realm, interpreter, serial, random } = machine;
  const E = realm.object();
  realm.define(realm.global, "E", E);
  realm.methods(E, {
    CRC32: (data: unknown) => crc32(toBytes(data)),
    sum: (data: unknown) => toBytes(data).reduce((sum, byte) => sum + byte, 0),
    toString: (...data: unknown[]) => binary(iterated(realm, data)),
    toUint8Array: (...data: unknown[]) => realm.bytes(toBytes(data)),
    toArrayBuffer: (data: unknown) => realm.bytes(toBytes(data)).buffer,
    mapInPlace: (from: ArrayLike<number>, to: number[], map?: unknown) => mapInPlace(from, to, map),
    reverseByte: (value: number) => reverse(value & 0xff),
    clip: (value: number, low: number, high: number) => Math.min(Math.max(value, low), high),
    getSizeOf: (value: unknown) => sizeOf(value),
    openFile: (path: string) => openFile(machine, path),
    hwRand: () => random.next() | 0,
    srand: () => undefined,
    getErrorFlags: () => realm.array(interpreter.takeFlags()),
    stopEventPropagation: () => interpreter.stopPropagation(),
    getConsole: () => (serial.consolePort === undefined ? null : serial.nameOf(serial.consolePort)),
    setConsole: (device: unknown) => void (serial.consolePort = consoleOf(machine, device)),
    enableWatchdog: (seconds: number, automatic = true) => machine.enableWatchdog(seconds, !!automatic),
    kickWatchdog: () => machine.kickWatchdog(),
    reboot: () => machine.restart(),
    getTemperature: () => 25,
    getFlags: () => realm.object(),
    setFlags: () => undefined,
    setTimeZone: () => undefined,
    defrag: () => undefined,
    lockConsole: () => machine.repl.lock(),
    setPassword: (password?: unknown) => {
      machine.repl.password = password === undefined ? undefined : asText(password);
    },
    dumpStr: () => "",
  });
}

/** The one file that a board has use for: the random numbers of Linux, here as repeatable as all others. */
function openFile({ realm, random }: Machine, path: string): object {
  if (path !== "/dev/urandom") throw realm.error(`Unable to open file ${path}: the simulator has no file system`);
  const file = realm.object();
  const read = (length: number): string => binary(Uint8Array.from({ length }, () => random.next() >>> 24));
  realm.methods(file, { read, close: () => undefined });
  return file;
}

function consoleOf({ realm, serial }: Machine, device: unknown): number | undefined {
  if (device === null) return undefined;
  const index = typeof device === "string" ? serial.indexOfName(device) : serial.indexOfObject(device);
  if (index === undefined) throw realm.error(`Unknown device type ${asText(device)}`);
  return index;
}

function mapInPlace(from: ArrayLike<number>, to: number[], map: unknown): void {
  for (let at = 0; at < Math.min(from.length, to.length); at++) {
    const value = from[at]!;
    if (typeof map === "function") to[at] = (map as (value: number, index: number) => number)(value, at);
    else to[at] = map === undefined ? value : (map as number[])[value]!;
  }
}

function reverse(byte: number): number {
  let reversed = 0;
  for (let bit = 0; bit < 8; bit++) if (byte & (1 << bit)) reversed |= 0x80 >> bit;
  return reversed;
}

/** Variables a value takes, about. */
function sizeOf(value: unknown): number {
  if (typeof value === "string") return 1 + Math.ceil(value.length / 10);
  if (typeof value !== "object" || value === null) return 1;
  if (ArrayBuffer.isView(value)) return 2 + Math.ceil(value.byteLength / 10);
  return Object.values(value).reduce((sum: number, field) => sum + 1 + sizeOf(field), 1);
}
