import assert from "node:assert/strict";
import fc from "fast-check";
import { connect } from "../../../host/index.js";
import type { Board } from "../../../host/index.js";
import * as bsd from "../../../host/sockets.js";
import type { SocketHandle } from "../../../host/sockets.js";
import type { Socket, Sockets } from "../../../protocols/index.js";
import { VirtualClock } from "../../../simulator/clock.js";
import { FakeBoard, TCP } from "../fake-board.js";
import { inTime } from "../time.js";
import { BoardFar, PairFar } from "./far.js";
import type { Far } from "./far.js";
import { Model } from "./model.js";

const SEED = 1;
/** What a call leads to has come to its end after so many ms. */
const SETTLED = 200;
/** What the far end may send while nobody reads. */
const ROOM = 1000;

/** A board that hands its ends of sockets over. */
class PeerBoard extends FakeBoard {
  taken: Socket | undefined;

  override serve(sockets: Sockets, socket: Socket, address: string): void {
    if (address !== "peer") return super.serve(sockets, socket, address);
    sockets.accept(socket);
    this.taken = socket;
  }
}

/** A socket under test, and all around it. */
class Real {
  s: SocketHandle;
  far: Far | undefined;
  private readonly others: SocketHandle[] = [];

  constructor(
    private readonly clock: VirtualClock,
    private readonly fake: PeerBoard,
    private readonly board: Board,
    private readonly model: Model,
  ) {
    this.s = bsd.socket(bsd.AF_DEVICE, model.type, 0, board);
  }

  static async make(model: Model): Promise<Real> {
    const clock = new VirtualClock();
    const fake = new PeerBoard(clock);
    const board = await inTime(clock, connect(fake.line(TCP, { delay: 1 }).transport, { clock }));
    return new Real(clock, fake, board, model);
  }

  /** The socket gets another end. */
  async open(): Promise<void> {
    const { clock, fake, model } = this;
    if (model.way === "socketpair") {
      const [mine, other] = bsd.socketpair(bsd.AF_UNIX, model.type === bsd.SOCK_RDM ? bsd.SOCK_DGRAM : model.type);
      this.s = mine;
      this.far = new PairFar(other);
      this.others.push(other);
    } else if (model.way === "connect") {
      await this.call(bsd.connect(this.s, "peer"));
      this.far = new BoardFar(fake.taken!);
    } else {
      const session = fake.sessions[0]!;
      const socket = session.sockets.connectTo(model.type, "name", 0, 2048)!;
      this.far = new BoardFar(socket);
      session.pump();
      const taken = await this.call(bsd.accept(this.s));
      this.others.push(this.s);
      this.s = taken;
    }
    await clock.run(SETTLED);
  }

  /** The result of a call, and all that it leads to. */
  async call<T>(work: Promise<T>): Promise<T> {
    const result = await inTime(this.clock, work);
    await this.settle();
    return result;
  }

  /** A call is to fail with this code, or not to fail where it is "". */
  async expect(work: () => Promise<unknown>, code: string): Promise<void> {
    if (code) {
      await assert.rejects(inTime(this.clock, work()), { code });
      await this.settle();
    } else await this.call(work());
  }

  async settle(): Promise<void> {
    await this.clock.run(SETTLED);
    await this.far?.look();
  }

  /** Everything that was sent is at the other end, and nothing else. */
  check(model: Model): void {
    const { far } = this;
    if (!far) return;
    if (model.stream) assert.deepEqual(Buffer.concat(far.got), Buffer.concat(model.sent));
    else assert.deepEqual(far.got, model.sent);
    assert.equal(far.ended, model.shut || model.phase === "closed" || (model.endless && model.farEnded));
  }

  /** All ends, and nothing is left on the board. */
  async finish(model: Model): Promise<void> {
    this.far?.end();
    await this.settle();
    for (const s of [this.s, ...this.others]) if (!s.closed) await this.call(bsd.close(s));
    await this.clock.run(1000);
    if (model.phase !== "closed") model.phase = "closed";
    assert.equal(this.fake.sessions[0]!.sockets.count, 0, "sockets on the board");
    await inTime(this.clock, this.board.close());
  }
}

