import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, MAX_RECORD, SOCK_DGRAM, SOCK_RAW, SOCK_RDM, SOCK_SEQPACKET, SOCK_STREAM } from "../../host/index.js";
import type { Board, SocketStream } from "../../host/index.js";
import { Phase } from "../../protocols/index.js";
import { VirtualClock } from "../../simulator/clock.js";
import { FakeBoard, SERIAL, TCP, UDP } from "./fake-board.js";
import { inTime } from "./time.js";

let clock: VirtualClock;
let fake: FakeBoard;
let board: Board;

async function start(traits = TCP): Promise<void> {
  clock = new VirtualClock();
  fake = new FakeBoard(clock);
  board = await inTime(clock, connect(fake.line(traits, { delay: 1, rate: 1000 }).transport, { clock }));
}

/** After each test nothing is left open on the board. */
async function stop(): Promise<void> {
  await inTime(clock, board.close());
  assert.equal(fake.sessions.at(-1)!.sockets.count, 0);
}

/** The board connects to a name of the host. */
function fromBoard(name: string, type: number): ReturnType<(typeof fake.sessions)[0]["sockets"]["connectTo"]> {
  const session = fake.sessions[0]!;
  const socket = session.sockets.connectTo(type, name, 0, 2048)!;
  session.pump();
  return socket;
}

describe("a seqpacket socket of a host", () => {
  beforeEach(() => start());
  afterEach(stop);

  for (const [name, traits] of Object.entries({ TCP, UDP, SERIAL }))
    it(`carries records there and back over ${name}`, async () => {
      await start(traits);
      const socket = await inTime(clock, board.connect("echo", { type: SOCK_SEQPACKET }));
      const records = [0, 1, 524, 4096, 0, 50_000].map((n) => randomBytes(n));
      const sending = Promise.all(records.map((record) => socket.send(record))).then(() => socket.end());
      const got: Buffer[] = [];
      const reading = (async () => {
        for (let record; (record = await socket.recv());) got.push(record);
      })();
      await inTime(clock, Promise.all([sending, reading]), 600_000);
      assert.deepEqual(got, records);
      await clock.run(10);
      assert.ok(socket.destroyed);
    });

  it("gives records in pieces, and skips what is not read of one", async () => {
    const socket = await inTime(clock, board.connect("echo", { type: SOCK_SEQPACKET }));
    async function* pieces(): AsyncGenerator<Buffer> {
      for (let i = 0; i < 5; i++) yield await Promise.resolve(Buffer.alloc(2000, i));
    }
    void socket.send(pieces());
    void socket.send("second");
    void socket.send("third").then(() => socket.end());
    const sizes: number[] = [];
    const reading = (async () => {
      for await (const record of socket) {
        if (sizes.length === 0) {
          // The first piece is enough.
          const first = await record.read();
          assert.ok(first!.length <= 524 && first!.every((byte) => byte === 0));
        } else for await (const piece of record) assert.ok(piece.length > 0);
        sizes.push(record.bytesRead);
      }
    })();
    await inTime(clock, reading);
    assert.ok(sizes[0]! <= 524);
    assert.deepEqual(sizes.slice(1), [6, 5]);
  });

  it("refuses to take in a record that is longer than maxRecord, and goes on with the next", async () => {
    const socket = await inTime(clock, board.connect("echo", { type: SOCK_SEQPACKET }));
    socket.maxRecord = 1000;
    for (const record of [Buffer.alloc(30_000), Buffer.from("short")]) void socket.send(record);
    await inTime(clock, assert.rejects(socket.recv(), { code: "EMSGSIZE" }));
    assert.equal(String(await inTime(clock, socket.recv())), "short");
    await assert.rejects(socket.send(Buffer.alloc(MAX_RECORD + 1)), { code: "EMSGSIZE" });
    socket.destroy();
  });

  it("loses nothing of a record when a recv is given up within it", async () => {
    const socket = await inTime(clock, board.connect("echo", { type: SOCK_SEQPACKET }));
    void socket.send(Buffer.alloc(20_000, 7));
    const controller = new AbortController();
    const given = assert.rejects(socket.recv(controller.signal), { code: "ECANCELED" });
    await clock.run(15);
    controller.abort();
    await given;
    assert.ok(socket.bytesRead > 0, "it was within the record");
    assert.deepEqual(await inTime(clock, socket.recv()), Buffer.alloc(20_000, 7));
    socket.destroy();
  });

  it("tells whole records to a listener, and holds the sender back without one", async () => {
    const socket = await inTime(clock, board.connect("echo", { type: SOCK_SEQPACKET }));
    const sending = socket.send(Buffer.alloc(100_000, 1));
    await clock.run(20_000);
    assert.ok(socket.writableNeedDrain, "the echo is not read");
    const got = once(socket, "message");
    await inTime(clock, Promise.all([got, sending]));
    assert.equal((await got)[0].length, 100_000);
    socket.close();
    await inTime(clock, once(socket, "close"));
  });
});

