import assert from "node:assert/strict";
import net from "node:net";
import { networkInterfaces } from "node:os";
import { connect, systemClock } from "../../../host/index.js";
import type { Board } from "../../../host/index.js";
import * as bsd from "../../../host/sockets.js";
import { FakeBoard, TCP } from "../fake-board.js";

describe("socket", () => {
  const refused: [string, string, number, number, string][] = [
    ["historic families", bsd.AF_IPX, bsd.SOCK_STREAM, 0, "EAFNOSUPPORT"],
    ["historic families", bsd.AF_X25, bsd.SOCK_SEQPACKET, 0, "EAFNOSUPPORT"],
    ["historic families", bsd.AF_AX25, bsd.SOCK_DGRAM, 0, "EAFNOSUPPORT"],
    ["historic families", bsd.AF_ATMPVC, bsd.SOCK_STREAM, 0, "EAFNOSUPPORT"],
    ["historic families", bsd.AF_APPLETALK, bsd.SOCK_DGRAM, 0, "EAFNOSUPPORT"],
    ["families that nobody knows", "AF_TELEPATHY", bsd.SOCK_STREAM, 0, "EAFNOSUPPORT"],
    ["SOCK_PACKET", bsd.AF_INET, bsd.SOCK_PACKET, 0, "ESOCKTNOSUPPORT"],
    ["types that the family lacks", bsd.AF_UNIX, bsd.SOCK_RDM, 0, "ESOCKTNOSUPPORT"],
    ["types that the family lacks", bsd.AF_NETLINK, bsd.SOCK_RAW, 0, "ESOCKTNOSUPPORT"],
    ["protocols that the type lacks", bsd.AF_INET, bsd.SOCK_STREAM, 17, "EPROTONOSUPPORT"],
    ["protocols that the type lacks", bsd.AF_DEVICE, bsd.SOCK_STREAM, 6, "EPROTONOSUPPORT"],
  ];
  for (const [what, family, type, protocol, code] of refused)
    it(`refuses ${what}: ${family}, ${type}, ${protocol}`, () =>
      void assert.throws(() => bsd.socket(family, type, protocol), { code }));

  it("points from SOCK_PACKET to AF_PACKET", () =>
    void assert.throws(() => bsd.socket(bsd.AF_INET, bsd.SOCK_PACKET), /AF_PACKET/));
});

describe("sockets that are not connected", () => {
  const s = bsd.socket(bsd.AF_INET, bsd.SOCK_STREAM);

  it("say what is missing", async () => {
    await assert.rejects(bsd.send(s, "x"), { code: "ENOTCONN" });
    await assert.rejects(bsd.recv(s, 1), { code: "ENOTCONN" });
    assert.throws(() => bsd.getpeername(s), { code: "ENOTCONN" });
    await assert.rejects(bsd.listen(s), { code: "EDESTADDRREQ" });
    await assert.rejects(bsd.connect(s, { host: "127.0.0.1" } as never), { code: "EINVAL" });
    await assert.rejects(bsd.connect(bsd.socket(bsd.AF_DEVICE, bsd.SOCK_STREAM), "printer0"), { code: "EDESTADDRREQ" });
    await assert.rejects(bsd.listen(bsd.socket(bsd.AF_NETLINK, bsd.SOCK_STREAM)), { code: "EOPNOTSUPP" });
  });

  it("know their options", async () => {
    const set = (name: number, value: unknown): Promise<void> => bsd.setsockopt(s, bsd.SOL_SOCKET, name, value);
    const get = (name: number): Promise<unknown> => bsd.getsockopt(s, bsd.SOL_SOCKET, name);
    await set(bsd.SO_REUSEADDR, true);
    assert.equal(await get(bsd.SO_REUSEADDR), true);
    await set(bsd.SO_LINGER, { on: true, seconds: 1 });
    assert.deepEqual(await get(bsd.SO_LINGER), { on: true, seconds: 1 });
    assert.equal(await get(bsd.SO_PRIORITY), 0);
    await assert.rejects(set(bsd.SO_PRIORITY, 4), { code: "EINVAL" });
    await assert.rejects(set(bsd.SO_RCVTIMEO, -1), { code: "EINVAL" });
    await assert.rejects(set(bsd.SO_TYPE, 1), { code: "ENOPROTOOPT" });
    await assert.rejects(set(9999, 1), { code: "ENOPROTOOPT" });
    await assert.rejects(bsd.setsockopt(s, bsd.SOL_DEVICE, bsd.DEV_BAUD, 9600), { code: "ENOTCONN" });
  });
});

