/**
 * What a configuration takes of its board's time, and of the queue between interrupts and the interpreter, in the worst case. docs/timing.md.
 * All devices have one reader that records them, at their rates; a printer takes what is left.
 */
import { costs } from "../../boards/costs.js";
import { instructionsOf } from "../../boards/index.js";
import type { BoardSpec } from "../../boards/index.js";
import { demands, EDGE_BYTES, EVENT_BYTES } from "../../protocols/device/demand.js";
import type { Demand } from "../../protocols/device/demand.js";
import type { BusConfig, Config, DeviceConfig, SensorConfig } from "./schema.js";

/** Of an interrupt that reads a converter or a UART, or marks an edge: estimated from the interpreter's source. */
const INTERRUPT = 500;

/** A look at the time comes so often. */
const TICKS = 20;

/** Of a bus that says nothing else. */
export const USUAL_BITRATE = 100_000;

/** Of the board's time, in percent: the rest is for what nobody plans. */
export const MOST_TIME = 70;

/** Edges that must find room in the queue whenever they come: alarms, flow control. */
export const ALARM_EDGES = 16;

/** The interpreter leaves so many bytes of its queue empty. */
const SPARE = 4;

/** A UART with flow control is held at so much of the queue, and brings so many bytes more. */
const HELD_AT = 6 / 8;
const AFTER_HOLD = 32;

/** What a printer says that nobody asked for. */
const PRINTER_UNASKED = 16;

/** Bytes around a frame's payload. */
const FRAME = 12;

/**
 * The longest of what a host asks for, in instructions: the first print job, which loads its part of the program (docs/decisions/0006), as it was charged at the speed of
 * espruino-wifi: 70 ms. Its bytes go to the printer in turns of their own. Without a printer what is loaded is less, and so is a proof of a key.
 */
const LONGEST_JOB = 4_700_000;
const LONGEST = 3_500_000;

/**
 * Of a serial link on a UART, in instructions: a frame on its long way (1.66 million of the counted build, docs/performance.md), and a piece that its listener is
 * called for: 0.47 ms at the speed of pico-wiznet, charged. Where another UART's bytes come between, each byte is a piece.
 */
const LINK_FRAME = 770_000;
const LINK_PIECE = 26_500;

/** Most bytes of a UART that are one event. */
const MERGED = 63;

export interface Share {
  /** The device's name; `firmware`. */
  name: string;
  /** Percent of the board's time. */
  time: number;
  /** ms that one message of it takes. */
  message: number;
  /** Bytes of the queue while the board is busy for as long as it can be. */
  queue: number;
  /** Interrupts a second. */
  interrupts: number;
  /** ms that the board may be late for it, beside its own message; what is lost then. */
  latency: number;
  lost: string;
  /** ms that the board can be late for it. */
  late: number;
}

export interface Budget {
  shares: Share[];
  /** Percent of the board's time, without printing. */
  time: number;
  /** Bytes a second that a printer gets in what is left; 0 without a printer. */
  printed: number;
  /** ms that the board can be busy at once. */
  turn: number;
  /** Bytes of the queue in that time, and those that it may be. */
  fill: number;
  room: number;
}

export function budgetOf(config: Config, board: BoardSpec): Budget {
  const devices = Object.entries(config.devices ?? {});
  const printers = devices.filter(([, { driver }]) => driver === "escpos");
  const sensors = devices.filter((entry): entry is [string, SensorConfig] => entry[1].driver in demands);
  const perMs = instructionsOf(board) / 1000;
  const messages = sensors.map(([, sensor]) => messageMs(sensor, config, perMs));
  const tick = costs.tick + sensors.length * costs.unread;
  const own = (tick + (printers.length > 0 ? LONGEST_JOB : LONGEST) + sealing(config)) / perMs;
  const alone = messages.reduce((sum, ms) => sum + ms, own);
  const times = sensors.map(([, sensor], i) => timeOf(sensor, messages[i]!, perMs));
  const turn = alone + linkMs(config, board, alone, MOST_TIME - times.reduce((sum, time) => sum + time, 0), perMs);
  const shares = sensors.map(([name, sensor], i): Share => {
    const demand = demands[sensor.driver]!;
    const rate = rateOf(sensor);
    return {
      name,
      message: messages[i]!,
      time: times[i]!,
      queue: demand.queue(turn, rate, "part" in sensor ? sensor.part : undefined),
      interrupts: demand.interrupts(rate),
      latency: demand.latency(rate),
      lost: demand.lost,
      late: turn - messages[i]!,
    };
  });
  shares.push(firmwareShare(config, board, turn, perMs, own, tick));
  const time = shares.reduce((sum, share) => sum + share.time, 0);
  const printed = printers.length > 0 ? (Math.max(0, 100 - time) * 10 * perMs) / printedCost(config, board) : 0;
  return { shares, time, printed, turn, ...queueOf(shares, config, board, turn) };
}

/** Percent. @param message ms of one */
function timeOf(sensor: SensorConfig, message: number, perMs: number): number {
  const demand = demands[sensor.driver]!;
  const rate = rateOf(sensor);
  return demand.waits ? 0 : (message * demand.messages(rate) + (demand.interrupts(rate) * INTERRUPT) / perMs) / 10;
}

/** Units a second. */
function rateOf(device: SensorConfig): number {
  const { units } = demands[device.driver]!;
  return ("rate" in device ? device.rate : undefined) ?? units;
}

/** Instructions of a unit as a record. */
export function unitCost(driver: string): number {
  return costs.units[driver]!.record;
}

