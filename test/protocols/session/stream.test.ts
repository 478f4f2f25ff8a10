import assert from "node:assert/strict";
import { slice, Type } from "../../../protocols/index.js";
import type { Bytes, Socket } from "../../../protocols/index.js";
import { Pair, SERIAL, TCP, UDP } from "../pair.js";
import type { Faults } from "../pair.js";

/** Sends `total` pseudo-random bytes from the host to a board that consumes them, and back as an echo. */
function transfer(pair: Pair, total: number): void {
  const source = Buffer.alloc(total);
  for (let i = 0; i < total; i++) source[i] = Math.floor(pair.random() * 256);
  const arrived: Bytes[] = [];
  const echoed: Bytes[] = [];
  let closed: string | null = null;
  pair.board.onrequest = (socket) => {
    let waiting: Bytes[] = [];
    socket.ondata = (frame, from, to) => {
      const data = slice(frame, from, to);
      arrived.push(Buffer.from(data));
      waiting.push(data);
      flush();
    };
    const flush = (): void => {
      while (waiting.length) {
        const data = waiting.shift()!;
        socket.consume(data.length);
        if (!socket.send(Buffer.from(data))) return;
      }
    };
    socket.ondrain = flush;
    socket.onend = () => {
      waiting.forEach((d) => socket.send(Buffer.from(d)));
      waiting = [];
      socket.end();
    };
    pair.board.sockets.accept(socket);
  };
  let socket: Socket | null = null;
  let offset = 0;
  pair.until(() => pair.host.terms !== null);
  socket = pair.host.sockets.connectTo(Type.stream, "echo", 0, 4096)!;
  const fill = (): void => {
    while (offset < total) {
      const piece = source.subarray(offset, offset + 700);
      offset += piece.length;
      if (!socket.send(piece)) return;
    }
    socket.end();
  };
  socket.onopen = fill;
  socket.ondrain = fill;
  socket.ondata = (frame, from, to) => {
    echoed.push(Buffer.from(slice(frame, from, to)));
    socket.consume(to - from);
  };
  socket.onclose = (failure) => (closed = failure);
  pair.until(() => closed !== null, 600_000);
  assert.equal(closed, "");
  assert.deepEqual(Buffer.concat(arrived), source);
  assert.deepEqual(Buffer.concat(echoed), source);
  assert.equal(pair.host.sockets.count, 0);
  assert.equal(pair.board.sockets.count, 0);
}

describe("a stream over a session", () => {
  it("arrives over TCP, whatever the chunks", () => {
    for (const split of [0, 1, 7, 64, 536]) transfer(new Pair(TCP, { split, delay: 3 }), 20_000);
  });

  const bad: [string, Faults][] = [
    ["drops a tenth", { drop: 0.1, delay: 5 }],
    ["doubles", { double: 0.3, delay: 5, jitter: 20 }],
    ["reorders", { delay: 5, jitter: 60 }],
    ["corrupts", { corrupt: 0.1, delay: 5 }],
    ["does all of it", { drop: 0.05, double: 0.1, corrupt: 0.05, delay: 10, jitter: 30 }],
  ];
  for (const [what, faults] of bad)
    for (const [name, traits] of [
      ["UDP", UDP],
      ["serial", SERIAL],
    ] as const)
      it(`loses and doubles nothing over ${name} that ${what}`, () => {
        // A serial line keeps its order.
        const f = name === "serial" ? { ...faults, jitter: 0, split: 13 } : faults;
        for (let seed = 1; seed <= 8; seed++) {
          const pair = new Pair(traits, f, seed);
          transfer(pair, 12_000);
          if (what !== "reorders") assert.ok(pair.hurt > 0, `seed ${seed}: nothing was hurt`);
        }
      });
});
