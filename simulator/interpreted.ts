/** A simulation in real time on the real interpreter: its UARTs are terminals, its ports the machine's. */
import dgram from "node:dgram";
import net from "node:net";
import { realClock } from "./clock.js";
import { LINK } from "./board.js";
import type { BoardConfig } from "./config.js";
import { startEspruino, type EspruinoProcess } from "./espruino.js";
import { standInsForBuses } from "./espruino-buses.js";
import { EspruinoPins } from "./espruino-pins.js";
import { StandIns } from "./espruino-stand-ins.js";
import { untilOpen } from "./open-ports.js";
import { boardOnPty, hostOnPty, openPty, type Pty } from "./pty.js";
import { endpointsOf, failure, wantedPort, type Assembly, type Ports, type Simulator } from "./simulation.js";
import { UartWire } from "./wire.js";

export async function startInterpreted(assembly: Assembly): Promise<Simulator> {
  const { options, spec, peripherals, chips } = assembly;
  if (!options.espruino)
    throw failure(
      "EINVAL",
      "the real interpreter is wanted and its path is not known: set ESPRUINO to its Linux build",
    );
  if (!spec.paths) throw failure("EINVAL", `the real interpreter is a PC's: its board is linux, not ${spec.id}`);
  const config = await withRealPorts(assembly.config, options.ports ?? {});
  const cables = await Cables.lay(config, peripherals);
  const pins = EspruinoPins.of(config.devices, peripherals);
  const standIns = await StandIns.open([...standInsForBuses(config.buses, chips), ...pins]);
  const close = (): void => {
    cables.close();
    standIns?.close();
  };
  const files = {
    devsock: assembly.bundle,
    "devsock.json": JSON.stringify(config),
    ...assembly.modules,
  };
  const { links = {}, endpoints = [], devices = {} } = config;
  const used = [links.serial, ...Object.values(devices)].flatMap((port) => port?.uart ?? []);
  const [first, second] = Object.keys(spec.uarts).filter((name) => !used.includes(name));
  if (!first || !second) throw failure("EINVAL", "too many UARTs are in use: leave two free for the simulator itself");
  const open = {
    tcp: [...(links.tcp ? [links.tcp.port] : []), ...endpoints.map(({ port }) => port)],
    udp: links.udp ? [links.udp.port] : [],
  };
  const start = async (directory?: string): Promise<EspruinoProcess> => {
    const { espruino, log } = options;
    for (const each of pins) each.power();
    const running = await startEspruino({
      binary: espruino!,
      files,
      boot: (standIns?.bootText() ?? "") + assembly.boot,
      variables: spec.variables,
      spareUarts: [first, second],
      uarts: used,
      directory,
      ...(log && { log }),
    });
    cables.onread = (bytes) => running.read(bytes);
    try {
      await Promise.race([untilOpen(open), running.exited.then(ended)]);
      return running;
    } catch (error) {
      await running.stop();
      throw error;
    }
  };
  let running: EspruinoProcess;
  try {
    running = await start();
  } catch (error) {
    close();
    throw error;
  }
  return {
    links: {
      ...(links.tcp && { tcp: `tcp://127.0.0.1:${links.tcp.port}` }),
      ...(links.udp && { udp: `udp://127.0.0.1:${links.udp.port}` }),
      ...(links.serial && { serial: `serial:${cables.host!.path}?baud=${links.serial.baud}` }),
    },
    endpoints: endpointsOf(endpoints, ({ port }) => port),
    peripherals,
    chips,
    wires: cables.wires,
    memory: () => running.memory(),
    powerCycle: async () => {
      await running.stop(true);
      running = await start(running.directory);
    },
    stop: async () => {
      await running.stop();
      close();
    },
  };
}

function ended(): never {
  throw failure("EIO", "the interpreter ended before the firmware was up: see what it printed");
}

/** The terminals that stand for UARTs, and the paced wires behind them. */
class Cables {
  readonly wires: Record<string, UartWire> = {};
  /** The host's end of the serial link. */
  host: Pty | undefined;
  /** So many bytes came from the board. */
  onread: (bytes: number) => void = () => {};
  private readonly ends: (() => void)[] = [];

  /** Also writes the terminals' paths into the configuration. */
  static async lay(config: BoardConfig, peripherals: Assembly["peripherals"]): Promise<Cables> {
    const cables = new Cables();
    for (const [name, device] of Object.entries(config.devices ?? {})) {
      if (device.baud === undefined) continue;
      device.path = await cables.add(name, device.baud);
      const peripheral = peripherals[name];
      if (peripheral && !("kind" in peripheral)) peripheral.connect(cables.wires[name]!.peripheral, realClock);
    }
    const link = config.links?.serial;
    if (link) {
      link.path = await cables.add(LINK, link.baud);
      const host = (cables.host = await openPty());
      hostOnPty(cables.wires[LINK]!, host);
      cables.ends.push(() => host.close());
    }
    return cables;
  }

  close(): void {
    for (const end of this.ends) end();
  }

  private async add(name: string, baud: number): Promise<string> {
    const pty = await openPty();
    const wire = (this.wires[name] = new UartWire(baud, realClock));
    pty.onData((data) => this.onread(data.length));
    const stop = boardOnPty(wire, pty, realClock);
    this.ends.push(() => (stop(), pty.close()));
    return pty.path;
  }
}

/** The interpreter cannot tell which port it was given, so the ports are chosen before it starts. */
async function withRealPorts(config: BoardConfig, ports: Ports): Promise<BoardConfig> {
  const real = structuredClone(config);
  const taken = new Set<number>();
  const choose = async (pick: (port: number) => Promise<number>, wanted = 0): Promise<number> => {
    const port = await pick(wanted);
    if (taken.has(port) && wanted === 0) return choose(pick);
    taken.add(port);
    return port;
  };
  if (real.links?.tcp) real.links.tcp.port = await choose(freeTcp, ports.tcp);
  if (real.links?.udp) real.links.udp.port = await choose(freeUdp, ports.udp);
  for (const endpoint of real.endpoints ?? []) endpoint.port = await choose(freeTcp, wantedPort(endpoint, ports));
  return real;
}

/** Opens and closes a port: the interpreter itself would share one that is in use without a word. */
async function freeTcp(port: number): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => reject(inUse(cause, port)));
    server.listen(port, "127.0.0.1", resolve);
  });
  const chosen = (server.address() as net.AddressInfo).port;
  await new Promise((resolve) => server.close(resolve));
  return chosen;
}

async function freeUdp(port: number): Promise<number> {
  const socket = dgram.createSocket("udp4");
  await new Promise<void>((resolve, reject) => {
    socket.once("error", (cause) => reject(inUse(cause, port)));
    socket.bind(port, "127.0.0.1", resolve);
  });
  const chosen = socket.address().port;
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return chosen;
}

function inUse(cause: NodeJS.ErrnoException, port: number): Error {
  return failure(cause.code ?? "EIO", `port ${port} cannot be opened: choose another port, or 0 for any`, cause);
}