/** What a message takes: on its way to the host, and the wire while which the board waits. */
function messageMs(device: SensorConfig, config: Config, perMs: number): number {
  const { buses = {} } = config;
  const demand = demands[device.driver]!;
  const rate = rateOf(device);
  const usual = demand.units / demand.messages(demand.units);
  const bytes = (rate / demand.messages(rate) - usual) * demand.unitBytes;
  const instructions = unitCost(device.driver) * usual + Math.max(0, bytes) * costs.printed + sealing(config);
  const i2c = i2cOf(device);
  const spi = "spi" in device ? buses[device.spi] : undefined;
  return instructions / perMs + wireMs(demand, i2c === undefined ? undefined : buses[i2c], spi);
}

/** The I2C bus that a device hangs on. */
export function i2cOf(device: DeviceConfig): string | undefined {
  return "bus" in device ? device.bus : "i2c" in device ? device.i2c : undefined;
}

function wireMs({ bus, spiBytes, wireMs = 0 }: Demand, i2c: BusConfig | undefined, spi: BusConfig | undefined): number {
  // Either one or the other.
  if (spiBytes) return (1000 * spiBytes * 8) / (spi?.bitrate ?? USUAL_BITRATE);
  return bus ? (1000 * bus.bytes * 9) / (i2c?.bitrate ?? USUAL_BITRATE) : wireMs;
}

/** Of a frame, in instructions: with a key it is hashed and encrypted. */
function sealing({ key }: Config): number {
  return key === undefined ? 0 : costs.sealed;
}

/** A byte of a print job, which comes in full frames. */
function printedCost(config: Config, { chunk }: BoardSpec): number {
  return costs.printed + sealing(config) / chunk;
}

/** Bytes that a serial link brings in so many ms: no more than its window. */
function linkBytes({ links = {} }: Config, board: BoardSpec, ms: number): number {
  const { serial } = links;
  if (!serial || serial.uart === "USB") return 0;
  return Math.min(windowOf(board), (ms * serial.baud) / 10_000);
}

function windowOf({ window, serialPayload }: BoardSpec): number {
  return window * (serialPayload + FRAME);
}

/**
 * What came on a serial link while the board was busy keeps it busy for longer, and more comes meanwhile: where the board has no time for a link that is kept full,
 * in the end the whole window waits.
 * @param left percent of the board's time
 */
function linkMs(config: Config, board: BoardSpec, alone: number, left: number, perMs: number): number {
  const { baud = 0 } = config.links?.serial ?? {};
  if (linkBytes(config, board, 1) === 0) return 0;
  const sending = Object.values(config.devices ?? {}).some(({ driver }) => demands[driver]?.line !== undefined);
  const byteMs =
    ((LINK_FRAME + sealing(config)) / (board.serialPayload + FRAME) + LINK_PIECE / (sending ? 1 : MERGED)) / perMs;
  const share = (baud / 10_000) * byteMs;
  if (100 * share > left) return windowOf(board) * Math.max(byteMs, 10_000 / baud);
  return Math.min(windowOf(board) * byteMs, (alone * share) / (1 - share));
}

/** Links and printers: what they bring into the queue while nobody takes it. */
function firmwareShare(
  config: Config,
  board: BoardSpec,
  turn: number,
  perMs: number,
  own: number,
  tick: number,
): Share {
  const serial = config.links?.serial;
  const link = linkBytes(config, board, turn);
  const printers = Object.values(config.devices ?? {}).filter(({ driver }) => driver === "escpos");
  const edges = printers.filter((device) => "pins" in device && "cts" in (device.pins ?? {})).length;
  return {
    name: "firmware",
    time: (TICKS * tick) / perMs / 10,
    message: own,
    queue: Math.ceil(link) + printers.length * PRINTER_UNASKED + 2 * edges * EDGE_BYTES,
    interrupts: serial ? serial.baud / 10 : 0,
    latency: Infinity,
    lost: "the host sends it again",
    late: turn - own,
  };
}

function queueOf(shares: Share[], config: Config, board: BoardSpec, turn: number): { fill: number; room: number } {
  const parts = shares.map(({ queue }) => queue).sort((a, b) => b - a);
  const most = parts[0] ?? 0;
  const others = parts.slice(1).reduce((sum, bytes) => sum + bytes, 0);
  // Bytes of one UART share an event until something else comes between them; beside a serial link's that is one of its own.
  const between = linkBytes(config, board, turn) > 0 ? 2 * Math.min(most, others) + 1 : Math.min(most, others + 1);
  const events = between + most / MERGED;
  const room = board.eventQueue - SPARE - ALARM_EDGES * EDGE_BYTES;
  const fill = Math.ceil(most + others + EVENT_BYTES * events);
  return { fill: fill + networkQueue(config, board, turn), room };
}

/** A network behind a UART is held when the queue is nearly full. */
function networkQueue({ links = {}, endpoints = [] }: Config, board: BoardSpec, turn: number): number {
  const baud = board.network.baud ?? 0;
  if (!links.tcp && !links.udp && endpoints.length === 0) return 0;
  return Math.ceil(Math.min((turn * baud) / 10_000, HELD_AT * board.eventQueue + AFTER_HOLD));
}

/** Whether a lost event would be an alarm's, or a sensor's. */
export function hasInterrupts(devices: readonly DeviceConfig[]): boolean {
  return devices.some((device) => device.driver !== "escpos" || device.pins?.cts !== undefined);
}
