import assert from "node:assert/strict";
import { Type } from "../../../protocols/index.js";
import type { Socket } from "../../../protocols/index.js";
import { Pair, TCP, UDP } from "../pair.js";

describe("a channel that was used before", () => {
  it("does not get the credit of the socket before it, however late that comes", () => {
    for (let seed = 1; seed <= 60; seed++) {
      const pair = new Pair(UDP, { delay: 5, jitter: 60 }, seed, { buffer: 1024 });
      pair.board.onrequest = (socket, address) => {
        if (address === "eater") socket.ondata = (_frame, from, to) => socket.consume(to - from);
        socket.onend = () => socket.end();
        pair.board.sockets.accept(socket);
      };
      pair.until(() => pair.host.terms !== null);
      const open = (address: string): { socket: Socket; closed: () => string | null } => {
        let closed: string | null = null;
        const socket = pair.host.sockets.connectTo(Type.stream, address, 0, 1024)!;
        socket.onclose = (failure) => (closed = failure);
        for (let i = 0; i < 8; i++) socket.send(Buffer.alloc(500));
        return { socket, closed: () => closed };
      };
      for (let i = 0; i < 10; i++) {
        const eater = open("eater");
        eater.socket.end();
        pair.until(() => eater.closed() !== null);
        const holder = open("holder");
        pair.run(500);
        assert.equal(holder.closed(), null, `seed ${seed}`);
        pair.host.sockets.resetSocket(holder.socket, "ECONNRESET: enough");
        pair.until(() => pair.host.sockets.count === 0);
      }
    }
  });

  it("comes again when all numbers were used, and never one that is open", () => {
    const pair = new Pair(TCP, {}, 1);
    pair.board.onrequest = (socket, address) => {
      if (address === "no") pair.board.sockets.refuseSocket(socket, "ENODEV: no");
      else pair.board.sockets.accept(socket);
    };
    pair.until(() => pair.host.terms !== null);
    const kept = pair.host.sockets.connectTo(Type.stream, "yes", 0, 1024)!;
    const seen = new Set<number>();
    for (let i = 0; i < 1100; i++) {
      const socket = pair.host.sockets.connectTo(Type.stream, "no", 0, 1024)!;
      assert.notEqual(socket.channel, kept.channel);
      assert.equal(socket.channel & 1, 1);
      seen.add(socket.channel);
      pair.until(() => pair.host.sockets.count === 1);
    }
    assert.equal(seen.size, 1023);
  });
});
