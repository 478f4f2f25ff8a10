/** Frames over a serial port: a cable, USB, or a pseudo terminal. */
import { SerialPort } from "serialport";
import { formatAddress } from "../address.js";
import { canceled, DevsockError, fromNode } from "../errors.js";
import { Gate } from "./transport.js";
import type { Connection, Transport } from "./transport.js";

/** Longest payload: 23 ms of wire at 115200 baud, the longest that an urgent frame waits. */
const PAYLOAD = 256;
const FRAME = PAYLOAD + 12;

export function serial(path: string, baud: number): Transport {
  const address = formatAddress({ kind: "serial", path, baud });
  return {
    address,
    traits: { payload: PAYLOAD, reliable: false, datagram: false },
    open: (events, signal) => open(path, baud, address, new Gate(events), signal),
  };
}

function open(
  path: string,
  baud: number,
  address: string,
  gate: Gate,
  signal: AbortSignal | undefined,
): Promise<Connection> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(canceled(signal, `opening ${address} was given up`, address));
    const port = new SerialPort({ path, baudRate: baud, autoOpen: false, highWaterMark: 2 * FRAME });
    port.open((error) => {
      if (error) return reject(fromNode(coded(error), "serial", path));
      if (signal?.aborted) {
        port.close();
        return reject(canceled(signal, `opening ${address} was given up`, address));
      }
      resolve(attach(port, path, gate));
    });
  });
}

/** The native binding says what is wrong in words only. */
function coded(error: Error): Error {
  const codes: [RegExp, string][] = [
    [/No such file/i, "ENOENT"],
    [/Permission denied/i, "EACCES"],
    [/lock|temporarily unavailable|busy/i, "EBUSY"],
    [/Inappropriate ioctl|Is a directory|Invalid|baud|Not a typewriter/i, "EINVAL"],
    [/No such device|disconnected/i, "ENODEV"],
  ];
  const code = codes.find(([pattern]) => pattern.test(error.message))?.[1];
  return code ? Object.assign(new Error(error.message, { cause: error }), { code }) : error;
}

function attach(port: SerialPort, path: string, gate: Gate): Connection {
  const gone = (): DevsockError =>
    new DevsockError(`ENODEV: the serial port ${path} is gone; plug the cable in again`, {
      origin: "link",
      address: path,
    });
  // The stream reads into a pool that it uses again.
  port.on("data", (data: Buffer) => gate.data(Buffer.from(data)));
  port.on("drain", () => gate.drain());
  port.on("close", () => gate.closed(gone()));
  port.on("error", (error: Error) => {
    gate.closed(fromNode(coded(error), "serial", path));
    if (port.isOpen) port.close();
  });
  return {
    send: (frame) => port.write(frame),
    close() {
      if (!gate.stop() || !port.isOpen) return;
      // Not drain(): a far end that takes nothing would hold the port for ever.
      setTimeout(() => port.isOpen && port.close(), port.writableLength ? 50 : 0);
    },
  };
}
