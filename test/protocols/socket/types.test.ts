import assert from "node:assert/strict";
import { Bound, Phase, slice, Type } from "../../../protocols/index.js";
import type { Socket } from "../../../protocols/index.js";
import { Pair, SERIAL, TCP, UDP } from "../pair.js";
import type { Faults } from "../pair.js";

const LINKS: [string, typeof TCP, Faults][] = [
  ["TCP", TCP, { delay: 3, split: 100 }],
  [
    "UDP that loses, doubles, damages and reorders",
    UDP,
    { drop: 0.08, double: 0.1, corrupt: 0.05, delay: 5, jitter: 40 },
  ],
  ["serial that loses and damages", SERIAL, { drop: 0.08, corrupt: 0.05, delay: 5, split: 13 }],
];

/** What a socket got, in whole messages or records. */
class Got {
  readonly list: Buffer[] = [];
  private readonly pieces: Buffer[] = [];
  ended = false;

  constructor(readonly socket: Socket) {
    socket.ondata = (frame, from, to) => {
      this.pieces.push(Buffer.from(slice(frame, from, to)));
      socket.consume(to - from + (socket.whole ? 1 : 0));
      if (socket.whole) this.whole();
    };
    socket.onrecord = (length) => {
      socket.consume(1);
      assert.equal(this.whole().length, length);
    };
    socket.onend = () => (this.ended = true);
  }

  private whole(): Buffer {
    this.list.push(Buffer.concat(this.pieces.splice(0)));
    return this.list.at(-1)!;
  }
}

interface Both {
  pair: Pair;
  host: Socket;
  board: Socket;
}

/** A socket from the host to the board, open at both ends. */
function opened(pair: Pair, type: Type, priority = 0): Both {
  let board: Socket | undefined;
  pair.board.onrequest = (socket) => {
    board = socket;
    pair.board.sockets.accept(socket);
  };
  pair.until(() => pair.host.terms !== null);
  const host = pair.host.sockets.connectTo(type, "any", priority, 4096)!;
  pair.until(() => host.phase === Phase.open && board?.phase === Phase.open);
  return { pair, host, board: board! };
}

function bytes(pair: Pair, n: number): Buffer {
  return Buffer.from(Array.from({ length: n }, () => Math.floor(pair.random() * 256)));
}

describe("a seqpacket socket", () => {
  for (const [name, traits, faults] of LINKS)
    it(`keeps records of any length apart over ${name}`, () => {
      for (let seed = 1; seed <= 4; seed++) {
        const { pair, host, board } = opened(new Pair(traits, faults, seed), Type.seqpacket);
        const records = [0, 1, 255, 256, 257, 524, 525, 0, 0, 4095, 4096, 4097, 30_000].map((n) => bytes(pair, n));
        const got = new Got(board);
        for (const record of records) {
          // As a program may write: in pieces.
          for (let at = 0; at < record.length; at += 1000) host.send(record.subarray(at, at + 1000));
          host.record();
        }
        host.end();
        pair.until(() => got.ended, 600_000);
        assert.deepEqual(got.list, records, `seed ${seed}`);
      }
    });

  it("carries records that are made when they may go", () => {
    const { pair, host, board } = opened(new Pair(TCP, { delay: 2 }, 1), Type.seqpacket);
    const got = new Got(host);
    const sizes = [10_480, 524, 0, 999];
    let left = sizes[0]!;
    const source = (n: number): Uint8Array => {
      if (left >= n) {
        left -= n;
        return new Uint8Array(n);
      }
      board.source = null;
      board.send(new Uint8Array(left));
      board.record();
      sizes.shift();
      left = sizes[0] ?? 0;
      if (sizes.length) board.source = source;
      else board.end();
      return new Uint8Array(0);
    };
    board.source = source;
    board.wake();
    pair.until(() => got.ended);
    assert.deepEqual(
      got.list.map((record) => record.length),
      [10_480, 524, 0, 999],
    );
  });

  it("asks a source that says it has no more behind `wake` alone, whatever else goes", () => {
    const { pair, host, board } = opened(new Pair(TCP), Type.seqpacket);
    const { board: other } = opened(pair, Type.rdm, 3);
    const got = new Got(host);
    let held = 0;
    const asked: number[] = [];
    board.source = (n) => {
      asked.push(held);
      const enough = held >= n;
      if (enough) held -= n;
      board.paused = held < n;
      return new Uint8Array(enough ? n : 0);
    };
    for (let i = 0; i < 20; i++) {
      held += 300;
      if (held >= 524) board.wake();
      pair.run(20);
      // Another socket's message in between.
      other.send(new Uint8Array(3));
      pair.run(20);
    }
    const rest = held;
    board.source = null;
    board.send(new Uint8Array(rest));
    board.record();
    board.end();
    pair.until(() => got.ended);
    assert.deepEqual(
      got.list.map((record) => record.length),
      [6000],
    );
    assert.ok(
      asked.every((n) => n >= 524),
      `asked with ${asked.join()}`,
    );
  });

  it("holds a sender of empty records back like one of bytes", () => {
    const { pair, host, board } = opened(new Pair(TCP, {}, 1, { buffer: 100 }), Type.seqpacket);
    let count = 0;
    board.onrecord = () => count++;
    for (let i = 0; i < 1000; i++) host.record();
    pair.run(5000);
    assert.equal(count, 100);
    assert.equal(host.queued, 900);
    board.consume(100);
    pair.run(5000);
    assert.equal(count, 200);
  });

  it("sends a record in as few frames as carry its bytes: the last one ends it", () => {
    const { pair, host, board } = opened(new Pair(TCP), Type.seqpacket);
    const got = new Got(board);
    const sender = pair.host.session.sender;
    for (const [length, frames] of [
      [100, 1],
      [524, 1],
      [525, 2],
      [0, 1],
    ] as const) {
      const before = sender.next;
      if (length) host.send(new Uint8Array(length));
      host.record();
      pair.run(100);
      assert.deepEqual([got.list.at(-1)!.length, sender.next - before], [length, frames]);
    }
  });

  it("sends the end by itself when the credit is just enough for the bytes", () => {
    const { pair, host, board } = opened(new Pair(TCP, {}, 1, { buffer: 100 }), Type.seqpacket);
    const lengths: number[] = [];
    board.onrecord = (length) => lengths.push(length);
    host.send(new Uint8Array(100));
    host.record();
    pair.run(5000);
    assert.deepEqual([lengths, host.queued, host.blocked()], [[], 1, true]);
    board.consume(100);
    pair.run(5000);
    assert.deepEqual([lengths, host.queued], [[100], 0]);
  });

  it("ends with EPROTO when a record is longer than 16 MB", () => {
    const { pair, host, board } = opened(new Pair(TCP), Type.seqpacket);
    let failure = "";
    board.onclose = (why) => (failure = why);
    board.begun = -Bound.record - 1;
    host.record();
    pair.run(100);
    assert.match(failure, /^EPROTO/);
  });
});

