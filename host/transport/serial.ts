/** Frames over a serial port: a cable, USB, or a pseudo terminal. */
import { realpathSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import type * as Serial from "serialport";
import { systemClock } from "../clock.js";
import { canceled, DevsockError, fromNode } from "../errors.js";
import { Pace } from "./pace.js";
import type { PacedPort } from "./pace.js";
import { gated, leastByteTime } from "./transport.js";
import type { Connection, Gate, Transport } from "./transport.js";

/** Longest payload: 23 ms of wire at 115200 baud, the longest that an urgent frame waits. */
const PAYLOAD = 256;
const FRAME = PAYLOAD + 12;

/** How often a look is taken whether the port is still there, and how long closing waits for the far end, in ms. */
const WATCH = 1000;
const LINGER = 200;

/**
 * The line is left alone so long after it was used, in ms: opening a terminal again may drop what is on its way there,
 * and a board that gets the end of one session and the start of the next in one chunk misses the start (300 ms).
 */
const PAUSE = 20;

export function serial(path: string, baud: number): Transport {
  return gated(
    { kind: "serial", path, baud },
    { payload: PAYLOAD, reliable: false, datagram: false, ...(isUart(path) && { byteTime: leastByteTime(baud) }) },
    (gate, address, signal) => open(path, baud, address, gate, signal),
  );
}

/** Whether the baud rate of the device is the line's own: USB's own serial devices and pseudo terminals have no line. */
function isUart(path: string): boolean {
  try {
    return /^\/dev\/tty(S|USB|AMA)\d+$/.test(realpathSync(path));
  } catch {
    return false;
  }
}

async function open(
  path: string,
  baud: number,
  address: string,
  gate: Gate,
  signal: AbortSignal | undefined,
): Promise<Connection> {
  const port = signal?.aborted ? undefined : await openPort(path, baud);
  if (port && !signal?.aborted) return attach(port, path, baud, gate);
  if (port?.isOpen) await new Promise<void>((resolve) => port.close(() => resolve()));
  throw canceled(signal!, `opening ${address} was given up`, address);
}

/** Opens a serial port for this program alone. @throws DevsockError with what to do */
export async function openPort(path: string, baud: number): Promise<Serial.SerialPort> {
  const { SerialPort } = await load(path);
  const port = new SerialPort({ path, baudRate: baud, autoOpen: false, highWaterMark: 2 * FRAME });
  await new Promise<void>((resolve, reject) =>
    port.open((error) => (error ? reject(fromNode(coded(error), "serial", path)) : resolve())),
  );
  return port;
}

/** Ports of USB cables, and of a Raspberry Pi, by their names. */
const PORTS = /^(ttyACM|ttyUSB|ttyAMA|cu\.usb)/;

/** Serial ports that the system knows, with what it says of them. */
export async function listPorts(): Promise<{ path: string; about: string }[]> {
  try {
    const { SerialPort } = await load("serial:");
    const found = await SerialPort.list();
    // Linux lists UARTs that nothing is soldered to.
    const there = found.filter(({ path, vendorId }) => vendorId !== undefined || !/^\/dev\/ttyS\d+$/.test(path));
    return there.map(({ path, manufacturer }) => ({ path, about: manufacturer ?? "" }));
  } catch {
    // On Linux that takes udev, which containers have not.
    const names = await readdir("/dev").catch((): string[] => []);
    return names.filter((name) => PORTS.test(name)).map((name) => ({ path: `/dev/${name}`, about: "" }));
  }
}

/** Its native part may be missing on an unusual system: then only serial links are. */
async function load(path: string): Promise<typeof Serial> {
  try {
    return await import("serialport");
  } catch (cause) {
    const text = "ENOTSUP: the package serialport does not work here; run npm ci again, or use tcp:// or udp://";
    throw new DevsockError(text, { address: path, cause });
  }
}

/** The native binding says what is wrong in words only. */
function coded(error: Error): Error {
  const codes: [RegExp, string][] = [
    [/No such file/i, "ENOENT"],
    [/Permission denied/i, "EACCES"],
    [/lock|temporarily unavailable|busy/i, "EBUSY"],
    [/Inappropriate ioctl|Not a typewriter/i, "ENOTTY"],
    [/Is a directory/i, "EISDIR"],
    [/Not a directory/i, "ENOTDIR"],
    [/Invalid|baud/i, "EINVAL"],
    [/No such device|disconnected/i, "ENODEV"],
  ];
  const code = codes.find(([pattern]) => pattern.test(error.message))?.[1];
  return code ? Object.assign(new Error(error.message, { cause: error }), { code }) : error;
}

function attach(port: Serial.SerialPort, path: string, baud: number, gate: Gate): Connection {
  // The stream reads into a pool that it uses again.
  port.on("data", (data: Buffer) => gate.data(Buffer.from(data)));
  const pace = new Pace(paced(port, gate), baud, systemClock);
  const lost = (error: DevsockError): void => {
    clearInterval(watch);
    pace.stop();
    gate.closed(error);
    if (port.isOpen) port.close();
  };
  const gone = (): void => {
    const text = `ENODEV: the serial port ${path} is gone; plug the cable in again`;
    lost(new DevsockError(text, { origin: "link", address: path }));
  };
  port.on("close", gone);
  port.on("error", (error: Error) => lost(fromNode(coded(error), "serial", path)));
  // A terminal whose far end vanishes while it is being read reads as nothing for ever, without an error.
  const watch = setInterval(() => void stat(path).catch(gone), WATCH).unref();
  return {
    send(frame) {
      port.write(frame);
      return pace.gave(frame.length);
    },
    async close() {
      clearInterval(watch);
      pace.stop();
      gate.stop();
      // What a far end does not take must not hold the port for ever.
      if (port.writableLength > 0) await Promise.race([new Promise<void>((done) => port.end(done)), delay(LINGER)]);
      if (!port.isOpen) return;
      await new Promise<void>((resolve) => port.close(() => resolve()));
      await delay(PAUSE);
    },
  };
}

function paced(port: Serial.SerialPort, gate: Gate): PacedPort {
  return {
    get taken() {
      return port.writableLength === 0;
    },
    drain(done) {
      // It knows of the write under way, not of those behind it.
      port.drain(() => (port.writableLength > 0 && port.isOpen ? this.drain(done) : done()));
    },
    onready: () => gate.drain(),
  };
}