type Command = fc.AsyncCommand<Model, Real>;

/** A command whose effect is checked at both ends. */
function command(
  name: string,
  run: (model: Model, real: Real) => Promise<void>,
  check: (model: Model) => boolean = () => true,
): Command {
  return {
    check,
    toString: () => name,
    async run(model, real) {
      await run(model, real);
      real.check(model);
    },
  };
}

const bytes = (n: number, from: number): Buffer =>
  Buffer.from(Array.from({ length: n }, (_, i) => (i * 7 + from) & 255));

function open(): Command {
  return command("open", async (model, real) => {
    if (model.phase === "closed") return real.expect(() => bsd.connect(real.s, "peer"), "EBADF");
    if (model.phase === "connected" || (model.phase === "listening" && model.way !== "accept"))
      return real.expect(() => bsd.connect(real.s, "peer"), "EISCONN");
    if (model.way === "accept" && model.phase !== "listening") return real.expect(() => bsd.accept(real.s), "EINVAL");
    await real.open();
    model.phase = "connected";
  });
}

function bind(): Command {
  return command(
    "bind",
    async (model, real) => {
      const code = model.phase === "fresh" ? "" : model.phase === "closed" ? "EBADF" : "EINVAL";
      await real.expect(() => bsd.bind(real.s, "name"), code);
      if (!code) model.phase = "bound";
    },
    (model) => model.way === "accept",
  );
}

function listen(): Command {
  return command(
    "listen",
    async (model, real) => {
      const codes = { fresh: "EDESTADDRREQ", bound: "", listening: "EINVAL", connected: "EINVAL", closed: "EBADF" };
      const code = codes[model.phase];
      await real.expect(() => bsd.listen(real.s), code);
      if (!code) model.phase = "listening";
    },
    (model) => model.way === "accept",
  );
}

function send(n: number, seed: number): Command {
  return command(`send(${n})`, async (model, real) => {
    const data = bytes(n, seed);
    const code = model.sendError;
    await real.expect(() => bsd.send(real.s, data), code);
    if (code) model.failed(code);
    else if (n > 0 || !model.stream) model.sent.push(data);
  });
}

function recv(max: number, peek: boolean): Command {
  return command(`recv(${max}${peek ? ", MSG_PEEK" : ""})`, async (model, real) => {
    const expected = model.recv(max, peek);
    const flags = bsd.MSG_DONTWAIT | (peek ? bsd.MSG_PEEK : 0);
    if (typeof expected === "string") {
      await real.expect(() => bsd.recv(real.s, max, flags), expected);
      model.failed(expected);
    } else assert.deepEqual(await real.call(bsd.recv(real.s, max, flags)), expected);
  });
}

function farSend(n: number, seed: number): Command {
  return command(
    `far end sends ${n}`,
    async (model, real) => {
      const data = bytes(n, seed);
      real.far!.send(data);
      await real.settle();
      if (!model.deaf) model.waiting.push(data);
    },
    (model) => model.phase === "connected" && !model.farEnded && model.held + n < ROOM && (n > 0 || !model.stream),
  );
}

function farEnd(): Command {
  return command(
    "far end ends",
    async (model, real) => {
      real.far!.end();
      model.farEnded = true;
      await real.settle();
    },
    (model) => model.phase === "connected" && !model.farEnded,
  );
}

function shutdown(how: number): Command {
  return command(`shutdown(${how})`, async (model, real) => {
    await real.expect(() => bsd.shutdown(real.s, how), model.unconnected);
    if (model.unconnected) return;
    if (how !== bsd.SHUT_WR) model.deaf = true;
    if (how !== bsd.SHUT_RD) model.shut = true;
  });
}

