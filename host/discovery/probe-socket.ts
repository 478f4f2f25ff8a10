/** The socket from which boards are asked, and where. */
import { createSocket } from "node:dgram";
import { networkInterfaces } from "node:os";
import { DevsockError, fromNode } from "../errors.js";

export interface ProbeSocket {
  send(frame: Uint8Array, port: number, host: string, failed: (error: DevsockError) => void): void;
  close(): void;
}

export type OpenProbeSocket = (
  heard: (data: Uint8Array, from: { address: string; port: number }) => void,
) => Promise<ProbeSocket>;

export interface Target {
  host: string;
  port: number;
  /** By the user: who cannot be asked is an error then. */
  given: boolean;
}

/** A simulated board listens there. */
const LOOPBACK = "127.0.0.1";

/** @throws DevsockError EINVAL for what is no address */
export function addressesOf(addresses: readonly string[] | undefined, port: number): Target[] {
  if (addresses && addresses.length > 0) return addresses.map((text) => parse(text, port));
  return [...broadcasts(), LOOPBACK].map((host) => ({ host, port, given: false }));
}

function parse(text: string, port: number): Target {
  const match = /^(?:udp:\/\/)?([^/:@?#\s[\]]+)(?::(\d+))?\/?$/i.exec(text);
  const at = match?.[2] === undefined ? port : Number(match[2]);
  if (!match || !(at >= 1 && at <= 65535))
    throw new DevsockError(
      `EINVAL: "${text}" is not where boards can be asked: give a host or a broadcast address, perhaps with a port, such as 192.168.1.255`,
      { address: text },
    );
  return { host: match[1]!, port: at, given: true };
}

/** The IPv4 broadcast address of each network that this computer is on. */
export function broadcasts(interfaces = networkInterfaces()): string[] {
  const found = Object.values(interfaces).flatMap((all = []) =>
    all.flatMap(({ family, internal, address, netmask }) =>
      family === "IPv4" && !internal ? [broadcastOf(address, netmask)] : [],
    ),
  );
  return [...new Set(found)];
}

function broadcastOf(address: string, netmask: string): string {
  const mask = netmask.split(".").map(Number);
  return address
    .split(".")
    .map((byte, i) => Number(byte) | (~mask[i]! & 255))
    .join(".");
}

export const openProbeSocket: OpenProbeSocket = async (heard) => {
  const socket = createSocket("udp4");
  socket.on("message", heard);
  await new Promise<void>((bound, reject) => {
    socket.once("error", (error) => reject(fromNode(error, "network", "this computer's UDP")));
    socket.bind(0, bound);
  });
  // A port where nobody listens may answer with an error of its own: that is no news.
  socket.removeAllListeners("error").on("error", () => {});
  socket.setBroadcast(true);
  return {
    send: (frame, port, host, failed) =>
      socket.send(frame, port, host, (error) => error && failed(fromNode(error, "network", `udp://${host}:${port}`))),
    close: () => void socket.close(),
  };
};
