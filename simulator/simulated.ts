/** A simulation in real time on the runtime of our own. */
import { LINK, startBoard } from "./board.js";
import { realClock } from "./clock.js";
import { LoopbackNetwork } from "./network/loopback.js";
import { hostOnPty, openPty, type Pty } from "./pty.js";
import { limitsOf } from "./runtime/limits.js";
import { failure, type Assembly, type Simulator } from "./simulation.js";

/** The machine's own speed is cost enough. */
const COSTS = { turn: 0, callback: 0, look: 0 };

export async function startSimulated(assembly: Assembly): Promise<Simulator> {
  const { options, config, spec, peripherals, bundle, boot } = assembly;
  const ports = portMap(assembly);
  const network = new LoopbackNetwork(ports);
  const pty: Pty | undefined = config.links?.serial && (await openPty());
  const board = startBoard({
    limits: limitsOf(spec),
    ...{ config, bundle, boot, network, peripherals },
    clock: realClock,
    seed: options.seed ?? 1,
    costs: COSTS,
    ...(options.log && { log: options.log }),
  });
  const stop = async (): Promise<void> => {
    board.powerOff();
    pty?.close();
    return Promise.resolve();
  };
  if (pty) hostOnPty(board.wires[LINK]!, pty);
  try {
    await network.ready();
  } catch (cause) {
    await stop();
    const { code = "EIO", message } = cause as NodeJS.ErrnoException;
    throw failure(code, `${message}: choose another port, or 0 for any`, cause);
  }
  const tcp = (port: number): string => `tcp://127.0.0.1:${network.realPort("tcp", port) ?? lost(port)}`;
  const { links = {}, endpoints = [] } = config;
  // the ports that were chosen stay the same over power cycles
  for (const port of [...ports.tcp.keys()]) ports.tcp.set(port, network.realPort("tcp", port) ?? lost(port));
  for (const port of [...ports.udp.keys()]) ports.udp.set(port, network.realPort("udp", port) ?? lost(port));
  return {
    links: {
      ...(links.tcp && { tcp: tcp(links.tcp.port) }),
      ...(links.udp && { udp: `udp://127.0.0.1:${ports.udp.get(links.udp.port)}` }),
      ...(pty && { serial: `serial:${pty.path}?baud=${links.serial!.baud}` }),
    },
    endpoints: Object.fromEntries(endpoints.map(({ device, port }) => [device, { raw: tcp(port) }])),
    peripherals,
    wires: board.wires,
    memory: () => Promise.resolve(board.memory()),
    powerCycle: async () => {
      board.powerCycle();
      await network.ready();
    },
    stop,
  };
}

function lost(port: number): never {
  throw failure("EIO", `the firmware did not open port ${port}: see what the board printed`);
}

/** The real port for each that the board is configured to use. */
function portMap({ options, config }: Assembly): { tcp: Map<number, number>; udp: Map<number, number> } {
  const { tcp = 0, udp = 0, raw = {} } = options.ports ?? {};
  const map = { tcp: new Map<number, number>(), udp: new Map<number, number>() };
  if (config.links?.tcp) map.tcp.set(config.links.tcp.port, tcp);
  if (config.links?.udp) map.udp.set(config.links.udp.port, udp);
  for (const { port, device } of config.endpoints ?? []) map.tcp.set(port, raw[device] ?? 0);
  return map;
}
