import assert from "node:assert/strict";
import { once } from "node:events";
import { get } from "node:http";
import type { SocketStream } from "../../host/index.js";
import type { MemoryStream } from "../../simulator/network/memory-stream.js";
import { everyByte } from "./payloads.js";
import { Rig, withFirmware } from "./rig.js";
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
});
