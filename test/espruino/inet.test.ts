import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, get } from "node:http";
import net from "node:net";
import { everyByte } from "../e2e/payloads.js";
import type { SocketStream } from "../../host/index.js";
import { espruino, judgedBy } from "../support/judges.js";
import { LiveBoard } from "../support/live-board.js";
import { pause, until } from "../support/wait.js";
import { freePort } from "./both.js";

const HOST = "127.0.0.1";

/** Starts a server on loopback, which stands for the board's LAN. @returns its port */
async function listening(server: net.Server): Promise<number> {
  server.listen(0, HOST);
  await once(server, "listening");
  return (server.address() as net.AddressInfo).port;
}

judgedBy([espruino], "sockets of the board's own network, on the real interpreter", function () {
  this.timeout(120_000);
  let board: LiveBoard;
  before(async () => {
    const expected = /Connect failed \(err 111\)/;
    board = await LiveBoard.start({ runtime: "espruino", config: { inet: true }, expected });
  });
  // Says so itself if the interpreter reported a fault.
  after(() => board.stop());

  it("serial: a host fetches a page from a server on the board's LAN", async () => {
    const page = everyByte(20_000);
    const server = createServer((_, response) => response.end(page));
    const port = await listening(server);
    const host = await board.connect("serial");
    const got = await new Promise<Buffer>((resolve, reject) => {
      const createConnection = (): SocketStream => host.net.connect({ host: HOST, port });
      get({ host: "lan", path: "/page", createConnection }, (response) => {
        const parts: Buffer[] = [];
        response.on("data", (part: Buffer) => parts.push(part));
        response.on("end", () => resolve(Buffer.concat(parts)));
      }).on("error", reject);
    });
    assert.ok(got.equals(page));
    server.close();
    await host.close();
  });

  it("a slow reader on either side is waited for, in little memory", async () => {
    const before = await board.idleUsage();
    let peer!: net.Socket;
    const server = net.createServer((socket) => (peer = socket.pause()));
    const port = await listening(server);
    const host = await board.connect("tcp");
    const socket = host.net.connect({ host: HOST, port });
    await once(socket, "connect");
    const there = Buffer.alloc(8_000_000);
    socket.write(there);
    peer.write(there);
    await pause(2000);
    const { usage } = await board.simulator.memory();
    assert.ok(usage - before < 1500, `${usage - before} variables`);
    let [read, came] = [0, 0];
    socket.on("data", (data: Buffer) => void (read += data.length)).on("error", () => {});
    peer.on("data", (data) => void (came += data.length)).on("error", () => {});
    peer.resume();
    const both = (): boolean => read > 300_000 && came > 300_000;
    await until(both, () => `${read} and ${came} bytes had come`, 60_000);
    socket.destroy();
    peer.destroy();
    server.close();
    await host.close();
    const after = await board.idleUsage();
    assert.ok(after <= before + 30, `${after - before} variables more`);
  });

  it("refused, unknown and reset are told in words", async () => {
    const host = await board.connect("udp");
    const refused = host.open(`/inet/${HOST}/${await freePort()}`);
    await assert.rejects(refused, /ECONNREFUSED: 127\.0\.0\.1 port \d+ refused the board/);
    await assert.rejects(host.open("/inet/no-such-host.invalid/80"), /ENOTFOUND: the board knows no no-such-host/);
    const server = net.createServer((socket) => setTimeout(() => socket.resetAndDestroy(), 100));
    const socket = await host.open(`/inet/${HOST}/${await listening(server)}`);
    await once(socket.resume(), "end");
    server.close();
    await host.close();
  });

  it("serial: the board listens, and a host serves a page to its LAN", async () => {
    const page = everyByte(20_000);
    const host = await board.connect("serial");
    const port = await freePort();
    const lan = await host.net.listen(port);
    // A connection that is kept alive outlives its server.
    const server = createServer((_, response) => response.setHeader("connection", "close").end(page));
    lan.on("connection", (socket) => server.emit("connection", socket));
    for (let n = 0; n < 2; n++) {
      const response = await fetch(`http://${HOST}:${port}/${n}`);
      assert.ok(Buffer.from(await response.arrayBuffer()).equals(page));
    }
    lan.close();
    await pause(500);
    await assert.rejects(fetch(`http://${HOST}:${port}/`));
    await host.close();
  });

  it("datagrams go to the LAN and come from it, an empty one among them", async () => {
    const host = await board.connect("tcp");
    const peer = createSocket("udp4").bind(0, HOST);
    await once(peer, "listening");
    peer.on("message", (data, { port, address }) => peer.send(data, port, address));
    const mine = await freePort();
    const socket = host.dgram.createSocket().bind(mine);
    await once(socket, "listening");
    const got: string[] = [];
    socket.on("message", (data, from) => got.push(`${data.toString()} from ${from.port}`));
    const { port } = peer.address();
    for (const word of ["one", "two"]) {
      socket.send(word, port, HOST);
      await until(
        () => got.at(-1) === `${word} from ${port}`,
        () => `got ${got.join()}`,
        5_000,
      );
      peer.send(new Uint8Array(0), mine, HOST);
      await pause(200);
    }
    peer.close();
    await host.close();
  });
});
