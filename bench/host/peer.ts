/** The program of the other process: listens, tells its port, and takes what comes or sends it back. */
import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import type { PeerKind } from "./peer-process.js";
import { responder } from "./responder.js";
import { listenYamux } from "./yamux.js";

function bare(serve: (socket: Socket) => void): Server {
  return createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    socket.on("error", () => undefined);
    serve(socket);
  });
}

async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1", 2048);
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

/** Each gives the port where it listens. */
const servers: Record<PeerKind, () => Promise<number>> = {
  "bare.discard": () => listen(bare((socket) => void socket.on("end", () => socket.end()).resume())),
  "bare.echo": () => listen(bare((socket) => void socket.pipe(socket))),
  devsock: () => listen(responder(false)),
  "devsock.keyed": () => listen(responder(true)),
  "yamux.default": () => listenYamux("default", false),
  "yamux.large": () => listenYamux("large", false),
  "yamux.default.noise": () => listenYamux("default", true),
  "yamux.large.noise": () => listenYamux("large", true),
};

process.send!(await servers[process.argv[2] as PeerKind]());
// Asked for it, the CPU time used so far, in µs.
process.on("message", () => {
  const { user, system } = process.cpuUsage();
  process.send!(user + system);
});
process.on("disconnect", () => process.exit(0));
