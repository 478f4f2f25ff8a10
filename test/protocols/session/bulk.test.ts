import assert from "node:assert/strict";
import { Kind, kindOf, Phase, State, tagOf, Type } from "../../../protocols/index.js";
import type { Bytes, Session, Socket } from "../../../protocols/index.js";
import { Pair, TCP } from "../pair.js";

/** Two open sessions over TCP; the board grants 4 frames and reads chunks of one. */
function opened(serve: (socket: Socket, address: string) => void): Pair {
  const pair = new Pair(TCP, { delay: 1 }, 1, { buffer: 4 * 524, board: { chunk: 536 } });
  pair.until(() => !!pair.host.terms && !!pair.board.terms);
  pair.board.onrequest = serve;
  return pair;
}

const made = (n: number): Bytes => new Uint8Array(n).fill(65);

/** All that a session has to say now. */
function frames(session: Session, now: number, most = 500): Bytes[] {
  const said: Bytes[] = [];
  for (let frame = session.poll(now); frame.length; frame = session.poll(now)) {
    said.push(frame);
    if (said.length === most) break;
  }
  return said;
}

const kinds = (said: Bytes[]): Kind[] => said.map((frame) => kindOf(tagOf(frame)));

describe("a stream with a source", () => {
  it("does not keep back the credit of a stream that comes", () => {
    const pair = opened((socket, address) => {
      if (address === "source") socket.source = made;
      else socket.ondata = (_frame, from, to) => socket.consume(to - from);
      pair.board.sockets.accept(socket);
    });
    const { now } = pair;
    const [host, board] = [pair.host.session, pair.board.session];
    pair.host.sockets.connectTo(Type.stream, "source", 0, 16_384);
    const up = pair.host.sockets.connectTo(Type.stream, "sink", 0, 4096)!;
    for (const frame of frames(host, now)) board.receive(frame, now);
    for (let i = 0; i < 3; i++) host.receive(board.poll(now), now);
    assert.equal(up.phase, Phase.open);
    up.send(new Uint8Array(500));
    const short = frames(host, now);
    up.send(new Uint8Array(20_000));
    const sent = Buffer.concat([...short, ...frames(host, now)]);
    board.receive(sent.subarray(0, 1684), now);
    assert.ok(!kinds(frames(board, now, 5)).includes(Kind.ack), "no short frame while a chunk ends within a frame");
    board.receive(sent.subarray(1684), now);
    assert.equal(kinds(frames(board, now, 5))[0], Kind.ack);
  });

  it("sends nothing after its reset", () => {
    const pair = opened((socket) => {
      socket.source = made;
      socket.onend = () => pair.board.sockets.resetSocket(socket, "ECONNRESET: ends with its reader");
      pair.board.sockets.accept(socket);
    });
    const { now } = pair;
    const [host, board] = [pair.host.session, pair.board.session];
    const socket = pair.host.sockets.connectTo(Type.stream, "source", 0, 65_536)!;
    board.receive(host.poll(now), now);
    for (let i = 0; i < 5; i++) host.receive(board.poll(now), now);
    socket.end();
    for (const frame of frames(host, now)) board.receive(frame, now);
    const said = kinds(frames(board, now));
    assert.ok(said.includes(Kind.control));
    assert.ok(!said.slice(said.indexOf(Kind.control)).includes(Kind.data));
  });

  it("may end, or send its rest, while its frames go out", () => {
    let served: Socket | undefined;
    const pair = opened((socket) => {
      served = socket;
      socket.source = made;
      pair.board.sockets.accept(socket);
    });
    const { now } = pair;
    const board = pair.board.session;
    pair.host.sockets.connectTo(Type.stream, "source", 0, 65_536);
    board.receive(pair.host.session.poll(now), now);
    assert.deepEqual(kinds(frames(board, now, 4)).slice(1), [Kind.data, Kind.data, Kind.data]);
    served!.source = null;
    served!.send(new Uint8Array(7));
    served!.end();
    const rest = frames(board, now);
    assert.deepEqual(kinds(rest), [Kind.data, Kind.control]);
    assert.equal(rest[0]!.length, 7 + 12);
  });

  it("may be opened with it", () => {
    const pair = opened((socket) => pair.board.sockets.accept(socket));
    const { now } = pair;
    const [host, board] = [pair.host.session, pair.board.session];
    pair.host.sockets.connectTo(Type.stream, "sink", 0, 4096)!.source = made;
    board.receive(host.poll(now), now);
    for (const frame of frames(board, now)) host.receive(frame, now);
    const said = frames(host, now);
    assert.ok(said.length > 0 && kinds(said).every((kind) => kind === Kind.data), kinds(said).join());
    for (const frame of said) board.receive(frame, now);
    assert.equal(board.state, State.open);
  });
});
