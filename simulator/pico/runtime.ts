/** A simulation in real time on the emulated Pico: its time is the machine's, or slower where the machine is too slow. */
import { readFileSync } from "node:fs";
import { openPty, hostOnPty } from "../pty.js";
import { BOOT_FILE } from "../runtime/index.js";
import type { MemoryReport } from "../runtime/globals.js";
import { failure, type Assembly, type Simulator } from "../simulation.js";
import { startEmulated } from "./board.js";
import type { Machine } from "./machine.js";

/** Emulated at once before anything else has its turn, in ms. */
const SLICE_MS = 2;
/** The board may be so late, in ms, before its time is let go. */
const LATE_MS = 50;
/** Until the firmware listens on its link, emulated ms. */
const READY_MS = 700;

export async function startPico({
  options,
  spec,
  config,
  bundle,
  boot,
  modules,
  peripherals,
  chips,
}: Assembly): Promise<Simulator> {
  if (spec.id !== "pico")
    throw failure("EINVAL", `the emulated board is pico, not ${spec.id}: choose it, or another runtime`);
  const link = config.links?.serial;
  const { log = () => {} } = options;
  const files = {
    devsock: bundle,
    "devsock.json": JSON.stringify(config),
    ...modules,
    [BOOT_FILE]: boot,
  };
  const { machine, wires, cable } = startEmulated({
    ...{
      image: readBinary("ESPRUINO_PICO", options.pico?.image),
      bootRom: readBinary("PICO_BOOTROM", options.pico?.bootRom),
    },
    ...{ files, config, peripherals, chips, log },
    seed: options.seed ?? 1,
  });
  const pty = link && (await openPty());
  if (pty) hostOnPty(cable!, pty);
  if (cable !== machine.usb) machine.usb.peripheral.onData(linesTo(log));
  machine.runTo(READY_MS);
  const pace = new Pace(machine);
  return {
    links: { ...(pty && { serial: `serial:${pty.path}?baud=${link.baud}` }) },
    endpoints: {},
    peripherals,
    chips,
    wires,
    memory: () =>
      Promise.reject<MemoryReport>(failure("ENOTSUP", "an emulated board is asked for its memory with devsock status")),
    powerCycle: async () => {
      machine.powerCycle();
      machine.runTo(machine.time.now() + READY_MS);
    },
    stop: async () => {
      pace.stop();
      pty?.close();
    },
  };
}

/** Keeps the machine's time beside the real one. */
class Pace {
  /** Real time at which the machine's was 0, in ms. */
  private start: number;
  private stopped = false;

  constructor(private readonly machine: Machine) {
    this.start = performance.now() - machine.time.now();
    this.step();
  }

  stop(): void {
    this.stopped = true;
  }

  private readonly step = (): void => {
    if (this.stopped) return;
    const { machine } = this;
    const now = machine.time.now();
    const due = performance.now() - this.start;
    if (due - now > LATE_MS) this.start = performance.now() - now - LATE_MS;
    if (due > now) machine.runTo(Math.min(due, now + SLICE_MS));
    if (due > now + SLICE_MS) setImmediate(this.step);
    else setTimeout(this.step, 1);
  };
}

/** What the interpreter prints on its console, a line at a time, without the cursor's movements. */
function linesTo(log: (line: string) => void): (data: Uint8Array) => void {
  let partial = "";
  return (data) => {
    const lines = (partial + Buffer.from(data).toString("latin1")).split("\n");
    partial = lines.pop()!;
    for (const line of lines.map((raw) => raw.replace(/\x1b\[[\d;]*[A-Z]|[\r\b]/g, "").replace(/^>+/, "")))
      if (line.trim()) log(line);
  };
}

function readBinary(variable: string, path: string | undefined): Uint8Array {
  if (!path)
    throw failure(
      "EINVAL",
      `the emulated board needs files that devsock does not bring: set ${variable}, see docs/emulated-board.md`,
    );
  try {
    return readFileSync(path);
  } catch (cause) {
    throw failure("ENOENT", `${path} cannot be read: set ${variable} to the path of the file`, cause);
  }
}
