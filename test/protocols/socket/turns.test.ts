import assert from "node:assert/strict";
import { Phase, Room, Type } from "../../../protocols/index.js";
import type { Socket } from "../../../protocols/index.js";
import { Pair, TCP } from "../pair.js";

/** Bytes in front of and behind a frame's payload: they are sent, too. */
const AROUND = 12;
const LONGEST = 500;

/** Open sockets of messages, from the host to the board, which always have a message of these lengths to send. */
function senders(pair: Pair, lengths: readonly number[]): Socket[] {
  pair.board.onrequest = (socket) => pair.board.sockets.accept(socket);
  pair.until(() => pair.host.terms !== null);
  const sockets = lengths.map(() => pair.host.sockets.connectTo(Type.raw, "any", 0, 4096)!);
  pair.until(() => sockets.every(({ phase }) => phase === Phase.open));
  for (const socket of sockets) socket.extend(2 ** 30);
  return sockets;
}

/** @returns bytes of the frames that each socket got out of so many */
function served(pair: Pair, sockets: Socket[], lengths: readonly number[], frames: number): number[] {
  const table = pair.host.sockets;
  const bytes = lengths.map(() => 0);
  for (let i = 0; i < frames; i++) {
    sockets.forEach((socket, k) => {
      let room = true;
      while (room) room = socket.send(Buffer.alloc(lengths[k]!));
    });
    const { length } = table.next(LONGEST, Room.all);
    const k = sockets.findIndex(({ channel }) => channel === (table.tag & 2047));
    bytes[k]! += length + AROUND;
  }
  return bytes;
}

describe("sockets of one priority that always have something to send", () => {
  for (const lengths of [
    [20, 500],
    [0, 137, 500],
    [499, 500],
  ])
    it(`get as many bytes each: messages of ${lengths.join(", ")} bytes`, () => {
      const pair = new Pair(TCP);
      const sockets = senders(pair, lengths);
      const bytes = served(pair, sockets, lengths, 4000);
      const [least, most] = [Math.min(...bytes), Math.max(...bytes)];
      assert.ok(most - least <= 2 * (LONGEST + AROUND), bytes.join());
    });

  it("owe nothing for what they sent alone", () => {
    const pair = new Pair(TCP);
    const [first, second] = senders(pair, [400, 400]) as [Socket, Socket];
    served(pair, [first], [400], 100);
    const bytes = served(pair, [first, second], [400, 400], 20);
    assert.ok(Math.abs(bytes[0]! - bytes[1]!) <= 2 * (LONGEST + AROUND), bytes.join());
  });
});
