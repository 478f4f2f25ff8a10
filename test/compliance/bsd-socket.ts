/** What a socket of every family and type has to do under the BSD calls. An implementation joins with an echo. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import * as bsd from "../../host/sockets.js";
import type { SocketHandle } from "../../host/sockets.js";

/** Gives sockets that are connected to somebody who sends back what comes, and ends when the other side does. */
export interface Echo {
  open(): Promise<SocketHandle>;
  close(): Promise<void> | void;
}

const { MSG_DONTWAIT, MSG_EOR, MSG_PEEK, MSG_TRUNC, MSG_WAITALL, POLLIN, POLLNVAL, POLLOUT } = bsd;

/** What every type has in common. */
function common(make: () => Promise<Echo>): () => { echo: Echo; s: SocketHandle } {
  let echo: Echo;
  let s: SocketHandle;
  before(async () => (echo = await make()));
  after(() => echo.close());
  beforeEach(async () => (s = await echo.open()));
  afterEach(async () => {
    if (!s.closed) await bsd.close(s);
  });

  it("says EAGAIN instead of waiting when it is asked to, and when its time is over", async () => {
    await assert.rejects(bsd.recv(s, 10, MSG_DONTWAIT), { code: "EAGAIN" });
    await bsd.setsockopt(s, bsd.SOL_SOCKET, bsd.SO_RCVTIMEO, 20);
    await assert.rejects(bsd.recv(s, 10), { code: "EAGAIN" });
    assert.equal(await bsd.getsockopt(s, bsd.SOL_SOCKET, bsd.SO_ERROR), "EAGAIN");
    assert.equal(await bsd.getsockopt(s, bsd.SOL_SOCKET, bsd.SO_ERROR), 0);
    await bsd.send(s, "still here");
    await bsd.setsockopt(s, bsd.SOL_SOCKET, bsd.SO_RCVTIMEO, 0);
    assert.equal(String(await bsd.recv(s, 10, MSG_WAITALL)), "still here");
  });

  it("gives a call up at a signal, and loses nothing by it", async () => {
    const controller = new AbortController();
    const waiting = assert.rejects(bsd.recv(s, 4, 0, { signal: controller.signal }), { code: "ECANCELED" });
    await new Promise((resolve) => setImmediate(resolve));
    controller.abort();
    await waiting;
    await bsd.send(s, "four");
    assert.equal(String(await bsd.recv(s, 4, MSG_WAITALL)), "four");
  });

  it("is told of by poll and select", async () => {
    const polled = { socket: s, events: POLLIN | POLLOUT };
    assert.equal(await bsd.poll([polled], 0), 1);
    assert.equal((polled as { revents?: number }).revents, POLLOUT);
    assert.equal(await bsd.poll([{ socket: s, events: POLLIN }], 5), 0);
    const selecting = bsd.select([s], [], [], 5000);
    await bsd.send(s, "x");
    assert.deepEqual((await selecting).read, [s]);
    assert.equal(String(await bsd.recv(s, 1)), "x");
  });

  it("has one type, one peer, and is connected once", async () => {
    assert.equal(await bsd.getsockopt(s, bsd.SOL_SOCKET, bsd.SO_TYPE), s.type);
    assert.notEqual(bsd.getpeername(s), undefined);
    await assert.rejects(bsd.connect(s, "anywhere"), { code: "EISCONN" });
    await assert.rejects(bsd.accept(s), { code: "EINVAL" });
  });

  it("is nothing after it was closed", async () => {
    await bsd.close(s);
    await assert.rejects(bsd.send(s, "x"), { code: "EBADF" });
    await assert.rejects(bsd.recv(s, 1), { code: "EBADF" });
    await assert.rejects(bsd.close(s), { code: "EBADF" });
    const polled = { socket: s, events: POLLIN, revents: 0 };
    await bsd.poll([polled], 0);
    assert.equal(polled.revents, POLLNVAL);
  });

  it("answers to a callback as well", async () => {
    const got = await new Promise((resolve, reject) => {
      void bsd.send(s, "called", 0, (error, sent) => {
        if (error) return reject(error);
        assert.equal(sent, 6);
        void bsd.recv(s, 6, MSG_WAITALL, (error, data) => (error ? reject(error) : resolve(data)));
      });
    });
    assert.equal(String(got), "called");
  });

  return () => ({ echo, s });
}

export function streamCompliance(name: string, make: () => Promise<Echo>): void {
  describe(`${name}: a stream`, () => {
    const at = common(make);

    it("is bytes without boundaries", async () => {
      const { s } = at();
      const sent = randomBytes(60_000);
      const got: Buffer[] = [];
      const reading = (async () => {
        for (let data; (data = await bsd.recv(s, 997));) {
          assert.ok(data.length > 0 && data.length <= 997);
          got.push(data);
        }
      })();
      for (let i = 0; i < sent.length; i += 7000) await bsd.send(s, sent.subarray(i, i + 7000));
      await bsd.shutdown(s, bsd.SHUT_WR);
      await assert.rejects(bsd.send(s, "more"), { code: "EPIPE" });
      await reading;
      assert.ok(Buffer.concat(got).equals(sent));
    });

    it("can be looked into, and waited for as a whole", async () => {
      const { s } = at();
      await bsd.send(s, "abcdef");
      assert.equal(String(await bsd.recv(s, 1, MSG_PEEK)), "a");
      assert.equal(String(await bsd.recv(s, 6, MSG_WAITALL)), "abcdef");
      await bsd.send(s, "gh");
      setTimeout(() => void bsd.sendmsg(s, { data: ["i", "j"] }), 5);
      assert.equal(String(await bsd.recv(s, 4, MSG_WAITALL)), "ghij");
    });
  });
}

/** @param records whether the end of each message is marked */
export function messageCompliance(name: string, make: () => Promise<Echo>, records = false): void {
  describe(`${name}: messages`, () => {
    const at = common(make);

    it("keep their boundaries, and say when they were cut off", async () => {
      const { s } = at();
      for (const text of ["one", "twenty-two", "three"]) await bsd.send(s, text);
      assert.equal(String(await bsd.recv(s, 100)), "one");
      const cut = await bsd.recvmsg(s, 6);
      assert.equal(String(cut!.data), "twenty");
      assert.equal(cut!.flags, MSG_TRUNC | (records ? MSG_EOR : 0));
      const last = await bsd.recvfrom(s, 100);
      assert.equal(String(last!.data), "three");
      assert.notEqual(last!.address, undefined);
    });

    it("say when they came", async () => {
      const { s } = at();
      await bsd.setsockopt(s, bsd.SOL_SOCKET, bsd.SO_TIMESTAMP, true);
      const before = Date.now();
      await bsd.send(s, "now");
      const { timestamp } = (await bsd.recvmsg(s, 10))!.control;
      assert.ok(timestamp && timestamp.time >= before - 2 && timestamp.time <= Date.now() + 2);
    });
  });
}
