/**
 * `clock.uncertainty.*`: how wrong a board's clock may be as the host knows it, in virtual time: the median of what is stated in ten minutes, alone and
 * beside a stream from the board that fills the link (`.busy`), or one to it (`.busy.down`). The firmware runs in the simulated runtime, with a clock that gains 50 ppm. What is stated is held
 * against the truth at each moment.
 */
import type { Duplex } from "node:stream";
import { boards } from "../../boards/index.js";
import { connect } from "../../host/index.js";
import type { Transport } from "../../host/index.js";
import { memorySerial, memoryTcp } from "../../host/transport/memory-ends.js";
import { LINK, startBoard } from "../../simulator/board.js";
import { VirtualClock } from "../../simulator/clock.js";
import type { Clock } from "../../simulator/clock.js";
import { MemoryNetwork } from "../../simulator/network/memory.js";
import { limitsOf } from "../../simulator/runtime/limits.js";
import { readBundle } from "../../simulator/simulation.js";
import { figure } from "../figure.js";
import type { Figure } from "../figure.js";

/** What a sample's time may be wrong by at the most, in ms. */
const AIM = { tcp: 5, serial: 10 };

const RATE = 1 + 50e-6;
const SECONDS = 600;
/** Beside a stream, which takes long to simulate. */
const BUSY_SECONDS = 120;
/** From power-on to the moment from which the firmware counts, at the most, in ms. */
const START = 0.3;
const PORT = 9180;
const TICK = 1000;

export async function clockFigures(bundleDir: string, wants: (name: string) => boolean): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const kind of ["tcp", "serial"] as const)
    for (const busy of ["", ".busy", ".busy.down"] as const) {
      const name = `clock.uncertainty.${kind}${busy}`;
      if (wants(name)) figures.push(figure(name, await median(bundleDir, kind, busy), "ms", AIM[kind]));
    }
  return figures;
}

async function median(bundleDir: string, kind: keyof typeof AIM, busy: "" | ".busy" | ".busy.down"): Promise<number> {
  const clock = new VirtualClock();
  const board = power(clock, bundleDir, kind);
  const host = await during(clock, connect(board.transport, { clock }));
  const known = await during(clock, host.clock());
  if (busy === ".busy") (await during(clock, host.open(":chargen"))).resume();
  if (busy === ".busy.down") fill(await during(clock, host.open(":discard")));
  await clock.run(20_000);
  const said: number[] = [];
  for (let i = 0; i < (busy ? BUSY_SECONDS : SECONDS); i++) {
    await clock.run(TICK);
    const { utc, uncertainty } = known.toUtc(clock.now() * RATE);
    if (Math.abs(utc - clock.now()) > uncertainty + START)
      throw new Error(`${uncertainty} ms were stated, and it was ${utc - clock.now()} off`);
    said.push(uncertainty);
  }
  known.dispose();
  await during(clock, host.close());
  board.off();
  return said.sort((a, b) => a - b)[said.length >> 1]!;
}

/** Writes for ever. */
function fill(socket: Duplex): void {
  const write = (): void => {
    while (socket.write(Buffer.alloc(4096)));
  };
  socket.on("error", () => undefined).on("drain", write);
  write();
}

function power(clock: VirtualClock, bundleDir: string, kind: string): { transport: Transport; off: () => void } {
  const spec = boards.find(({ id }) => id === "linux")!;
  // 6 ms there and back, as over WiFi.
  const network = new MemoryNetwork({ clock, seed: 1, latency: 3 });
  const own: Clock = {
    now: () => clock.now() * RATE,
    after: (ms, run) => clock.after(ms / RATE, run),
    within: (ms, run) => clock.within(ms / RATE, run),
  };
  const links = {
    tcp: { port: PORT, insecure: true },
    serial: { uart: "Serial2", baud: 115_200, path: "/dev/null" },
  };
  const config = { board: spec.id, links };
  const board = startBoard({
    ...{ config, clock: own, seed: 1, network, limits: limitsOf(spec), peripherals: {} },
    ...readBundle(bundleDir, spec, config),
  });
  const transport =
    kind === "tcp"
      ? memoryTcp("tcp://board", () => network.dial(PORT))
      : memorySerial("serial:/dev/ttyB", board.wires[LINK]!.peripheral);
  return { transport, off: () => board.powerOff() };
}

async function during<T>(clock: VirtualClock, work: Promise<T>): Promise<T> {
  let done = false;
  work.then(
    () => (done = true),
    () => (done = true),
  );
  await clock.runUntil(() => done, 60_000);
  return work;
}
