/** Transports over the ends of an in-memory network or UART, as a simulated board in virtual time has them. */
import type { LinkTraits } from "../../protocols/session/contract.js";
import { DevsockError, fromNode } from "../errors.js";
import { AHEAD } from "./pace.js";
import { Gate, leastByteTime } from "./transport.js";
import type { Connection, Transport, TransportTraits } from "./transport.js";

const TCP: LinkTraits = { payload: 32_772, reliable: true, datagram: false };
const UDP: LinkTraits = { payload: 516, reliable: false, datagram: true };
const SERIAL: LinkTraits = { payload: 256, reliable: false, datagram: false };

export interface StreamEnd {
  write(data: Uint8Array): boolean;
  end(): void;
  close(): void;
  onData(listener: (data: Uint8Array) => void): void;
  onDrain(listener: () => void): void;
  onClose(listener: (reset: boolean) => void): void;
}

export interface DatagramEnd {
  send(data: Uint8Array, port: number): void;
  onMessage(listener: (datagram: { data: Uint8Array; port: number }) => void): void;
  readonly close: () => void;
}

export interface UartEnd {
  readonly baud: number;
  write(data: Uint8Array): void;
  onData(listener: (data: Uint8Array) => void): void;
  /** Bytes that are on the line and not taken. */
  readonly backlog: number;
  onTaken(listener: () => void): void;
}

/** @param dial opens a connection; may throw ECONNREFUSED */
export function memoryTcp(address: string, dial: () => StreamEnd): Transport {
  return transport(address, TCP, (gate) => {
    const stream = dial();
    const text = `ECONNRESET: the board at ${address} ended the connection`;
    stream.onData((data) => gate.data(data));
    stream.onDrain(() => gate.drain());
    stream.onClose(() => gate.closed(new DevsockError(text, { origin: "link", address })));
    return {
      send: (frame) => stream.write(frame),
      close: async () => {
        if (gate.stop()) stream.end();
      },
    };
  });
}

export function memoryUdp(address: string, port: number, bind: () => DatagramEnd): Transport {
  return transport(address, UDP, (gate) => {
    const socket = bind();
    socket.onMessage((datagram) => {
      if (datagram.port === port) gate.data(datagram.data);
    });
    return {
      send: (frame) => {
        socket.send(frame, port);
        return true;
      },
      close: async () => {
        if (gate.stop()) socket.close();
      },
    };
  });
}

export function memorySerial(address: string, line: UartEnd): Transport {
  let current: Gate | undefined;
  let full = false;
  // As a real port is paced.
  const most = (AHEAD * line.baud) / 10_000;
  line.onData((data) => current?.data(data));
  line.onTaken(() => {
    if (!full || line.backlog > most) return;
    full = false;
    current?.drain();
  });
  return transport(address, { ...SERIAL, byteTime: leastByteTime(line.baud) }, (gate) => {
    current = gate;
    return {
      send: (frame) => {
        line.write(frame);
        full = line.backlog > most;
        return !full;
      },
      close: async () => void gate.stop(),
    };
  });
}

function transport(address: string, traits: TransportTraits, open: (gate: Gate) => Connection): Transport {
  return {
    address,
    traits,
    async open(events) {
      try {
        return open(new Gate(events));
      } catch (error) {
        throw fromNode(error, "network", address);
      }
    },
  };
}
