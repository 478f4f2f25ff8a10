/** What each option of SOL_SOCKET does: the table in docs/sockets.md, row by row. Times, errors and linger are in calls.test.ts. */
import assert from "node:assert/strict";
import dgram from "node:dgram";
import net from "node:net";
import { connect, systemClock } from "../../../host/index.js";
import * as bsd from "../../../host/sockets.js";
import type { Socket } from "../../../protocols/index.js";
import { FakeBoard, TCP } from "../fake-board.js";

const LOCAL = { host: "127.0.0.1", port: 0 };

function set(s: bsd.SocketHandle, name: number, value: unknown): Promise<void> {
  return bsd.setsockopt(s, bsd.SOL_SOCKET, name, value);
}

function get(s: bsd.SocketHandle, name: number): Promise<unknown> {
  return bsd.getsockopt(s, bsd.SOL_SOCKET, name);
}

/** Records the arguments of a method of Node's sockets while a test runs. */
async function recorded(prototype: object, method: string, run: () => Promise<void>): Promise<unknown[]> {
  const holder = prototype as Record<string, (...args: unknown[]) => unknown>;
  const original = holder[method]!;
  const calls: unknown[] = [];
  holder[method] = function (this: unknown, ...args: unknown[]) {
    calls.push(args[0]);
    return original.apply(this, args);
  };
  try {
    await run();
  } finally {
    holder[method] = original;
  }
  return calls;
}

describe("options of this host's sockets", () => {
  it("SO_KEEPALIVE is the system's, set before connect and after", async () => {
    const server = bsd.socket(bsd.AF_INET, bsd.SOCK_STREAM);
    await bsd.bind(server, LOCAL);
    await bsd.listen(server);
    const address = bsd.getsockname(server) as { port: number };
    const calls = await recorded(net.Socket.prototype, "setKeepAlive", async () => {
      const s = bsd.socket(bsd.AF_INET, bsd.SOCK_STREAM);
      await set(s, bsd.SO_KEEPALIVE, true);
      await bsd.connect(s, address);
      await set(s, bsd.SO_KEEPALIVE, false);
      await bsd.close(s);
    });
    assert.deepEqual(calls, [true, false]);
    await bsd.close(server);
  });

  it("SO_BROADCAST is the system's, set before bind and after", async () => {
    const calls = await recorded(dgram.Socket.prototype, "setBroadcast", async () => {
      const s = bsd.socket(bsd.AF_INET, bsd.SOCK_DGRAM);
      await set(s, bsd.SO_BROADCAST, true);
      await bsd.bind(s, LOCAL);
      await set(s, bsd.SO_BROADCAST, false);
      await bsd.close(s);
    });
    assert.deepEqual(calls, [true, false]);
  });

  it("SO_REUSEADDR lets two UDP sockets have one port, and without it there is one", async () => {
    const [first, second, third] = [1, 2, 3].map(() => bsd.socket(bsd.AF_INET, bsd.SOCK_DGRAM)) as [
      bsd.SocketHandle,
      bsd.SocketHandle,
      bsd.SocketHandle,
    ];
    for (const s of [first, second]) await set(s, bsd.SO_REUSEADDR, true);
    await bsd.bind(first, LOCAL);
    const at = bsd.getsockname(first) as { host: string; port: number };
    await bsd.bind(second, at);
    await assert.rejects(bsd.bind(third, at), { code: "EADDRINUSE" });
    for (const s of [first, second, third]) await bsd.close(s);
  });

  it("SO_RCVBUF of UDP counts messages: the newest stay", async () => {
    const [to, from] = [bsd.socket(bsd.AF_INET, bsd.SOCK_DGRAM), bsd.socket(bsd.AF_INET, bsd.SOCK_DGRAM)];
    await set(to, bsd.SO_RCVBUF, 2);
    await bsd.bind(to, LOCAL);
    const at = bsd.getsockname(to) as { host: string; port: number };
    for (const text of ["a", "b", "c"]) await bsd.sendto(from, text, 0, at);
    for (let looks = 0; looks < 200; looks++) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(String(await bsd.recv(to, 9)), "b");
    assert.equal(String(await bsd.recv(to, 9)), "c");
    for (const s of [to, from]) await bsd.close(s);
  });
});

describe("options of sockets to a board", () => {
  it("SO_TYPE, SO_PRIORITY and SO_RCVBUF travel with the connection; SO_KEEPALIVE is the link's own", async () => {
    const fake = new FakeBoard(systemClock);
    const board = await connect(fake.line(TCP).transport);
    const calls = bsd.socketsOf(board);
    let asked: Socket | undefined;
    const serve = fake.serve.bind(fake);
    fake.serve = (sockets, socket, address) => {
      asked = socket;
      serve(sockets, socket, address);
    };
    const s = calls.socket(bsd.AF_DEVICE, bsd.SOCK_STREAM);
    await set(s, bsd.SO_PRIORITY, 2);
    await set(s, bsd.SO_RCVBUF, 4096);
    await calls.connect(s, "echo");
    assert.equal(await get(s, bsd.SO_TYPE), bsd.SOCK_STREAM);
    assert.equal(asked!.priority, 2);
    assert.equal(asked!.limit, 4096, "what the board may send ahead");
    await assert.rejects(set(s, bsd.SO_PRIORITY, 1), { code: "EISCONN" });
    await assert.rejects(set(s, bsd.SO_KEEPALIVE, true), { code: "ENOPROTOOPT" });
    assert.equal(await get(s, bsd.SO_ERROR), 0);
    await board.close();
  });

  it("SO_SNDBUF bounds what waits of a reliable socket", async () => {
    const fake = new FakeBoard(systemClock);
    const board = await connect(fake.line(TCP).transport);
    const calls = bsd.socketsOf(board);
    const s = calls.socket(bsd.AF_DEVICE, bsd.SOCK_RDM);
    await set(s, bsd.SO_SNDBUF, 100);
    await calls.connect(s, "echo");
    const two = (): Promise<PromiseSettledResult<number>[]> =>
      Promise.allSettled([1, 2].map(() => calls.send(s, Buffer.alloc(80), bsd.MSG_DONTWAIT)));
    const [first, second] = await two();
    assert.equal(first!.status, "fulfilled");
    assert.equal(second!.status === "rejected" && (second!.reason as { code: string }).code, "EAGAIN");
    await set(s, bsd.SO_SNDBUF, 1000);
    for (const each of await two()) assert.equal(each.status, "fulfilled");
    await board.close();
  });
});
