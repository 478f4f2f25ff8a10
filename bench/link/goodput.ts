/**
 * `serial.goodput.*`: KiB of a stream that get through a line of 115200 baud (8N1) in a second, with 256 B of payload in a frame, in virtual time.
 * `ours` are the real sessions and sockets; the models of other protocols run on the same simulated line.
 */
import { Type } from "../../protocols/index.js";
import { CLEAN, BAUD115200 } from "../../soak/wire.js";
import type { Faults } from "../../soak/wire.js";
import { SIDES, World } from "../../soak/world.js";
import type { Side } from "../../soak/checker.js";
import { figure } from "../figure.js";
import type { Figure } from "../figure.js";
import { goodput, MODELS } from "./models.js";

const PAYLOAD = 256;
const SECONDS = 300;
const SEEDS = [1, 2, 3];
const UNIT = "KiB/s";
/** Bytes a second of the line. */
const LINE = BAUD115200 * 1000;
/** Receive buffer: what `:discard` of a board has, 32 frames. */
const BUFFER = 32 * PAYLOAD;

interface Case {
  name: string;
  faults: Faults;
  /** What it is compared with, in bytes a second. */
  best: number;
}

const CASES: Case[] = [
  { name: "clean", faults: CLEAN, best: LINE },
  { name: "rtt20loss5", faults: { ...CLEAN, delay: 10, drop: 0.05 }, best: LINE },
  // Of a frame without anything around its payload as many get through unhurt.
  { name: "ber1e-5", faults: { ...CLEAN, ber: 1e-5 }, best: LINE * (1 - 1e-5) ** (10 * PAYLOAD) },
];

export function goodputFigures(wants: (name: string) => boolean): Figure[] {
  return CASES.filter(({ name }) => wants(`serial.goodput.${name}`)).flatMap(({ name, faults, best }) => {
    const row = (of: string, bytes: number): Figure =>
      figure(`serial.goodput.${name}${of}`, bytes / 1024, UNIT, best / 1024);
    return [
      row(
        "",
        mean((seed) => ours(faults, seed, "host")),
      ),
      row(
        ".fromBoard",
        mean((seed) => ours(faults, seed, "board")),
      ),
      ...Object.entries(MODELS).map(([of, model]) =>
        row(
          `.${of}`,
          mean((seed) => goodput(model, PAYLOAD, faults, seed, SECONDS)),
        ),
      ),
    ];
  });
}

function mean(of: (seed: number) => number): number {
  return SEEDS.reduce((sum, seed) => sum + of(seed), 0) / SEEDS.length;
}

/** Bytes a second of a stream from one side to the other. */
export function ours(faults: Faults, seed: number, by: Side, receiveBuffer = BUFFER): number {
  const world = new World({ seed, medium: "serial", keyed: false, rates: { host: 1, board: 1 } });
  world.run(2000);
  for (const side of SIDES) world.suffer(side, faults);
  world.programs.open({
    by,
    type: Type.stream,
    priority: 0,
    receiveBuffer,
    answer: "accept",
    pace: "at once",
    source: false,
  });
  world.programs.pick(0, by)!.write(2 * SECONDS * LINE);
  // Its beginning is another matter.
  world.run(5000);
  const flow = world.checker.talks[0]!.flows[by];
  const before = flow.received;
  world.run(5000 + SECONDS * 1000);
  return (flow.received - before) / SECONDS;
}
