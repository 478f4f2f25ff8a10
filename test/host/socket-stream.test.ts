import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { PassThrough, Readable } from "node:stream";
import { finished, pipeline } from "node:stream/promises";
import { connect, DevsockError, SOCK_DGRAM } from "../../host/index.js";
import type { Board } from "../../host/index.js";
import { VirtualClock } from "../../simulator/clock.js";
import { FakeBoard, SERIAL, TCP, UDP } from "./fake-board.js";
import { inTime } from "./time.js";

async function collect(stream: Readable): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

describe("a stream socket is a Duplex", () => {
  let clock: VirtualClock;
  let fake: FakeBoard;
  let board: Board;

  async function start(traits = TCP): Promise<void> {
    clock = new VirtualClock();
    fake = new FakeBoard(clock);
    board = await inTime(clock, connect(fake.line(traits, { delay: 1, rate: 1000 }).transport, { clock }));
  }

  beforeEach(() => start());

  afterEach(async () => {
    await inTime(clock, board.close());
    assert.equal(fake.sessions.at(-1)!.sockets.count, 0);
  });

  for (const [name, traits] of Object.entries({ TCP, UDP, SERIAL }))
    it(`carries a pipeline there and back, whatever the size of the pieces, over ${name}`, async () => {
      await start(traits);
      for (const size of [1, 7, 500, 5000, 100_000]) {
        const bytes = randomBytes(Math.min(200_000, size * 2000));
        const pieces: Buffer[] = [];
        for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
        const socket = await inTime(clock, board.open("echo"));
        const back = new PassThrough();
        const work = Promise.all([pipeline(Readable.from(pieces), socket, back), collect(back)]);
        const [, echoed] = await inTime(clock, work);
        assert.ok(echoed.equals(bytes), `pieces of ${size} bytes`);
      }
    });

  it("half-closes: after end() the other side still speaks", async () => {
    const socket = await inTime(clock, board.open("printer0:job"));
    socket.end("Hello\n");
    const text = (await inTime(clock, collect(socket))).toString();
    assert.match(text, /"done":true/);
    assert.equal(fake.jobs[0]!.toString(), "Hello\n");
  });

  it("asks for options of several sockets at once, as many as a board that cannot answer yet keeps", async () => {
    const sockets = await inTime(clock, Promise.all([1, 2, 3].map(() => board.open("echo"))));
    const answers = Promise.allSettled(
      sockets.flatMap((socket) => Array.from({ length: 6 }, () => socket.getOption("baud"))),
    );
    const told = (await inTime(clock, answers)).map((answer) =>
      answer.status === "rejected" ? (answer.reason as DevsockError).code : answer.status,
    );
    const expected = [...Array<string>(16).fill("ENOPROTOOPT"), "EAGAIN", "EAGAIN"];
    assert.deepEqual(told, expected);
    await assert.rejects(inTime(clock, sockets[2]!.getOption("baud")), { code: "ENOPROTOOPT" });
    for (const socket of sockets) socket.destroy();
  });

  it("holds a fast writer back while the other side takes nothing", async () => {
    fake.rate = 0;
    const socket = await inTime(clock, board.open("printer0:job"));
    let produced = 0;
    const source = new Readable({
      highWaterMark: 1000,
      read() {
        produced += 1000;
        this.push(Buffer.alloc(1000));
      },
    });
    source.pipe(socket);
    await clock.run(20_000);
    // The board's receive buffer, the writable's buffer, and a chunk or two on the way.
    assert.ok(produced <= 2048 + 16_384 + 4000, `${produced} bytes were produced`);
    assert.ok(fake.sessions[0]!.session.counters.received < 20);
    socket.destroy();
    source.destroy();
  });

  it("does not let memory grow for a slow reader", async () => {
    const socket = await inTime(clock, board.open(":chargen"));
    await clock.run(20_000);
    const [first, later] = [socket.bytesRead, await clock.run(20_000).then(() => socket.bytesRead)];
    assert.equal(later, first, "bytes came that nobody asked for");
    assert.ok(socket.readableLength <= 4096 + 524);
    let read = 0;
    socket.on("data", (data: Buffer) => (read += data.length));
    await clock.run(2000);
    assert.ok(read > 100_000, `${read} bytes were read after the pause`);
    socket.destroy();
  });

  it("leaves a buffer alone once its write is done", async () => {
    const socket = await inTime(clock, board.open("echo"));
    const whole = createHash("sha256");
    const work = collect(socket);
    const buffer = Buffer.alloc(1500);
    const writing = (async () => {
      for (let i = 0; i < 40; i++) {
        buffer.fill(i);
        whole.update(buffer);
        await new Promise<void>((resolve, reject) =>
          socket.write(buffer, (error) => (error ? reject(error) : resolve())),
        );
      }
      socket.end();
    })();
    const [echoed] = await inTime(clock, Promise.all([work, writing]));
    assert.equal(createHash("sha256").update(echoed).digest("hex"), whole.digest("hex"));
  });

  it("resets the other side when it is destroyed, and its error is the program's own", async () => {
    const socket = await inTime(clock, board.open("printer0:job"));
    socket.write(Buffer.alloc(200));
    await clock.run(100);
    socket.destroy();
    await clock.run(100);
    assert.match(fake.ends[0]!, /^ECONNRESET: the host closed/);
    const other = await inTime(clock, board.open("printer0:job"));
    const error = new Error("mine");
    const seen = new Promise((resolve) => other.once("error", resolve));
    other.destroy(error);
    assert.equal(await inTime(clock, seen), error);
  });

  it("gives the peer's reason when the peer resets it", async () => {
    const socket = await inTime(clock, board.open("echo"));
    const { sockets } = fake.sessions[0]!;
    const serverSide = (sockets as unknown as { _table: Record<number, never> })._table[1]!;
    sockets.resetSocket(serverSide, "EBUSY: the printer is being serviced; try again in a minute");
    const work = assert.rejects(finished(socket), (error: DevsockError) => {
      assert.equal(error.code, "EBUSY");
      assert.equal(error.origin, "peer");
      assert.equal(error.address, "echo");
      return true;
    });
    await inTime(clock, work);
  });

  it("counts what the other side has", async () => {
    fake.rate = 1;
    const socket = await inTime(clock, board.open("printer0:job"));
    socket.write(Buffer.alloc(10_000));
    await clock.run(3000);
    const known = socket.bytesAcknowledged;
    assert.ok(known >= 2000 && known <= 3000 + 2048 + 524, `${known}`);
    socket.destroy();
  });

  it("can be given up while it is being opened", async () => {
    const controller = new AbortController();
    const opening = board.open(":hang", { signal: controller.signal });
    opening.catch(() => undefined);
    await clock.run(100);
    controller.abort();
    await inTime(clock, assert.rejects(opening, { code: "ECANCELED" }));
    await clock.run(100);
  });

  it("is many: sockets do not wait for each other", async () => {
    fake.rate = 0;
    const stuck = await inTime(clock, board.open("printer0:job"));
    stuck.write(Buffer.alloc(50_000));
    const echo = await inTime(clock, board.open("echo"), 1000);
    echo.end("still here");
    assert.equal((await inTime(clock, collect(echo), 1000)).toString(), "still here");
    stuck.destroy();
  });

  it("refuses when the board has no socket left, and says so", async () => {
    const open = [];
    for (let i = 0; i < 8; i++) open.push(await inTime(clock, board.open("echo")));
    await inTime(clock, assert.rejects(board.open("echo"), { code: "EMFILE" }));
    for (const socket of open) socket.destroy();
    await clock.run(100);
    (await inTime(clock, board.open("echo"))).destroy();
    await clock.run(100);
  });

  it("is one of a thousand on a link, and one more is refused here", async () => {
    fake.most = 1022;
    await inTime(clock, board.close());
    board = await inTime(clock, connect(fake.line(TCP, { delay: 1, rate: 1000 }).transport, { clock }));
    const sockets = await inTime(clock, Promise.all(Array.from({ length: 1000 }, () => board.open("echo"))));
    await assert.rejects(board.open("echo"), { code: "EMFILE", origin: "local" });
    const answers = sockets.map((socket, i) => collect(socket.end(`this is ${i}`)));
    const texts = (await inTime(clock, Promise.all(answers))).map(String);
    assert.deepEqual(
      texts,
      Array.from(texts.keys(), (i) => `this is ${i}`),
    );
  });

  it("is refused for a family or a type that boards do not have", async () => {
    await assert.rejects(board.connect("echo", { family: "AF_INET" }), { code: "EAFNOSUPPORT" });
    await assert.rejects(board.connect("echo", { type: 10 as 1 }), { code: "ESOCKTNOSUPPORT" });
  });

  it("ends with the link, every socket at once", async () => {
    const sockets = [await inTime(clock, board.open("echo")), await inTime(clock, board.open(":discard"))];
    const ends = sockets.map((socket) => assert.rejects(finished(socket), { code: "ECONNRESET", origin: "link" }));
    const closed = new Promise((resolve) => board.once("close", resolve));
    fake.sessions[0]!.session.closeSession("ECONNRESET: the board restarts");
    fake.sessions[0]!.pump();
    await inTime(clock, Promise.all(ends));
    assert.ok((await closed) instanceof DevsockError);
    await inTime(clock, assert.rejects(board.open("echo"), { code: "ENOTCONN" }));
  });
});

describe("a datagram socket", () => {
  it("keeps the boundaries of messages and refuses one that is too long", async () => {
    const clock = new VirtualClock();
    const fake = new FakeBoard(clock);
    const board = await inTime(clock, connect(fake.line(UDP, { delay: 1 }).transport, { clock }));
    const socket = await inTime(clock, board.connect("echo", { type: SOCK_DGRAM }));
    const got: string[] = [];
    socket.on("message", (message) => got.push(message.toString()));
    for (const text of ["one", "two", "x".repeat(socket.maxMessage)]) socket.send(text);
    await clock.run(50);
    assert.deepEqual(got, ["one", "two", "x".repeat(516)]);
    assert.throws(() => socket.send(Buffer.alloc(517)), { code: "EMSGSIZE" });
    socket.close();
    assert.throws(() => socket.send("late"), { code: "ENOTCONN" });
    await inTime(clock, board.close());
  });
});
