import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo, Server } from "node:net";
import { finished } from "node:stream/promises";
import type { Clock, DevsockError, Timer, Transport } from "../../host/index.js";
import { connect, tcp, udp } from "../../host/index.js";
import { faulty } from "../../host/transport/faulty.js";
import { MemoryLine } from "../../host/transport/memory.js";
import { trace } from "../../host/transport/trace.js";
import { encode, Hello, helloFrame, helloPayload, Kind, NOBODY, Step, tag, UNPROVED } from "../../protocols/index.js";
import { VirtualClock } from "../../simulator/clock.js";
import { FakeBoard, SERIAL, TCP, UDP } from "./fake-board.js";
import { inTime } from "./time.js";

describe("a link", () => {
  let clock: VirtualClock;
  let fake: FakeBoard;

  beforeEach(() => {
    clock = new VirtualClock();
    fake = new FakeBoard(clock);
  });

  it("knows what the board tells of itself", async () => {
    const board = await inTime(clock, connect(fake.line().transport, { clock }));
    assert.equal(board.terms.name, "fake");
    assert.equal(board.address, "memory:fake");
    await inTime(clock, board.close());
    await inTime(clock, board.close());
  });

  for (const [name, traits] of Object.entries({ TCP, UDP, SERIAL })) {
    it(`finds out within 40 s that a silent board is gone, over ${name}`, async () => {
      const board = await inTime(clock, connect(fake.line(traits).transport, { clock, lifetime: 0 }));
      const closed = once(board, "close");
      const start = clock.now();
      fake.sessions[0]!.die();
      const [error] = (await inTime(clock, closed)) as [DevsockError];
      assert.equal(error.code, "ETIMEDOUT");
      assert.match(error.sentence, /check the cable or the network/);
      assert.ok(clock.now() - start <= 40_000);
    });

    it(`with a job under way finds it out within 15 s, and says what to check, over ${name}`, async () => {
      fake.rate = 0.1;
      const board = await inTime(clock, connect(fake.line(traits).transport, { clock, lifetime: 0 }));
      const job = board.printer("printer0").print(Buffer.alloc(20_000, 65));
      job.catch(() => undefined);
      await clock.run(2000);
      fake.sessions[0]!.die();
      const start = clock.now();
      const words =
        /nothing was heard from memory:fake for 15 s; check the board's power and the network.*look at the paper/;
      await inTime(clock, assert.rejects(job, { code: "ETIMEDOUT", origin: "link", message: words }));
      assert.ok(clock.now() - start <= 15_100, `${clock.now() - start}`);
      await inTime(clock, board.close());
    });

    it(`keeps an hour long a socket that nobody uses, also where frames are lost, over ${name}`, async () => {
      const transport = faulty(fake.line(traits).transport, { drop: traits.reliable ? 0 : 0.05 }, clock);
      const board = await inTime(clock, connect(transport, { clock }));
      const socket = await inTime(clock, board.open("echo"));
      await clock.run(3_600_000);
      socket.write("still there");
      const [data] = (await inTime(clock, once(socket, "data"))) as [Buffer];
      assert.equal(data.toString(), "still there");
      await inTime(clock, board.close());
    });

    it(`stays for an hour when nobody says anything, and hardly speaks, over ${name}`, async () => {
      const line = fake.line(traits);
      let frames = 0;
      const counted = trace(line.transport, (text) => (frames += /^[\d.]+ >/.test(text) ? 1 : 0), clock);
      const board = await inTime(clock, connect(counted, { clock }));
      await clock.run(3_600_000);
      await inTime(clock, board.info());
      assert.ok(frames < 1600, `${frames} frames were sent`);
      await inTime(clock, board.close());
    });
  }

  it("leaves no timer behind when it is closed because the board is gone", async () => {
    const timers = new Set<Timer>();
    const counted: Clock = {
      now: () => clock.now(),
      after: (ms, run) => {
        const inner = clock.after(ms, () => (timers.delete(timer), run()));
        const timer = { cancel: () => (timers.delete(timer), inner.cancel()) };
        timers.add(timer);
        return timer;
      },
    };
    const { transport } = fake.line(UDP);
    const slow: Transport = {
      ...transport,
      async open(events) {
        const connection = await transport.open(events);
        const pause = (): Promise<void> => new Promise((resolve) => clock.after(100, resolve));
        return { send: (frame) => connection.send(frame), close: () => connection.close().then(pause) };
      },
    };
    const board = await inTime(clock, connect(slow, { clock: counted }));
    const job = board.printer("printer0").print(Buffer.alloc(20_000, 65));
    const closed = job.catch(() => board.close());
    await clock.run(500);
    fake.sessions[0]!.die();
    await inTime(clock, closed);
    assert.equal(timers.size, 0);
  });

  it("delivers what was written before close, also over a link that loses frames", async () => {
    let dropped = 0;
    for (let seed = 1; seed <= 20; seed++) {
      const transport = faulty(fake.line(UDP, { delay: 5 }).transport, { drop: 0.1, seed }, clock);
      const board = await inTime(clock, connect(transport, { clock }));
      const socket = await inTime(clock, board.open(":discard"));
      fake.discarded = Buffer.alloc(0);
      socket.end("x".repeat(3000));
      await inTime(clock, finished(socket, { readable: false }));
      await inTime(clock, board.close());
      assert.equal(fake.discarded.length, 3000, `seed ${seed}`);
      dropped += transport.counters.dropped;
    }
    assert.ok(dropped > 10);
  });

  it("gives up when the board does not answer in time", async () => {
    const line = new MemoryLine("memory:mute", SERIAL, clock);
    line.onaccept = () => ({ data: () => undefined, drain: () => undefined, closed: () => undefined });
    const attempt = connect(line.transport, { clock, timeout: 2000 });
    await inTime(clock, assert.rejects(attempt, { code: "ETIMEDOUT", message: /at memory:mute within 2 s/ }));
    assert.equal(clock.now(), 2000);
  });

  it("bears as much silence as it is told to, but no less than a question takes", async () => {
    const board = await inTime(clock, connect(fake.line(UDP).transport, { clock, silence: 7000, lifetime: 0 }));
    const socket = await inTime(clock, board.open("echo"));
    const lost = once(socket, "error");
    fake.sessions[0]!.die();
    const start = clock.now();
    const [error] = (await inTime(clock, lost)) as [DevsockError];
    assert.deepEqual([error.code, error.origin], ["ETIMEDOUT", "link"]);
    assert.ok(clock.now() - start <= 7100);
    for (const silence of [5000, NaN])
      await assert.rejects(connect(fake.line(UDP).transport, { clock, silence }), { code: "EINVAL", message: /6000/ });
  });

  for (const [what, noise, words] of [
    ["says nothing", "", /no devsock board answered at serial:x within \d+ s; check the port, the speed \(\?baud=\)/],
    ["sends garbage", "\x80\xf8\x00", /only bytes that make no sense came from serial:x .*check the speed \(\?baud=\)/],
  ] as const)
    for (const timeout of [2000, 10_000, 20_000])
      it(`on a serial line that ${what} asks for the speed, after ${timeout / 1000} s`, async () => {
        const line = new MemoryLine("serial:x", SERIAL, clock);
        line.onaccept = (connection) => ({
          data: () => noise && void connection.send(Buffer.from(noise, "latin1")),
          drain: () => undefined,
          closed: () => undefined,
        });
        const attempt = connect(line.transport, { clock, timeout });
        await inTime(clock, assert.rejects(attempt, { code: "ETIMEDOUT", origin: "link", message: words }));
      });

  it("can be given up while it is opened", async () => {
    const line = new MemoryLine("memory:mute", SERIAL, clock);
    line.onaccept = () => ({ data: () => undefined, drain: () => undefined, closed: () => undefined });
    const controller = new AbortController();
    const attempt = connect(line.transport, { clock, signal: controller.signal });
    clock.after(100, () => controller.abort());
    await inTime(clock, assert.rejects(attempt, { code: "ECANCELED" }), 200);
    await inTime(
      clock,
      assert.rejects(connect(line.transport, { clock, signal: controller.signal }), { code: "ECANCELED" }),
    );
  });

  it("says so when the other side speaks another version", async () => {
    for (const step of [Step.answer, Step.refusal]) {
      const line = new MemoryLine("memory:old", TCP, clock);
      line.onaccept = (connection) => ({
        data: (bytes) => {
          const text = step === Step.refusal ? "EPROTONOSUPPORT: this side speaks version 9" : "{}";
          const payload = helloPayload(helloFrame(step, NOBODY, helloPayload(bytes).subarray(2, 10), UNPROVED, text));
          payload[0] = Hello.version + 8;
          connection.send(encode(tag(Kind.hello, 3, 0), 0, payload, 0));
        },
        drain: () => undefined,
        closed: () => undefined,
      });
      await inTime(clock, assert.rejects(connect(line.transport, { clock }), { code: "EPROTONOSUPPORT" }));
    }
  });

  it("ends with the board's own reason when the board ends it", async () => {
    const board = await inTime(clock, connect(fake.line().transport, { clock }));
    const closed = once(board, "close");
    fake.sessions[0]!.session.closeSession("ESHUTDOWN: the board installs new firmware; connect again in a minute");
    fake.sessions[0]!.pump();
    const [error] = (await inTime(clock, closed)) as [DevsockError];
    assert.equal(error.code, "ESHUTDOWN");
    assert.equal(error.origin, "link");
  });

  it("refuses sockets that a board asks for", async () => {
    const board = await inTime(clock, connect(fake.line().transport, { clock }));
    const { sockets } = fake.sessions[0]!;
    const socket = sockets.connectTo(1, "host", 0, 1024)!;
    const failure = await inTime(clock, new Promise<string>((resolve) => (socket.onclose = resolve)));
    assert.match(failure, /^ECONNREFUSED: nobody listens at host on this host/);
    await inTime(clock, board.close());
  });

  it("can be watched, frame by frame", async () => {
    const lines: string[] = [];
    const board = await inTime(
      clock,
      connect(
        trace(fake.line().transport, (line) => lines.push(line), clock),
        { clock },
      ),
    );
    await inTime(clock, board.printer("printer0").print(Buffer.from("Hello\n")));
    await inTime(clock, board.close());
    const all = lines.join("\n");
    for (const part of [
      /^0\.0 open memory:fake$/m,
      /> hello offer \{"window":16,"payload":524/,
      /< hello answer .*"name":"fake"/,
      /> control 1 #0 open printer0:job\/\w+\/6-\w+ credit 16384/,
      /< control 1 #0 accept credit 2048/,
      /> data 1 #1 6 bytes/,
      /> control 1 #2 fin/,
      /< ack up to #\d+/,
      /> bye ECONNRESET: the host closed the link/,
    ])
      assert.match(all, part);
  });
});

describe("a link to what is no board", () => {
  let server: Server;

  async function listen(answer: string | undefined): Promise<number> {
    server = createServer((socket) => {
      socket.on("error", () => undefined);
      if (answer !== undefined) socket.on("data", () => socket.end(answer));
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    return (server.address() as AddressInfo).port;
  }

  afterEach(() => server.close());

  it("says that a web server is no board", async () => {
    const port = await listen("HTTP/1.1 400 Bad Request\r\n\r\n" + "x".repeat(500));
    await assert.rejects(connect(`tcp://127.0.0.1:${port}`), {
      code: "EPROTO",
      message: /is not the devsock protocol/,
    });
  });

  it("says that a server which hangs up is no board", async () => {
    const port = await listen("");
    await assert.rejects(connect(`tcp://127.0.0.1:${port}`), { code: "ECONNRESET", message: /ended the connection/ });
  });

  it("does not wait for ever for a server that says nothing", async () => {
    const port = await listen(undefined);
    await assert.rejects(connect(tcp("127.0.0.1", port), { timeout: 50 }), { code: "ETIMEDOUT" });
    await assert.rejects(connect(udp("127.0.0.1", port), { timeout: 50 }), { code: "ECONNREFUSED" });
  });
});
