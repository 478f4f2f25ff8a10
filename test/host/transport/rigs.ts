/** Far ends for the compliance suite: loopback servers, a terminal, a line in memory. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { serial, tcp, udp } from "../../../host/index.js";
import type { Connection } from "../../../host/index.js";
import { MemoryLine } from "../../../host/transport/memory.js";
import { VirtualClock } from "../../../simulator/clock.js";
import { openPty } from "../../../simulator/pty.js";
import type { Rig } from "../../compliance/transport.js";
import { TCP } from "../fake-board.js";

/** Chunks that came, and waiting for them in real time. */
function collector(): Pick<Rig, "received" | "chunks" | "until"> & { take: (bytes: Uint8Array) => void } {
  const chunks: Buffer[] = [];
  return {
    take: (bytes) => void chunks.push(Buffer.from(bytes)),
    chunks: () => chunks,
    received: () => Buffer.concat(chunks),
    until: async (done) => {
      for (const end = Date.now() + 5000; !done(); await new Promise((resolve) => setTimeout(resolve, 1)))
        if (Date.now() > end) throw new Error("nothing more came within 5 s");
    },
  };
}

export async function tcpRig(): Promise<Rig> {
  const sockets: Socket[] = [];
  const { take, ...far } = collector();
  const server = createServer((socket) => void sockets.push(socket.on("data", take).on("error", () => undefined)));
  await once(server.listen(0, "127.0.0.1"), "listening");
  const closed = createServer().listen(0, "127.0.0.1");
  await once(closed, "listening");
  const nobody = tcp("127.0.0.1", (closed.address() as AddressInfo).port);
  closed.close();
  return {
    transport: tcp("127.0.0.1", (server.address() as AddressInfo).port),
    ...far,
    send: (bytes) => void sockets.at(-1)!.write(bytes),
    vanish: () => sockets.at(-1)!.resetAndDestroy(),
    nobody: { transport: nobody, code: "ECONNREFUSED" },
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

export async function udpRig(): Promise<Rig> {
  const { take, ...far } = collector();
  const server = createSocket("udp4");
  let last = 0;
  server.on("message", (data, { port }) => {
    last = port;
    take(data);
  });
  await new Promise<void>((resolve) => server.bind(0, "127.0.0.1", resolve));
  const transport = udp("127.0.0.1", server.address().port);
  const closed = createSocket("udp4");
  await new Promise<void>((resolve) => closed.bind(0, "127.0.0.1", resolve));
  const nobody = udp("127.0.0.1", closed.address().port);
  closed.close();
  let open = true;
  const close = (): void => {
    if (open) server.close();
    open = false;
  };
  return {
    transport,
    ...far,
    send: (b) => server.send(b, last),
    vanish: close,
    nobody: { transport: nobody, code: "ECONNREFUSED" },
    close,
  };
}

export async function serialRig(): Promise<Rig> {
  const pty = await openPty();
  const { take, ...far } = collector();
  pty.onData(take);
  let open = true;
  const close = (): void => {
    if (open) pty.close();
    open = false;
  };
  const nobody = { transport: serial("/dev/tty.none", 115200), code: "ENOENT" };
  return { transport: serial(pty.path, 115200), ...far, send: (b) => pty.write(b), vanish: close, nobody, close };
}

export async function memoryRig(): Promise<Rig> {
  const clock = new VirtualClock();
  const { take, ...far } = collector();
  let last: Connection;
  const line = new MemoryLine("memory:line", TCP, clock, { delay: 2, rate: 100 });
  line.onaccept = (connection) => {
    last = connection;
    return { data: take, drain: () => undefined, closed: () => undefined };
  };
  return {
    transport: line.transport,
    ...far,
    until: (done) => clock.runUntil(done, 5000),
    send: (bytes) => void last.send(bytes),
    vanish: () => void last.close(),
    nobody: { transport: new MemoryLine("memory:nobody", TCP, clock).transport, code: "ECONNREFUSED" },
    close: () => undefined,
  };
}
