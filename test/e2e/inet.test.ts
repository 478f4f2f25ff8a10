import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, get } from "node:http";
import { AF_INET, SOCK_DGRAM, SOCK_STREAM, sockets as bsd } from "../../host/index.js";
import type { SocketStream } from "../../host/index.js";
import type { MemoryStream } from "../../simulator/network/memory-stream.js";
import { everyByte } from "./payloads.js";
import { Client, Rig, withFirmware } from "./rig.js";
import type { RigOptions } from "./rig.js";

const PORT = 8080;
/** Most that the board keeps of a connection, each way, in bytes. */
const MOST_KEPT = 6_000;

/** A board that is allowed to open sockets of its network. */
function inetRig(options: RigOptions = {}): Rig {
  return new Rig({ ...options, config: { inet: true } });
}

describe("end to end: AF_INET, sockets of the board's own network", function () {
  this.timeout(20_000);
  withFirmware();

  it("serial: a host without a network fetches a page from a server on the board's LAN", async () => {
    const rig = inetRig();
    const page = everyByte(20_000);
    let asked = "";
    rig.network.serve(PORT, (client) => {
      client.onData((data) => {
        asked += Buffer.from(data).toString();
        if (!asked.endsWith("\r\n\r\n")) return;
        client.write(Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${page.length}\r\nConnection: close\r\n\r\n`));
        client.write(page);
        client.end();
      });
    });
    const host = await rig.connect("serial");
    const body = new Promise<Buffer>((resolve, reject) => {
      const createConnection = (): SocketStream => host.net.connect({ host: "127.0.0.1", port: PORT });
      get({ host: "lan", path: "/page", createConnection }, (response) => {
        const parts: Buffer[] = [];
        response.on("data", (part: Buffer) => parts.push(part));
        response.on("end", () => resolve(Buffer.concat(parts)));
      }).on("error", reject);
    });
    const got = await rig.during(body);
    assert.match(asked, /^GET \/page HTTP\/1.1\r\n/);
    assert.ok(got.equals(page));
    await rig.finish();
  });

  for (const kind of ["tcp", "udp", "serial"] as const)
    it(`${kind}: bytes go both ways at once, whole and in order`, async () => {
      const rig = inetRig({ network: { latency: 3, rate: 60_000 } });
      rig.network.serve(PORT, (client) => {
        client.onData((data) => client.write(data));
        client.onClose(() => client.end());
      });
      const host = await rig.connect(kind);
      const socket = host.net.connect({ host: "127.0.0.1", port: PORT });
      const sent = everyByte(40_000);
      const back: Buffer[] = [];
      let length = 0;
      socket.on("data", (data: Buffer) => {
        back.push(data);
        if ((length += data.length) === sent.length) socket.end();
      });
      const closed = once(socket, "close");
      socket.write(sent);
      await rig.during(closed);
      assert.ok(Buffer.concat(back).equals(sent));
      await rig.finish();
    });

  it("a host that does not read holds the LAN's server back, and not in the board's memory", async () => {
    const rig = inetRig();
    let server!: MemoryStream;
    rig.network.serve(PORT, (client) => {
      server = client;
      client.write(Buffer.alloc(80_000, "x"));
    });
    const host = await rig.connect("serial");
    const socket = host.net.connect({ host: "127.0.0.1", port: PORT });
    await rig.run(10_000);
    const before = rig.board.memory().usage;
    await rig.run(20_000);
    assert.equal(rig.board.memory().usage, before);
    const read = 80_000 - server.pending - server.unread;
    assert.ok(read < 16_384 + 4_096 + MOST_KEPT, `the board read ${read} bytes`);
    let length = 0;
    socket.on("data", (data: Buffer) => void (length += data.length));
    await rig.until(() => length === 80_000);
    socket.destroy();
    await rig.finish();
  });

  it("a server that does not read holds the host back; meanwhile others on the link go on", async () => {
    const rig = inetRig();
    let server!: MemoryStream;
    rig.network.serve(PORT, (client) => {
      server = client;
      client.pause();
      client.onData(() => {});
    });
    const host = await rig.connect("serial");
    const socket = host.net.connect({ host: "127.0.0.1", port: PORT });
    let written = false;
    socket.write(Buffer.alloc(100_000), () => (written = true));
    await rig.run(20_000);
    assert.equal(written, false);
    const kept = socket.bytesAcknowledged - server.peer.unread;
    assert.ok(kept > 0 && kept < MOST_KEPT, `the board keeps ${kept} bytes`);
    assert.equal((await rig.during(host.info())).board, "linux");
    server.pause(false);
    await rig.until(() => written);
    socket.destroy();
    await rig.finish();
  });

  it("what a server says goes on while it is written to, though the host does not read yet", async () => {
    const rig = inetRig();
    let got = 0;
    rig.network.serve(PORT, (client) => {
      client.onData((data) => void (got += data.length));
      client.write(Buffer.alloc(50_000));
    });
    const host = await rig.connect("tcp");
    const socket = host.net.connect({ host: "127.0.0.1", port: PORT });
    await rig.run(1000);
    socket.write(Buffer.alloc(2000));
    await rig.until(() => got === 2000);
    socket.destroy();
    await rig.finish();
  });

  it("a connection that the server closes ends the socket after its last byte, and takes nothing more", async () => {
    const rig = inetRig();
    rig.network.serve(PORT, (client) => {
      client.write(Buffer.from("bye"));
      client.end();
    });
    const host = await rig.connect("serial");
    const socket = await rig.during(host.open(`/inet/127.0.0.1/${PORT}`));
    let said = "";
    socket.on("data", (data: Buffer) => void (said += data.toString()));
    await rig.during(once(socket, "end"));
    assert.equal(said, "bye");
    const failed = once(socket, "error").then(([error]) => Promise.reject(error as Error));
    socket.write("too late");
    await rig.rejected(failed, "EPIPE", /closed the connection/);
    await rig.finish({ unsent: 8 });
  });

  it("a connection that is reset while it is written to fails with ECONNRESET", async () => {
    const rig = inetRig();
    let server!: MemoryStream;
    rig.network.serve(PORT, (client) => {
      server = client;
      client.pause();
      client.onData(() => {});
    });
    const host = await rig.connect("tcp");
    const socket = host.net.connect({ host: "127.0.0.1", port: PORT });
    const failed = once(socket, "error").then(([error]) => Promise.reject(error as Error));
    socket.write(Buffer.alloc(50_000));
    await rig.run(2000);
    server.destroy();
    await rig.rejected(failed, "ECONNRESET", /before all was written/);
    await rig.finish({ unsent: { least: 1 } });
  });

  it("refuses with a reason: nobody listens, an unknown host, IPv6, other families, a wrong port", async () => {
    const rig = inetRig();
    const host = await rig.connect("serial");
    const open = (address: string): Promise<unknown> => host.open(address);
    await rig.rejected(open("/inet/127.0.0.1/9"), "ECONNREFUSED", /127\.0\.0\.1 port 9 refused the board/);
    await rig.rejected(open("/inet/printserver/80"), "ENOTFOUND", /knows no printserver; use an IP address/);
    await rig.rejected(open("/inet/::1/80"), "EAFNOSUPPORT", /IPv4 only/);
    await rig.rejected(open("/inet6/::1/80"), "EAFNOSUPPORT", /IPv4 only/);
    await rig.rejected(open("/x25/1/80"), "EAFNOSUPPORT", /no \/x25/);
    await rig.rejected(open("/inet/127.0.0.1/99999"), "EINVAL", /\/inet\/HOST\/PORT/);
    assert.throws(() => host.net.connect({ host: "::1", port: 80 }), /EAFNOSUPPORT/);
    assert.throws(() => host.net.connect({ host: "a/b", port: 80 }), /EINVAL/);
    await rig.finish();
  });

  it("is off unless the board's configuration says otherwise", async () => {
    const rig = new Rig();
    rig.network.serve(PORT, () => assert.fail("the board connected"));
    const host = await rig.connect("tcp");
    const socket = host.net.connect({ host: "127.0.0.1", port: PORT });
    const failed = once(socket, "error").then(([error]) => Promise.reject(error as Error));
    await rig.rejected(failed, "EACCES", /say "inet": true in its configuration/);
    await rig.finish();
  });

  it("connections end with the host's session", async () => {
    const rig = inetRig();
    const ends: boolean[] = [];
    rig.network.serve(PORT, (client) => client.onClose((reset) => ends.push(reset)));
    const host = await rig.connect("tcp");
    const socket = await rig.during(host.open(`/inet/127.0.0.1/${PORT}`));
    socket.on("error", () => {});
    await rig.during(host.close());
    await rig.until(() => ends.length === 1);
    await rig.finish();
  });

  it("serial: the board listens, and a host without a network serves a page to its LAN", async () => {
    const rig = inetRig();
    const host = await rig.connect("serial");
    const page = everyByte(20_000);
    const http = createServer((_, response) => response.end(page));
    const lan = await rig.during(host.net.listen(PORT));
    lan.on("connection", (socket) => http.emit("connection", socket));
    const clients = [1, 2].map((n) => {
      const client = new Client(rig.network.dial(PORT));
      return client.write(`GET /${n} HTTP/1.1\r\nHost: lan\r\nConnection: close\r\n\r\n`);
    });
    await rig.until(() => clients.every(({ closed }) => closed === "end"));
    for (const { back } of clients) {
      assert.match(back.toString("latin1", 0, 20), /^HTTP\/1\.1 200 OK/);
      assert.ok(back.subarray(-page.length).equals(page));
    }
    lan.close();
    await rig.run(1000);
    assert.throws(() => rig.network.dial(PORT), /ECONNREFUSED|nothing listens/);
    await rig.finish();
  });

  it("bytes that come before the host has accepted are not lost, and wait in the network", async () => {
    const rig = inetRig();
    const host = await rig.connect("tcp");
    const lan = await rig.during(host.net.listen(PORT));
    const client = new Client(rig.network.dial(PORT)).write(everyByte(30_000));
    await rig.run(2000);
    assert.ok(client.taken < MOST_KEPT, `the board took ${client.taken} bytes`);
    const socket = await rig.during(lan.accept());
    const got: Buffer[] = [];
    socket.on("data", (data: Buffer) => got.push(data));
    client.end();
    await rig.during(once(socket, "end"));
    assert.ok(Buffer.concat(got).equals(everyByte(30_000)));
    socket.end();
    await rig.finish();
  });

  it("refuses ports that are in use, its own too, and connections that nobody on the host takes", async () => {
    const rig = inetRig();
    const host = await rig.connect("tcp");
    for (const port of [9180, 9100]) await rig.rejected(host.net.listen(port), "EADDRINUSE", /in use; take another/);
    const lan = await rig.during(host.net.listen(PORT));
    await rig.rejected(host.net.listen(PORT), "EADDRINUSE", /listens at/);
    const other = await rig.connect("udp");
    await rig.rejected(other.net.listen(PORT), "EADDRINUSE", /in use; take another/);
    await rig.rejected(other.net.listen(0), "EINVAL", /from 1 to 65535/);
    lan.close();
    await rig.run(1000);
    // The port is free again, and ends with its host's session.
    await rig.during(other.net.listen(PORT));
    const client = new Client(rig.network.dial(PORT));
    await rig.during(other.close());
    await rig.until(() => client.closed !== "no");
    await rig.run(1000);
    assert.throws(() => rig.network.dial(PORT), /nothing listens/);
    await rig.finish();
  });

  it("more connections than the link has sockets are closed and counted", async () => {
    const rig = inetRig();
    const host = await rig.connect("tcp");
    const lan = await rig.during(host.net.listen(PORT));
    lan.on("connection", () => {});
    const clients = Array.from({ length: 9 }, () => new Client(rig.network.dial(PORT)));
    await rig.run(3000);
    const turned = clients.filter(({ closed }) => closed !== "no").length;
    assert.equal(turned, 2);
    await rig.finish({ refused: 2 });
  });

  it("serial: datagrams go to the LAN and come from it, each with its peer", async () => {
    const rig = inetRig();
    const host = await rig.connect("serial");
    const peer = rig.network.datagram(5000);
    peer.onMessage(({ data, port }) => peer.send(Buffer.concat([Buffer.from("re: "), data]), port));
    const socket = host.dgram.createSocket();
    const got: string[] = [];
    socket.on("message", (data, { address, port }) => got.push(`${address}:${port} ${data.toString()}`));
    socket.send("one\ntwo", 5000, "127.0.0.1");
    socket.send("three", 5000, "127.0.0.1");
    await rig.run(1000);
    assert.deepEqual(got, ["127.0.0.1:5000 re: one\ntwo", "127.0.0.1:5000 re: three"]);
    socket.close();
    const bound = host.dgram.createSocket().bind(7777);
    await rig.during(once(bound, "listening"));
    const first = once(bound, "message") as Promise<[Buffer, { port: number }]>;
    rig.network.datagram(6000).send(Buffer.from("unasked"), 7777);
    const [data, from] = await rig.during(first);
    assert.deepEqual([data.toString(), from.port], ["unasked", 6000]);
    await rig.finish();
  });

  it("a datagram socket with one peer has bare messages, and hears nobody else", async () => {
    const rig = inetRig();
    const host = await rig.connect("udp");
    const peer = rig.network.datagram(5000);
    let seen = 0;
    peer.onMessage(({ data, port }) => {
      seen = port;
      peer.send(data, port);
    });
    const socket = await rig.during(host.connect("/inet/127.0.0.1/5000", { type: SOCK_DGRAM }));
    const got: string[] = [];
    socket.on("message", (message) => got.push(message.toString()));
    socket.send("ping");
    await rig.run(500);
    rig.network.datagram(5001).send(Buffer.from("stranger"), seen);
    await rig.run(500);
    assert.deepEqual(got, ["ping"]);
    await rig.finish({ strange: 1 });
  });

  it("an empty datagram, which makes the interpreter close its socket, ends nothing", async () => {
    const rig = inetRig({ seed: 3 });
    const host = await rig.connect("tcp");
    const socket = host.dgram.createSocket().bind(7777);
    await rig.during(once(socket, "listening"));
    const got: string[] = [];
    socket.on("message", (data) => got.push(data.toString()));
    const peer = rig.network.datagram();
    for (let i = 0; i < 6; i++) {
      peer.send(Buffer.alloc(0), 7777);
      await rig.run(200);
      peer.send(Buffer.from(`${i}`), 7777);
      await rig.run(200);
    }
    assert.deepEqual(got, ["0", "1", "2", "3", "4", "5"]);
    await rig.finish();
  });

  it("through the BSD calls: connect, listen and accept, sendto and recvfrom on the board's network", async () => {
    const rig = inetRig();
    const board = await rig.connect("tcp");
    rig.network.serve(PORT, (client) => client.onData((data) => client.write(data)));
    const client = bsd.socket(AF_INET, SOCK_STREAM, 0, board);
    await rig.during(bsd.connect(client, { host: "127.0.0.1", port: PORT }));
    await rig.during(bsd.send(client, "echo"));
    assert.equal((await rig.during(bsd.recv(client, 100)))!.toString(), "echo");
    const server = bsd.socket(AF_INET, SOCK_STREAM, 0, board);
    await bsd.bind(server, { host: "", port: 8081 });
    await rig.during(bsd.listen(server, 2));
    const dialled = new Client(rig.network.dial(8081)).write("hello");
    const accepted = await rig.during(bsd.accept(server));
    assert.equal((await rig.during(bsd.recv(accepted, 100)))!.toString(), "hello");
    const udp = bsd.socket(AF_INET, SOCK_DGRAM, 0, board);
    await rig.during(bsd.bind(udp, { host: "", port: 7777 }));
    const peer = rig.network.datagram(5000);
    peer.onMessage(({ data, port }) => peer.send(data, port));
    await rig.during(bsd.sendto(udp, "ping", 0, { host: "127.0.0.1", port: 5000 }));
    const { data, address } = (await rig.during(bsd.recvfrom(udp, 100)))!;
    assert.deepEqual([data.toString(), address], ["ping", { host: "127.0.0.1", port: 5000 }]);
    dialled.end();
    for (const each of [client, accepted, server, udp]) await rig.during(bsd.close(each));
    await rig.finish();
  });
});