describe("an rdm socket of a host", () => {
  beforeEach(() => start());
  afterEach(stop);

  it("brings every message, goes first, and ends in order", async () => {
    const socket = await inTime(clock, board.connect("echo", { type: SOCK_RDM }));
    const { sockets } = fake.sessions[0]!;
    assert.equal((sockets as unknown as { _table: Record<number, { priority: number }> })._table[1]!.priority, 3);
    const got: string[] = [];
    socket.on("message", (message) => got.push(message.toString()));
    const sent = ["", "one", "x".repeat(socket.maxMessage)];
    for (const message of sent) socket.send(message);
    socket.close();
    await inTime(clock, once(socket, "close"));
    await clock.run(10);
    assert.equal(sockets.count, 0);
    assert.throws(() => socket.send("late"), { code: "ENOTCONN" });
  });

  it("says EAGAIN when its queue is full, and drain when there is room", async () => {
    const socket = await inTime(clock, board.connect("echo", { type: SOCK_RDM }));
    let taken = 0;
    const fill = (): void => {
      for (;;) {
        socket.send(`${taken}`.padStart(100, "0"));
        taken++;
      }
    };
    assert.throws(fill, { code: "EAGAIN" });
    // Nobody reads the echoes, so the board stops too.
    for (let i = 0; i < 100; i++) {
      await clock.run(100);
      try {
        fill();
      } catch {
        // As expected.
      }
    }
    const before = taken;
    await clock.run(5000);
    assert.throws(fill, { code: "EAGAIN" });
    assert.equal(taken, before);
    const drained = once(socket, "drain");
    const got: number[] = [];
    socket.on("message", (message) => got.push(Number(message)));
    await inTime(clock, drained);
    socket.end();
    await inTime(clock, once(socket, "end"));
    assert.deepEqual(
      got,
      Array.from({ length: taken }, (_, i) => i),
    );
    assert.equal(socket.dropped, 0);
  });

  it("refuses a message that does not fit", async () => {
    const socket = await inTime(clock, board.connect("echo", { type: SOCK_RDM }));
    assert.throws(() => socket.send(Buffer.alloc(socket.maxMessage + 1)), { code: "EMSGSIZE" });
    socket.destroy();
  });
});

describe("a raw socket of a host", () => {
  it("answers each transaction in its turn", async () => {
    await start();
    const socket = await inTime(clock, board.connect("echo", { type: SOCK_RAW }));
    const answers = await inTime(clock, Promise.all(["a", "", "ccc"].map((request) => socket.transact(request))));
    assert.deepEqual(answers.map(String), ["a", "", "ccc"]);
    socket.close();
    await stop();
  });
});

describe("a datagram socket with a slow reader", () => {
  it("keeps the newest and counts the others", async () => {
    await start();
    const socket = await inTime(clock, board.connect("echo", { type: SOCK_DGRAM }));
    socket.receiveBuffer = 5;
    for (let i = 0; i < 20; i++) {
      socket.send(`${i}`);
      await clock.run(10);
    }
    assert.equal(socket.dropped, 15);
    const got: string[] = [];
    for (let i = 0; i < 5; i++) got.push(String((await socket.recv())!.data));
    assert.deepEqual(got, ["15", "16", "17", "18", "19"]);
    assert.equal(socket.peek(), undefined);
    socket.close();
    assert.equal(await socket.recv(), null);
    await stop();
  });
});

describe("urgent bytes of a stream of a host", () => {
  it("overtake what waits", async () => {
    await start();
    fake.rate = 0;
    const socket = await inTime(clock, board.open("echo"));
    const came = once(socket, "urgent");
    socket.write(Buffer.alloc(60_000));
    await clock.run(2000);
    socket.sendUrgent(5);
    assert.throws(() => socket.sendUrgent(6), { code: "EAGAIN" });
    assert.equal((await inTime(clock, came))[0].byte, 5);
    assert.equal(socket.readUrgent()!.byte, 5);
    assert.equal(socket.readUrgent(), undefined);
    socket.destroy();
    await stop();
  });
});

describe("a listening socket of a host", () => {
  beforeEach(() => start());
  afterEach(stop);

  it("takes connections of the board", async () => {
    const server = board.listen("log");
    const taken = once(server, "connection");
    const socket = fromBoard("log", 1)!;
    const got: string[] = [];
    socket.ondata = (frame, from, to) => got.push(String(Buffer.from(frame.subarray(from, to))));
    const [stream] = (await inTime(clock, taken)) as [SocketStream];
    stream.end("hello board");
    await clock.run(50);
    assert.deepEqual(got, ["hello board"]);
    assert.equal(server.connections, 1);
    stream.destroy();
    server.close();
    await clock.run(50);
  });

  it("lets as many wait as its backlog, and refuses one more and other types", async () => {
    const server = board.listen("log", { backlog: 2 });
    const why: string[] = [];
    const sockets = [1, 1, 1, 2].map((type) => {
      const socket = fromBoard("log", type)!;
      socket.onclose = (failure) => why.push(failure.slice(0, failure.indexOf(":")));
      return socket;
    });
    await clock.run(50);
    assert.deepEqual(why, ["ECONNREFUSED", "ESOCKTNOSUPPORT"]);
    assert.equal(sockets[0]!.phase, Phase.opening);
    const first = await inTime(clock, server.accept());
    await clock.run(50);
    assert.equal(sockets[0]!.phase, Phase.open);
    server.close();
    await clock.run(50);
    assert.deepEqual(why.slice(2), ["ECONNREFUSED"]);
    first.destroy();
    await clock.run(50);
  });

  it("has its name alone, until it is closed", async () => {
    const server = board.listen("log", { type: SOCK_STREAM });
    assert.throws(() => board.listen("log"), { code: "EADDRINUSE" });
    const waiting = assert.rejects(server.accept(), { code: "EINVAL" });
    server.close();
    await waiting;
    board.listen("log").close();
    const socket = fromBoard("log", 1)!;
    let failure = "";
    socket.onclose = (why) => (failure = why);
    await clock.run(50);
    assert.match(failure, /^ECONNREFUSED: nobody listens at log/);
  });
});
