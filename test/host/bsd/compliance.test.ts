import dgram from "node:dgram";
import { mkdtempSync, rmSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, systemClock } from "../../../host/index.js";
import * as bsd from "../../../host/sockets.js";
import type { SocketHandle } from "../../../host/sockets.js";
import { messageCompliance, streamCompliance } from "../../compliance/bsd-socket.js";
import type { Echo } from "../../compliance/bsd-socket.js";
import { FakeBoard, TCP } from "../fake-board.js";

async function opened(family: string, type: number, address: bsd.SocketAddress): Promise<SocketHandle> {
  const s = bsd.socket(family, type);
  await bsd.connect(s, address);
  return s;
}

/** A service of a board. */
function onBoard(type: number): () => Promise<Echo> {
  return async () => {
    const board = await connect(new FakeBoard(systemClock).line(TCP).transport);
    return { open: () => opened(bsd.AF_DEVICE, type, { board, device: "echo" }), close: () => board.close() };
  };
}

/** A server of this host. */
function listening(family: string, where: net.ListenOptions, close?: () => void): () => Promise<Echo> {
  return async () => {
    const server = net.createServer({ allowHalfOpen: true }, (socket) => socket.on("error", () => {}).pipe(socket));
    await new Promise<void>((resolve) => server.listen(where, resolve));
    const at = server.address();
    const address = typeof at === "object" && at ? { host: at.address, port: at.port } : { path: where.path! };
    return {
      open: () => opened(family, bsd.SOCK_STREAM, address),
      close: () => {
        server.close();
        close?.();
      },
    };
  };
}

async function udp(): Promise<Echo> {
  const echo = dgram.createSocket("udp4");
  echo.on("message", (message, from) => echo.send(message, from.port, from.address));
  await new Promise<void>((resolve) => echo.bind(0, "127.0.0.1", resolve));
  const { address: host, port } = echo.address();
  return { open: () => opened(bsd.AF_INET, bsd.SOCK_DGRAM, { host, port }), close: () => void echo.close() };
}

/** The other end of a pair sends back what comes. */
function pair(type: number): () => Promise<Echo> {
  return () =>
    Promise.resolve({
      open: () => {
        const [mine, other] = bsd.socketpair(bsd.AF_UNIX, type);
        void (async () => {
          for (let data; (data = await bsd.recv(other, 65_536));) await bsd.send(other, data);
          await bsd.close(other);
        })().catch(() => undefined);
        return Promise.resolve(mine);
      },
      close: () => undefined,
    });
}

const directory = mkdtempSync(join(tmpdir(), "devsock-"));

streamCompliance("AF_DEVICE", onBoard(bsd.SOCK_STREAM));
streamCompliance("AF_INET", listening(bsd.AF_INET, { host: "127.0.0.1", port: 0 }));
streamCompliance("AF_INET6", listening(bsd.AF_INET6, { host: "::1", port: 0 }));
streamCompliance(
  "AF_UNIX",
  listening(bsd.AF_UNIX, { path: join(directory, "echo") }, () => rmSync(directory, { recursive: true })),
);
streamCompliance("socketpair", pair(bsd.SOCK_STREAM));

messageCompliance("AF_DEVICE, SOCK_SEQPACKET", onBoard(bsd.SOCK_SEQPACKET), true);
messageCompliance("AF_DEVICE, SOCK_RDM", onBoard(bsd.SOCK_RDM));
messageCompliance("AF_DEVICE, SOCK_RAW", onBoard(bsd.SOCK_RAW));
messageCompliance("AF_DEVICE, SOCK_DGRAM", onBoard(bsd.SOCK_DGRAM));
messageCompliance("AF_INET, SOCK_DGRAM", udp);
messageCompliance("socketpair, SOCK_SEQPACKET", pair(bsd.SOCK_SEQPACKET), true);
messageCompliance("socketpair, SOCK_DGRAM", pair(bsd.SOCK_DGRAM));