describe("connections that are refused", () => {
  it("leave their error in SO_ERROR", async () => {
    const server = net.createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as net.AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const s = bsd.socket(bsd.AF_INET, bsd.SOCK_STREAM);
    await assert.rejects(bsd.connect(s, { host: "127.0.0.1", port }), { code: "ECONNREFUSED" });
    assert.equal(await bsd.getsockopt(s, bsd.SOL_SOCKET, bsd.SO_ERROR), "ECONNREFUSED");
    await bsd.close(s);
  });
});

describe("listening sockets of this host", () => {
  for (const [family, address] of [
    [bsd.AF_INET, { host: "127.0.0.1", port: 0 }],
    [bsd.AF_INET6, "[::1]:0"],
  ] as const)
    it(`accept, by bind, listen and accept: ${family}`, async () => {
      const server = bsd.socket(family, bsd.SOCK_STREAM);
      await bsd.bind(server, address);
      await bsd.listen(server, 2);
      const at = bsd.getsockname(server) as { host: string; port: number };
      assert.ok(at.port > 0);
      assert.equal(await bsd.poll([{ socket: server, events: bsd.POLLIN }], 0), 0);
      const client = bsd.socket(family, bsd.SOCK_STREAM);
      const polled = bsd.poll([{ socket: server, events: bsd.POLLIN }], 5000);
      await bsd.connect(client, at);
      assert.equal(await polled, 1);
      const taken = await bsd.accept(server);
      await bsd.send(taken, "welcome");
      assert.equal(String(await bsd.recv(client, 7, bsd.MSG_WAITALL)), "welcome");
      assert.equal((bsd.getpeername(client) as { port: number }).port, at.port);
      await assert.rejects(bsd.send(server, "x"), { code: "EINVAL" });
      const second = bsd.socket(family, bsd.SOCK_STREAM);
      await bsd.bind(second, at);
      await assert.rejects(bsd.listen(second), { code: "EADDRINUSE" });
      for (const s of [client, taken, server, second]) await bsd.close(s);
    });

  it("give an accept that is given up at a signal, or after its time", async () => {
    const server = bsd.socket(bsd.AF_INET, bsd.SOCK_STREAM);
    await bsd.bind(server, { host: "127.0.0.1", port: 0 });
    await bsd.listen(server);
    await bsd.setsockopt(server, bsd.SOL_SOCKET, bsd.SO_RCVTIMEO, 10);
    await assert.rejects(bsd.accept(server), { code: "EAGAIN" });
    await assert.rejects(bsd.accept(server, { signal: AbortSignal.abort() }), { code: "ECANCELED" });
    await bsd.close(server);
  });
});

describe("datagrams of this host", () => {
  it("go where sendto says, and come with where they are from", async () => {
    const [a, b] = [bsd.socket(bsd.AF_INET, bsd.SOCK_DGRAM), bsd.socket(bsd.AF_INET, bsd.SOCK_DGRAM)];
    await bsd.bind(b, { host: "127.0.0.1", port: 0 });
    await bsd.sendto(a, "ping", 0, bsd.getsockname(b) as bsd.SocketAddress);
    const got = (await bsd.recvfrom(b, 100))!;
    assert.equal(String(got.data), "ping");
    await bsd.sendmsg(b, { data: ["po", "ng"], address: got.address as bsd.SocketAddress });
    assert.equal(String(await bsd.recv(a, 100)), "pong");
    await assert.rejects(bsd.send(b, "nowhere"), { code: "EDESTADDRREQ" });
    await bsd.setsockopt(a, bsd.SOL_SOCKET, bsd.SO_BROADCAST, true);
    for (const s of [a, b]) await bsd.close(s);
  });
});

