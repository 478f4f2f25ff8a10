/** A simulation in real time on the runtime of our own. */
import type { BoardSpec } from "../boards/index.js";
import { LINK, startBoard } from "./board.js";
import { boards, countedOf } from "../boards/index.js";
import { patientClock, realClock } from "./clock.js";
import { LoopbackNetwork } from "./network/loopback.js";
import { hostOnPty, openPty, type Pty } from "./pty.js";
import { limitsOf, speedOf } from "./runtime/limits.js";
import type { EspruinoRuntime } from "./runtime/index.js";
import { endpointsOf, failure, wantedPort, type Assembly, type Load, type Simulator } from "./simulation.js";

/** Without a speed the machine's own is cost enough. */
const COSTS = { turn: 0, callback: 0, look: 0 };

const READY_MS = 10_000;
const POLL_MS = 10;

/** For each port that the board is configured to use, the real one; 0 until any was chosen. */
interface PortMap {
  tcp: Map<number, number>;
  udp: Map<number, number>;
}

export async function startSimulated(assembly: Assembly): Promise<Simulator> {
  const { options, config, spec, peripherals, chips, bundle, boot } = assembly;
  const ports = portMap(assembly);
  const network = new LoopbackNetwork(ports);
  const pty: Pty | undefined = config.links?.serial && (await openPty());
  const like = speedFor(options.speed);
  const limits = { ...limitsOf(spec), ...(like && speedOf(like)) };
  let started = realClock.now();
  const board = startBoard({
    limits,
    ...{ config, bundle, boot, network, peripherals, chips },
    clock: like ? patientClock : realClock,
    seed: options.seed ?? 1,
    ...(!like && { costs: COSTS }),
    files: assembly.modules,
    ...(options.log && { log: options.log }),
  });
  const stop = async (): Promise<void> => {
    board.powerOff();
    await network.closed();
    pty?.close();
  };
  if (pty) hostOnPty(board.wires[LINK]!, pty);
  try {
    await untilOpen(network, ports);
  } catch (error) {
    await stop();
    throw error;
  }
  const { links = {}, endpoints } = config;
  // the ports that were chosen stay the same over power cycles
  for (const kind of ["tcp", "udp"] as const)
    for (const port of [...ports[kind].keys()]) ports[kind].set(port, network.realPort(kind, port)!);
  const tcp = (port: number): string => `tcp://127.0.0.1:${ports.tcp.get(port)}`;
  return {
    links: {
      ...(links.tcp && { tcp: tcp(links.tcp.port) }),
      ...(links.udp && { udp: `udp://127.0.0.1:${ports.udp.get(links.udp.port)}` }),
      ...(pty && { serial: `serial:${pty.path}?baud=${links.serial!.baud}` }),
    },
    endpoints: endpointsOf(endpoints, ({ port }) => ports.tcp.get(port)!),
    peripherals,
    chips,
    wires: board.wires,
    memory: () => Promise.resolve(board.memory()),
    ...(like && { load: () => loadOf(board.runtime, realClock.now() - started, limits.eventQueue) }),
    powerCycle: async () => {
      started = realClock.now();
      board.powerCycle();
      await untilOpen(network, ports);
    },
    stop,
  };
}

function speedFor(id: string | undefined): BoardSpec | undefined {
  if (id === undefined) return undefined;
  const counted = boards.filter((board) => board.builds.length > 0 && countedOf(board) > 0);
  const spec = counted.find((board) => board.id === id);
  if (spec) return spec;
  throw failure("EINVAL", `nobody has counted the speed of ${id}: choose ${counted.map((each) => each.id).join(", ")}`);
}

function loadOf({ spent, mostQueued, counters }: EspruinoRuntime, ms: number, size: number): Load {
  const shares = Object.entries(spent).map(([work, busy]) => [work, busy / ms]);
  const queue = { size, most: mostQueued, dropped: counters.dropped };
  return { shares: Object.fromEntries(shares) as Load["shares"], queue };
}

/** Boards that must join a network first take their time. */
async function untilOpen(network: LoopbackNetwork, ports: PortMap): Promise<void> {
  const end = realClock.now() + READY_MS;
  for (;;) {
    await network.ready().catch((cause: NodeJS.ErrnoException) => {
      throw failure(cause.code ?? "EIO", `${cause.message}: choose another port, or 0 for any`, cause);
    });
    const missing = (["tcp", "udp"] as const).flatMap((kind) =>
      [...ports[kind].keys()].filter((port) => network.realPort(kind, port) === undefined),
    );
    if (missing.length === 0) return;
    if (realClock.now() > end)
      throw failure("ETIMEDOUT", `the firmware did not open port ${missing.join(", ")}: see what the board printed`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function portMap({ options, config }: Assembly): PortMap {
  const { tcp = 0, udp = 0 } = options.ports ?? {};
  const map: PortMap = { tcp: new Map(), udp: new Map() };
  if (config.links?.tcp) map.tcp.set(config.links.tcp.port, tcp);
  if (config.links?.udp) map.udp.set(config.links.udp.port, udp);
  for (const endpoint of config.endpoints ?? []) map.tcp.set(endpoint.port, wantedPort(endpoint, options.ports));
  return map;
}
