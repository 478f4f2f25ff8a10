/** The program of the other process: listens, tells its port, and takes what comes or sends it back. */
import { createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import type { PeerKind } from "./peer-process.js";
import { responder } from "./responder.js";

function bare(serve: (socket: Socket) => void): Server {
  return createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    socket.on("error", () => undefined);
    serve(socket);
  });
}

const servers: Record<PeerKind, () => Server> = {
  "bare.discard": () => bare((socket) => void socket.on("end", () => socket.end()).resume()),
  "bare.echo": () => bare((socket) => void socket.pipe(socket)),
  devsock: () => responder(false),
  "devsock.keyed": () => responder(true),
};

const server = servers[process.argv[2] as PeerKind]();
server.listen(0, "127.0.0.1", 2048, () => process.send!((server.address() as AddressInfo).port));
process.on("disconnect", () => process.exit(0));
