import assert from "node:assert/strict";
import { encode, encodeHello, Kind, markOf, State, Step, tag } from "../../../protocols/index.js";
import { Pair, SERIAL } from "../pair.js";

/** Handshakes whose terms no sane peer sends. */
const nonsense = [
  "",
  "{",
  "null",
  "7",
  '"text"',
  '{"payload":-5}',
  '{"payload":1}',
  '{"payload":"long"}',
  '{"payload":{}}',
  '{"window":-1}',
  '{"window":"wide"}',
];

describe("the terms of a handshake", () => {
  for (const text of nonsense)
    it(`end the session when they are ${text || "empty"}, for the initiator`, () => {
      const { host } = new Pair(SERIAL);
      host.session.receive(
        encode(tag(Kind.hello, 3, 0), 0, encodeHello(Step.answer, 9, host.session.handshake.epoch, text), 0),
        1,
      );
      assert.equal(host.session.state, State.closed);
      assert.match(host.failure!, /^EPROTO: .*update the older side/);
    });

  for (const text of nonsense)
    it(`end the session when they are ${text || "empty"}, for the responder, once it is confirmed`, () => {
      const { board } = new Pair(SERIAL);
      const { session } = board;
      session.receive(encode(tag(Kind.hello, 3, 0), 0, encodeHello(Step.offer, 7, 0, text), 0), 1);
      session.poll(1);
      const epoch = session.handshake.pending!.epoch;
      session.receive(encode(tag(Kind.ack, 3, 0), 0, Uint8Array.of(0, 0, 0), markOf(7, epoch)), 2);
      assert.equal(session.state, State.closed);
      assert.match(board.failure!, /^EPROTO: .*update the older side/);
    });

  it("may lack any field, and have others", () => {
    const { host } = new Pair(SERIAL);
    const terms = '{"colour":"red","payload":64}';
    host.session.receive(
      encode(tag(Kind.hello, 3, 0), 0, encodeHello(Step.answer, 9, host.session.handshake.epoch, terms), 0),
      1,
    );
    assert.equal(host.session.state, State.open);
  });
});