function close(): Command {
  return command("close", async (model, real) => {
    await real.expect(() => bsd.close(real.s), model.phase === "closed" ? "EBADF" : "");
    model.phase = "closed";
  });
}

function poll(): Command {
  return command("poll", async (model, real) => {
    const asked = { socket: real.s, events: bsd.POLLIN | bsd.POLLOUT, revents: 0 };
    // A stream begins to read when it is first asked.
    await real.call(bsd.poll([asked], 0));
    await real.call(bsd.poll([asked], 0));
    if (model.phase === "closed") return assert.equal(asked.revents, bsd.POLLNVAL);
    if (model.phase !== "connected") return assert.equal(asked.revents & (bsd.POLLIN | bsd.POLLOUT), 0);
    assert.equal((asked.revents & bsd.POLLIN) !== 0, model.readable, "POLLIN");
    if (!model.sendError) assert.ok(asked.revents & bsd.POLLOUT, "POLLOUT");
  });
}

function options(priority: number): Command {
  return command(`options(${priority})`, async (model, real) => {
    const { SOL_SOCKET, SO_ERROR, SO_PRIORITY, SO_TYPE } = bsd;
    const closed = model.phase === "closed" ? "EBADF" : "";
    const code = closed || (priority > 3 ? "EINVAL" : model.phase === "connected" ? "EISCONN" : "");
    await real.expect(() => bsd.setsockopt(real.s, SOL_SOCKET, SO_PRIORITY, priority), code);
    if (closed) return;
    if (!code) model.priority = priority;
    assert.equal(await bsd.getsockopt(real.s, SOL_SOCKET, SO_ERROR), model.error);
    model.error = 0;
    if (model.way === "connect") {
      assert.equal(await bsd.getsockopt(real.s, SOL_SOCKET, SO_PRIORITY), model.priority);
      assert.equal(await bsd.getsockopt(real.s, SOL_SOCKET, SO_TYPE), model.type);
    }
  });
}

const seed = fc.nat(255);
const length = fc.oneof(fc.nat(3), fc.nat(200));

const commands = fc.commands(
  [
    fc.constant(open()),
    fc.constant(bind()),
    fc.constant(listen()),
    fc.constant(open()),
    fc.tuple(length, seed).map(([n, from]) => send(n, from)),
    fc.tuple(length, fc.boolean()).map(([max, peek]) => recv(max + 1, peek)),
    fc.tuple(length, seed).map(([n, from]) => farSend(n, from)),
    fc.constant(farEnd()),
    fc.constantFrom(bsd.SHUT_RD, bsd.SHUT_WR, bsd.SHUT_RDWR).map(shutdown),
    fc.constant(close()),
    fc.constant(poll()),
    fc.nat(4).map(options),
  ],
  { maxCommands: 40, size: "max" },
);

describe("BSD calls in any order, against a model", function () {
  this.timeout(60_000);
  const types: [string, number][] = [
    ["SOCK_STREAM", bsd.SOCK_STREAM],
    ["SOCK_SEQPACKET", bsd.SOCK_SEQPACKET],
    ["SOCK_DGRAM", bsd.SOCK_DGRAM],
    ["SOCK_RDM", bsd.SOCK_RDM],
    ["SOCK_RAW", bsd.SOCK_RAW],
  ];
  for (const way of ["connect", "accept", "socketpair"] as const)
    for (const [name, type] of types)
      it(`${name} by ${way}`, () =>
        fc.assert(
          fc.asyncProperty(commands, fc.integer({ min: 0, max: 4 }), async (calls, chance) => {
            const model = new Model(type, way);
            const real = await Real.make(model);
            // Most calls are of interest on a socket that has another end.
            if (chance)
              for (const call of [bind(), listen(), open()]) if (call.check(model)) await call.run(model, real);
            await fc.asyncModelRun(() => ({ model, real }), calls);
            await real.finish(model);
          }),
          { seed: SEED, numRuns: 20 },
        ));
});