describe("an rdm socket", () => {
  for (const [name, traits, faults] of LINKS)
    it(`delivers each message once over ${name}`, () => {
      for (let seed = 1; seed <= 6; seed++) {
        const { pair, host, board } = opened(new Pair(traits, faults, seed), Type.rdm, 3);
        const got = new Got(board);
        const sent: string[] = [];
        let next = 0;
        const fill = (): void => {
          for (; next < 60; next++) {
            const message = Buffer.from(`${next}`.padStart((next * 37) % 200, "-"));
            if (!host.send(message)) return;
            sent.push(message.toString());
          }
          host.end();
        };
        host.ondrain = fill;
        fill();
        pair.until(() => got.ended, 600_000);
        assert.equal(sent.length, 60);
        assert.deepEqual(got.list.map(String).sort(), sent.sort(), `seed ${seed}`);
      }
    });

  it("is not lost when it overtakes the answer that opened its socket", () => {
    for (let seed = 1; seed <= 30; seed++) {
      const pair = new Pair(UDP, { delay: 5, jitter: 50, drop: 0.3 }, seed);
      pair.board.onrequest = (socket) => {
        pair.board.sockets.accept(socket);
        socket.send(Buffer.from("alarm"));
        socket.send(new Uint8Array(0));
        socket.end();
      };
      pair.until(() => pair.host.terms !== null);
      const socket = pair.host.sockets.connectTo(Type.rdm, "alarms", 3, 4096)!;
      const got = new Got(socket);
      pair.until(() => got.ended);
      assert.deepEqual(got.list.map(String).sort(), ["", "alarm"], `seed ${seed}`);
    }
  });

  it("does not wait for a frame that was lost before it", () => {
    const pair = new Pair(UDP, { delay: 2 }, 1);
    const { host: stream, board: other } = opened(pair, Type.stream);
    const { host: alarms, board } = opened(pair, Type.rdm, 3);
    let bytes = 0;
    other.ondata = (_frame, from, to) => (bytes += to - from);
    const got = new Got(board);
    pair.cut = true;
    stream.send(Buffer.alloc(100));
    pair.pump();
    pair.cut = false;
    alarms.send(Buffer.from("alarm"));
    pair.run(5);
    assert.deepEqual(got.list.map(String), ["alarm"]);
    assert.equal(bytes, 0, "the stream waits for what was lost");
    pair.run(5000);
    assert.equal(bytes, 100);
    assert.equal(got.list.length, 1);
  });

  it("says when a message was not taken, and drops none that was", () => {
    const { pair, host, board } = opened(new Pair(TCP, {}, 1, { buffer: 1000 }), Type.rdm, 3);
    host.sendBuffer = 2000;
    let waiting = 0;
    board.ondata = () => waiting++;
    let taken = 0;
    while (host.send(Buffer.alloc(99))) taken++;
    // Ten are the peer's credit, the rest waits here.
    pair.run(1000);
    let drained = false;
    host.ondrain = () => (drained = true);
    while (host.send(Buffer.alloc(99))) taken++;
    pair.run(1000);
    assert.equal(waiting, 10);
    assert.equal(taken, 10 + 20);
    assert.equal(host.pushedOut, 0);
    board.ondata = (_frame, from, to) => {
      waiting++;
      board.consume(to - from + 1);
    };
    board.consume(10 * 100);
    pair.run(1000);
    assert.equal(waiting, taken);
    assert.ok(drained);
  });

  it("ends with EMSGSIZE when no frame carries a message", () => {
    const { pair, host } = opened(new Pair(SERIAL), Type.rdm, 3);
    let failure = "";
    host.onclose = (why) => (failure = why);
    host.send(Buffer.alloc(256));
    pair.run(100);
    assert.equal(failure, "");
    host.send(Buffer.alloc(257));
    pair.run(100);
    assert.match(failure, /^EMSGSIZE/);
    assert.equal(pair.board.sockets.count, 0);
  });
});

