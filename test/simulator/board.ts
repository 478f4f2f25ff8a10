/** A small board in virtual time for the tests of the runtime. */
import { VirtualClock } from "../../simulator/clock.js";
import { MemoryNetwork, type MemoryNetworkOptions } from "../../simulator/network/memory.js";
import { EspruinoRuntime, type RuntimeOptions } from "../../simulator/runtime/index.js";
import { boards } from "../../boards/index.js";
import { limitsOf, type BoardLimits } from "../../simulator/runtime/limits.js";
import { Flash } from "../../simulator/runtime/storage.js";
import { UartWire } from "../../simulator/wire.js";

export interface TestBoard {
  clock: VirtualClock;
  network: MemoryNetwork;
  runtime: EspruinoRuntime;
  storage: Flash;
  /** What the program printed. */
  lines: string[];
  /** On Serial1. */
  wire: UartWire;
}

export interface TestBoardOptions {
  limits?: Partial<BoardLimits>;
  network?: Partial<MemoryNetworkOptions>;
  baud?: number;
  runtime?: Partial<RuntimeOptions>;
}

/** Speed of the cable on Serial2. */
export const SLOW = 9600;

/** Runs a program; Serial1 has a cable whose far end is `wire.peripheral`. */
export function run(program: string, options: TestBoardOptions = {}): TestBoard {
  const clock = new VirtualClock();
  const board = { ...limitsOf(boards[0]!), ...options.limits };
  const network = new MemoryNetwork({ clock, seed: 1, ...options.network });
  const storage = new Flash(board.storage);
  const lines: string[] = [];
  const log = (line: string): void => void lines.push(line);
  const runtime = new EspruinoRuntime({ board, clock, network, storage, seed: 1, log, ...options.runtime });
  const wire = new UartWire(options.baud ?? 115_200, clock);
  runtime.attach("Serial1", wire.board);
  runtime.attach("Serial2", new UartWire(SLOW, clock).board);
  runtime.start();
  runtime.run(program);
  return { clock, network, runtime, storage, lines, wire };
}
