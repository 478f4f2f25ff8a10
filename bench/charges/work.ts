/** What the firmware does all day, a piece of each: a host's bytes, its own, sensors, a print job. */
import { Firmware } from "./firmware.js";
import type { Step } from "./firmware.js";

const CONFIG = {
  board: "linux",
  name: "bench",
  buses: { i2c0: { port: "I2C1" } },
  devices: {
    printer0: { driver: "escpos", uart: "Serial1", baud: 115_200, answers: false, path: "/dev/null" },
    ecg0: { driver: "ad8232", rate: 250, pins: { out: "D1", loPlus: "D2", loMinus: "D3" } },
    light0: { driver: "max30102", bus: "i2c0", rate: 100, pins: { int: "D4" } },
    spo2: { driver: "nonin", uart: "Serial2", path: "/dev/null" },
  },
  links: { tcp: { port: 9180, insecure: true } },
};

/** Bytes of a full frame to a board. */
const FULL = 524;

/** Before a piece of work is counted it has its ways, and its parts are loaded. */
const SETTLED = 6;

export interface Work {
  /** Its row. */
  name: string;
  /** Kinds of steps that are counted together. */
  kinds: readonly string[];
  /** How many units there are in all of them. */
  units: number;
  /** What one is. */
  unit: string;
}

export const WORK: readonly Work[] = [
  { name: "charges.look", unit: "look", kinds: ["idle: look"], units: 20 },
  { name: "charges.received", unit: "frame", kinds: ["received: receive"], units: 40 },
  { name: "charges.sent", unit: "frame", kinds: ["sent: drain"], units: 60 },
  { name: "charges.ad8232", unit: "buffer", kinds: ["ecg0: flip", "ecg0: timer", "ecg0: drain"], units: 10 },
  { name: "charges.max30102", unit: "interrupt", kinds: ["light0: edge", "light0: timer", "light0: drain"], units: 10 },
  { name: "charges.nonin", unit: "byte", kinds: ["spo2: byte", "spo2: look", "spo2: drain"], units: 300 },
  {
    name: "charges.escpos",
    unit: "byte",
    kinds: ["print: timer", "print: receive", "print: drain", "print: look"],
    units: 6000,
  },
];

export async function steps(bundleDir: string): Promise<Step[]> {
  const firmware = new Firmware(bundleDir, CONFIG, ["sensors", "ad8232", "max30102", "nonin"]);
  await firmware.open();
  firmware.work = "idle";
  await firmware.run(1000);
  let buffer = 0;
  await sensor(firmware, "ecg0", 10, async () => {
    firmware.step("flip", "Qlisten.flip(Qgiven)", `Qgiven=Qbuffers[${buffer++ & 1}];Qgiven.fill(33000);`);
    await firmware.run(200);
  });
  await sensor(firmware, "light0", 10, async () => {
    firmware.step("edge", "Qlisten.int(Qgiven)", "Qgiven={time:Qtime};");
    await firmware.run(170);
  });
  await sensor(firmware, "spo2", 60, async () => {
    for (const byte of ["\\x01", "\\x80", "\\x01", "\\x00", "\\x82"])
      firmware.step("byte", "Qchar(Qgiven)", `Qgiven="${byte}";`);
    await firmware.run(13);
  });
  await received(firmware);
  await sent(firmware);
  await printed(firmware);
  return firmware.steps;
}

async function sensor(firmware: Firmware, name: string, events: number, event: () => Promise<void>): Promise<void> {
  firmware.work = `open ${name}`;
  const { signal, abort } = aborting();
  const reading = (async (): Promise<void> => {
    for await (const { kind } of firmware.board.sensor(name).samples({ signal }))
      if (kind === "gap") throw new Error(`${name} has a gap`);
  })().catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  await firmware.run(500);
  for (let i = 0; i < SETTLED; i++) await event();
  firmware.work = name;
  for (let i = 0; i < events; i++) await event();
  firmware.work = `close ${name}`;
  abort();
  await firmware.during(reading);
  await firmware.run(500);
}

function aborting(): { signal: AbortSignal; abort: () => void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}

async function received(firmware: Firmware): Promise<void> {
  firmware.work = "open discard";
  const socket = await firmware.during(firmware.board.open(":discard"));
  firmware.work = "received";
  for (let i = 0; i < 40; i++) {
    socket.write(Buffer.alloc(FULL, i));
    await firmware.run(10);
  }
  firmware.work = "close discard";
  socket.destroy();
  await firmware.run(1000);
}

async function sent(firmware: Firmware): Promise<void> {
  firmware.work = "open chargen";
  const socket = await firmware.during(firmware.board.open(":chargen"));
  socket.on("error", () => {}).resume();
  await firmware.run(20);
  firmware.work = "sent";
  await firmware.run(60);
  firmware.work = "close chargen";
  socket.destroy();
  await firmware.run(1000);
}

async function printed(firmware: Firmware): Promise<void> {
  const printer = firmware.board.printer("printer0");
  firmware.work = "first print";
  await firmware.during(printer.print(Buffer.alloc(200, "x")));
  await firmware.run(500);
  firmware.work = "print";
  await firmware.during(printer.print(Buffer.alloc(6000, "x")));
  firmware.work = "close print";
  await firmware.run(500);
}
