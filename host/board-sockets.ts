/** Sockets of a link as objects that programs use: one class a type, and how they open. */
import type { EventEmitter } from "node:events";
import { Type } from "../protocols/index.js";
import type { Socket } from "../protocols/index.js";
import { DatagramSocket, RawSocket, RdmSocket } from "./datagram-socket.js";
import { canceled, DevsockError } from "./errors.js";
import { SeqPacketSocket } from "./seqpacket-socket.js";
import { SocketStream } from "./socket-stream.js";
import type { SocketLink } from "./socket-stream.js";
import { SOCK_DGRAM, SOCK_RAW, SOCK_RDM, SOCK_SEQPACKET, SOCK_STREAM } from "./constants.js";
import type { SocketType } from "./constants.js";

/** The class of each socket type. */
export interface SocketsByType {
  [SOCK_STREAM]: SocketStream;
  [SOCK_DGRAM]: DatagramSocket;
  [SOCK_RAW]: RawSocket;
  [SOCK_RDM]: RdmSocket;
  [SOCK_SEQPACKET]: SeqPacketSocket;
}

export type BoardSocket = SocketsByType[SocketType];

/** The names of the types, for errors. */
export const TYPE_NAMES: Record<number, string> = {
  [SOCK_STREAM]: "SOCK_STREAM",
  [SOCK_DGRAM]: "SOCK_DGRAM",
  [SOCK_RAW]: "SOCK_RAW",
  [SOCK_RDM]: "SOCK_RDM",
  [SOCK_SEQPACKET]: "SOCK_SEQPACKET",
};

/** @param maxPayload longest payload of the link's frames, in bytes */
export function wrapSocket(socket: Socket, link: SocketLink, address: string, maxPayload: number): BoardSocket {
  switch (socket.type) {
    case Type.stream:
      return new SocketStream(socket, link, address);
    case Type.seqpacket:
      return new SeqPacketSocket(socket, link, address);
    case Type.rdm:
      return new RdmSocket(socket, link, address, maxPayload);
    case Type.raw:
      return new RawSocket(socket, link, address, maxPayload);
    case Type.datagram:
      return new DatagramSocket(socket, link, address, maxPayload);
  }
}

/**
 * Waits for the other end's answer.
 * @param signal a DevsockError as its reason is what the other end is told
 * @param gone makes the error of a socket that was closed meanwhile
 */
export function whenOpen<T extends BoardSocket>(
  socket: T,
  what: string,
  gone: () => DevsockError,
  signal: AbortSignal | undefined,
): Promise<T> {
  const emitter: EventEmitter = socket;
  return new Promise((resolve, reject) => {
    const settle = (error?: Error): void => {
      signal?.removeEventListener("abort", abort);
      emitter.off("connect", settle).off("error", settle).off("close", closed);
      if (error) reject(error);
      else resolve(socket);
    };
    const closed = (): void => settle(gone());
    const abort = (): void => {
      const error = canceled(signal!, `${what} was given up`, socket.address);
      const told = signal!.reason instanceof DevsockError ? signal!.reason : error;
      settle(error);
      emitter.once("error", () => undefined);
      if (socket instanceof SocketStream) socket.destroy(told);
      else socket.destroy(told.failure);
    };
    signal?.addEventListener("abort", abort);
    emitter.once("connect", settle).once("error", settle).once("close", closed);
  });
}
