import assert from "node:assert/strict";
import dgram from "node:dgram";
import { once } from "node:events";
import net from "node:net";
import { LoopbackNetwork } from "../../simulator/network/loopback.js";
import type { BoardListener, BoardStream } from "../../simulator/network/index.js";

const HOST = "127.0.0.1";

/** Polls as the interpreter's idle loop does. */
async function until<T>(poll: () => T | undefined): Promise<T> {
  for (let tries = 0; tries < 1000; tries++) {
    const value = poll();
    if (value !== undefined) return value;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  throw new Error("nothing came");
}

describe("loopback network", () => {
  const ports = { tcp: new Map([[80, 0]]), udp: new Map([[80, 0]]) };
  let network: LoopbackNetwork;
  let listener: BoardListener;
  beforeEach(async () => {
    network = new LoopbackNetwork(ports);
    listener = network.listen(80);
    await network.ready();
  });
  afterEach(async () => {
    network.reset();
    await network.closed();
  });

  async function connection(): Promise<[net.Socket, BoardStream]> {
    const client = net.connect(network.realPort("tcp", 80)!, HOST);
    return [client, await until(() => listener.accept())];
  }

  it("gives at most a chunk, then says that the client has ended", async () => {
    const [client, stream] = await connection();
    client.end(Buffer.alloc(1000, 7));
    const first = (await until(() => stream.receive(536))) as Uint8Array;
    assert.equal(first.length, 536);
    let rest = 0;
    await until(() => {
      const data = stream.receive(536);
      rest += data?.length ?? 0;
      return data === null || undefined;
    });
    assert.equal(rest, 464);
  });

  it("holds a client that sends more than is read", async () => {
    const [client] = await connection();
    let written = 0;
    const chunk = Buffer.alloc(65_536);
    for (let full = false; !full && written < 64e6; written += chunk.length) full = !client.write(chunk);
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.ok(client.writableLength > 0, "all of it was taken, though nothing was read");
    client.destroy();
  });

  it("takes no more than a buffer from a board whose client does not read", async () => {
    const [client, stream] = await connection();
    client.pause();
    let taken = 0;
    let refusals = 0;
    while (refusals < 50 && taken < 64e6) {
      const sent = stream.send(new Uint8Array(536));
      taken += Math.max(0, sent);
      refusals = sent > 0 ? 0 : refusals + 1;
      if (refusals) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    assert.equal(refusals, 50, `${taken} bytes taken`);
    client.destroy();
  });

  it("shows a reset as the end, and cuts what is refused", async () => {
    const [client, stream] = await connection();
    client.resetAndDestroy();
    await until(() => stream.receive(10) === null || undefined);
    assert.equal(stream.send(Uint8Array.of(1)), -1);
    const [second, refused] = await connection();
    const failed = once(second, "error");
    refused.refuse();
    assert.equal(((await failed) as [NodeJS.ErrnoException])[0].code, "ECONNRESET");
  });

  it("connects outwards, and throws at once when nobody listens", async () => {
    const server = net.createServer((socket) => socket.end("hello")).listen(0, HOST);
    await once(server, "listening");
    const { port } = server.address() as net.AddressInfo;
    const stream = network.connect(HOST, port);
    const data = await until(() => stream.receive(536));
    assert.equal(Buffer.from(data!).toString(), "hello");
    stream.close();
    await new Promise((resolve) => server.close(resolve));
    assert.throws(() => network.connect(HOST, port), { code: "ECONNREFUSED" });
    assert.throws(() => network.connect("nowhere.invalid", port), { code: "ENOTFOUND" });
  });

  it("passes datagrams with their sender, empty ones too", async () => {
    const board = network.bind(80);
    await network.ready();
    const client = dgram.createSocket("udp4").bind(0, HOST);
    await once(client, "listening");
    for (const text of ["abc", ""]) {
      client.send(text, network.realPort("udp", 80), HOST);
      const { data, address, port } = await until(() => board.receive());
      assert.deepEqual([Buffer.from(data).toString(), address, port], [text, HOST, client.address().port]);
    }
    const answer = once(client, "message");
    board.send({ data: Buffer.from("back"), address: HOST, port: client.address().port });
    assert.equal(String(((await answer) as [Buffer])[0]), "back");
    client.close();
  });

  it("says when a port is in use", async () => {
    const taken = network.realPort("tcp", 80)!;
    const other = new LoopbackNetwork({ tcp: new Map([[80, taken]]), udp: new Map() });
    other.listen(80);
    await assert.rejects(other.ready(), { code: "EADDRINUSE" });
  });
});