describe("sockets of a board under the BSD calls", () => {
  let fake: FakeBoard;
  let board: Board;
  let calls: bsd.BoardSockets;

  beforeEach(async () => {
    fake = new FakeBoard(systemClock);
    board = await connect(fake.line(TCP).transport);
    calls = bsd.socketsOf(board);
  });
  afterEach(() => board.close());

  it("need no board in the address where it is known", async () => {
    const s = calls.socket(calls.AF_DEVICE, calls.SOCK_STREAM);
    await calls.setsockopt(s, calls.SOL_SOCKET, calls.SO_PRIORITY, 2);
    await calls.connect(s, "printer0:status");
    assert.match(String(await calls.recv(s, 1000)), /"answers":true/);
    await calls.recv(s, 1000);
    await assert.rejects(calls.setsockopt(s, calls.SOL_SOCKET, calls.SO_PRIORITY, 1), { code: "EISCONN" });
    await calls.close(s);
  });

  it("say what the board refuses them with", async () => {
    const s = calls.socket(calls.AF_DEVICE, calls.SOCK_STREAM);
    await assert.rejects(calls.connect(s, "nothing"), { code: "ENODEV", origin: "peer" });
    assert.equal(await calls.getsockopt(s, calls.SOL_SOCKET, calls.SO_ERROR), "ENODEV");
    // It may be tried again.
    await calls.connect(s, "echo");
    await calls.close(s);
  });

  it("give up to connect after SO_SNDTIMEO, or when they are closed", async () => {
    const s = calls.socket(calls.AF_DEVICE, calls.SOCK_STREAM);
    await calls.setsockopt(s, calls.SOL_SOCKET, calls.SO_SNDTIMEO, 20);
    await assert.rejects(calls.connect(s, ":hang"), { code: "EAGAIN" });
    const controller = new AbortController();
    const hanging = assert.rejects(calls.connect(s, ":hang", { signal: controller.signal }), { code: "ECANCELED" });
    await new Promise((resolve) => setImmediate(resolve));
    await assert.rejects(calls.connect(s, "echo"), { code: "EALREADY" });
    controller.abort();
    await hanging;
    await calls.close(s);
  });

  it("have urgent bytes that poll tells of", async () => {
    const s = calls.socket(calls.AF_DEVICE, calls.SOCK_STREAM);
    await calls.connect(s, "echo");
    const polled = { socket: s, events: calls.POLLPRI, revents: 0 };
    const waiting = calls.poll([polled], 5000);
    await calls.send(s, "!", calls.MSG_OOB);
    await waiting;
    assert.equal(polled.revents, calls.POLLPRI);
    assert.equal(String(await calls.recv(s, 1, calls.MSG_OOB)), "!");
    await assert.rejects(calls.recv(s, 1, calls.MSG_OOB), { code: "EINVAL" });
    await calls.close(s);
    const r = calls.socket(calls.AF_DEVICE, calls.SOCK_RDM);
    await calls.connect(r, "echo");
    await assert.rejects(calls.send(r, "!", calls.MSG_OOB), { code: "EOPNOTSUPP" });
    await calls.close(r);
  });

  it("are not read across the urgent mark", async () => {
    const s = calls.socket(calls.AF_DEVICE, calls.SOCK_STREAM);
    await calls.connect(s, ":marks");
    await calls.poll([{ socket: s, events: calls.POLLPRI }], 5000);
    assert.equal(String(await calls.recv(s, 100)), "before");
    assert.equal(calls.sockatmark(s), true);
    assert.equal(String(await calls.recv(s, 100)), "after");
    assert.equal(calls.sockatmark(s), false);
    await calls.close(s);
  });

  it("may listen for the board", async () => {
    const server = calls.socket(calls.AF_DEVICE, calls.SOCK_SEQPACKET);
    await calls.bind(server, "log");
    await calls.listen(server, 4);
    const socket = fake.sessions[0]!.sockets.connectTo(5, "log", 0, 2048)!;
    socket.onopen = () => {
      socket.send(Buffer.from("from the board"));
      socket.record();
      socket.end();
    };
    fake.sessions[0]!.pump();
    const taken = await calls.accept(server);
    assert.equal(String(await calls.recv(taken, 100)), "from the board");
    assert.equal(await calls.recv(taken, 100), null);
    await calls.close(taken);
    await calls.close(server);
  });

  it("ask the device for its options", async () => {
    const s = calls.socket(calls.AF_DEVICE, calls.SOCK_STREAM);
    await calls.connect(s, ":settings");
    await calls.setsockopt(s, calls.SOL_DEVICE, calls.DEV_BAUD, 19200);
    assert.equal(await calls.getsockopt(s, calls.SOL_DEVICE, calls.DEV_BAUD), 19200);
    await assert.rejects(calls.setsockopt(s, calls.SOL_DEVICE, calls.DEV_RTS, 1), {
      code: "ENOPROTOOPT",
      origin: "device",
    });
    await calls.close(s);
    const echo = calls.socket(calls.AF_DEVICE, calls.SOCK_DGRAM);
    await calls.connect(echo, "echo");
    await assert.rejects(calls.getsockopt(echo, calls.SOL_DEVICE, calls.DEV_BAUD), { code: "ENOPROTOOPT" });
    await calls.close(echo);
  });

  it("are reset by a linger of 0, and waited for with another", async () => {
    for (const [seconds, end] of [
      [0, /^ECONNRESET/],
      [2, /^done/],
    ] as const) {
      const s = calls.socket(calls.AF_DEVICE, calls.SOCK_STREAM);
      await calls.connect(s, "printer0:job");
      await calls.send(s, "receipt");
      await calls.setsockopt(s, calls.SOL_SOCKET, calls.SO_LINGER, { on: true, seconds });
      await calls.close(s);
      while (fake.ends.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      assert.match(fake.ends.pop()!, end);
    }
  });
});

describe("names and numbers", () => {
  it("of services, protocols and hosts", async () => {
    assert.equal(bsd.getservbyname("pdl-datastream")!.port, 9100);
    assert.equal(bsd.getservbyname("toString"), null);
    assert.equal(bsd.getservbyport(631)!.name, "ipp");
    assert.equal(bsd.getservbyport(1), null);
    assert.equal(bsd.getprotobyname("udp")!.number, 17);
    assert.equal(bsd.getprotobyname("nothing"), null);
    const found = await bsd.getaddrinfo("127.0.0.1", "http", { type: bsd.SOCK_STREAM });
    assert.deepEqual(found, [
      { family: bsd.AF_INET, type: bsd.SOCK_STREAM, protocol: 6, address: { host: "127.0.0.1", port: 80 } },
    ]);
    assert.equal((await bsd.getaddrinfo("::1", 9100)).length, 2);
    await assert.rejects(bsd.getaddrinfo("127.0.0.1", "nothing"), { code: "EAI_SERVICE" });
    assert.equal((await bsd.getnameinfo({ host: "127.0.0.1", port: 9100 })).service, "pdl-datastream");
    await assert.rejects(bsd.getnameinfo({ host: "localhost", port: 1 }), { code: "EINVAL" });
  });

  it("of interfaces", async () => {
    const names = (await bsd.if_nameindex()).map(({ name }) => name);
    assert.deepEqual(names.sort(), Object.keys(networkInterfaces()).sort());
    for (const name of names) assert.ok((await bsd.if_nametoindex(name)) > 0);
    assert.equal(await bsd.if_nametoindex("no such one"), 0);
  });

  it("in the order of the network", () => {
    const memory = new Uint16Array([bsd.htons(0x1234)]);
    assert.deepEqual([...new Uint8Array(memory.buffer)], [0x12, 0x34]);
    const wide = new Uint32Array([bsd.htonl(0xfedcba98)]);
    assert.deepEqual([...new Uint8Array(wide.buffer)], [0xfe, 0xdc, 0xba, 0x98]);
    assert.equal(bsd.ntohl(bsd.htonl(0xfedcba98)), 0xfedcba98);
    assert.equal(bsd.ntohs(bsd.htons(9100)), 9100);
  });
});