describe("a raw socket", () => {
  it("keeps messages apart and in order, the empty ones too", () => {
    for (const [, traits, faults] of LINKS) {
      const { pair, host, board } = opened(new Pair(traits, faults, 7), Type.raw);
      const got = new Got(board);
      const sent = Array.from({ length: 40 }, (_, i) => "x".repeat((i * 31) % 250));
      let next = 0;
      const fill = (): void => {
        while (next < sent.length && host.send(Buffer.from(sent[next]!))) next++;
        if (next === sent.length) host.end();
      };
      host.ondrain = fill;
      fill();
      pair.until(() => got.ended, 600_000);
      assert.deepEqual(got.list.map(String), sent);
    }
  });
});

describe("urgent bytes of a stream", () => {
  it("come at once while the peer reads nothing, and say where they belong", () => {
    const { pair, host, board } = opened(new Pair(SERIAL, { delay: 5 }, 1, { buffer: 512 }), Type.stream);
    let came = 0;
    board.ondata = (_frame, from, to) => (came += to - from);
    const urgent: [number, number][] = [];
    board.onurgent = (data, mark) => urgent.push([data[0] ?? -1, mark]);
    host.send(Buffer.alloc(2000));
    pair.run(1000);
    assert.equal(came, 512);
    assert.ok(host.urgent(Buffer.from([7])));
    assert.ok(!host.urgent(Buffer.from([8])), "one waits already");
    pair.run(1000);
    assert.ok(host.urgent(Buffer.alloc(0)));
    pair.run(1000);
    assert.deepEqual(urgent, [
      [7, 2000],
      [-1, 2000],
    ]);
    assert.equal(came, 512);
  });

  it("go out between the frames of a stream with a source", () => {
    const { pair, host, board } = opened(new Pair(TCP, { delay: 5 }, 1, { buffer: 4192 }), Type.stream);
    let at = -1;
    host.ondata = (_frame, from, to) => host.consume(to - from);
    host.onurgent = (_data, mark) => (at = mark);
    let made = 0;
    board.source = (n) => {
      if (made < 5000 && made + n >= 5000) board.urgent(Buffer.from([1]));
      made += n;
      return new Uint8Array(made < 60_000 ? n : 0);
    };
    board.wake();
    pair.run(1000);
    assert.ok(at >= 5000 - 524 && at <= 5000, `${at}`);
  });
});

describe("sockets of different types", () => {
  it("end with EPROTO when a peer mixes their frames", () => {
    for (const [mine, theirs] of [
      [Type.stream, Type.datagram],
      [Type.datagram, Type.stream],
      [Type.rdm, Type.raw],
      [Type.seqpacket, Type.rdm],
      [Type.stream, Type.seqpacket],
      [Type.raw, Type.seqpacket],
    ] as const) {
      const { pair, host, board } = opened(new Pair(TCP), theirs);
      (board as { type: Type }).type = mine;
      board.word = opened(new Pair(TCP), mine).board.word;
      let failure = "";
      board.onclose = (why) => (failure = why);
      if (theirs === Type.seqpacket) host.record();
      else host.send(Buffer.alloc(3));
      pair.run(100);
      assert.match(failure, /^EPROTO/, `${mine} ${theirs}`);
    }
  });

  it("are refused when there is no such type", () => {
    const pair = new Pair(TCP);
    pair.until(() => pair.host.terms !== null);
    const socket = pair.host.sockets.connectTo(9 as Type, "any", 0, 1024)!;
    let failure = "";
    socket.onclose = (why) => (failure = why);
    pair.run(100);
    assert.match(failure, /^ESOCKTNOSUPPORT/);
  });
});
