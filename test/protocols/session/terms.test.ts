import assert from "node:assert/strict";
import {
  encode,
  Hello,
  helloFrame,
  helloPayload,
  Kind,
  markOf,
  NOBODY,
  slice,
  State,
  Step,
  tag,
  UNPROVED,
} from "../../../protocols/index.js";
import type { Bytes, Session } from "../../../protocols/index.js";
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

const SEVENS = new Uint8Array(Hello.epoch).fill(7);

function epochOf(frame: Bytes): Bytes {
  return slice(helloPayload(frame), 2, Hello.peer);
}

/** Answers the initiator's offer. */
function answer(session: Session, terms: string): void {
  session.receive(helloFrame(Step.answer, SEVENS, epochOf(session.poll(0)), UNPROVED, terms), 1);
}

describe("the terms of a handshake", () => {
  for (const text of nonsense)
    it(`end the session when they are ${text || "empty"}, for the initiator`, () => {
      const { host } = new Pair(SERIAL);
      answer(host.session, text);
      assert.equal(host.session.state, State.closed);
      assert.match(host.failure!, /^EPROTO: the terms of the handshake make no sense$/);
    });

  for (const text of nonsense)
    it(`end the session when they are ${text || "empty"}, for the responder, once it is confirmed`, () => {
      const { board } = new Pair(SERIAL);
      const { session } = board;
      session.receive(helloFrame(Step.offer, SEVENS, NOBODY, UNPROVED, text), 1);
      const epoch = epochOf(session.poll(1));
      session.receive(encode(tag(Kind.ack, 3, 0), 0, Uint8Array.of(0, 0, 0), markOf(SEVENS, epoch)), 2);
      assert.equal(session.state, State.closed);
      assert.match(board.failure!, /^EPROTO: the terms of the handshake make no sense$/);
    });

  it("may lack any field, and have others", () => {
    const { host } = new Pair(SERIAL);
    const terms = '{"colour":"red","payload":64}';
    answer(host.session, terms);
    assert.equal(host.session.state, State.open);
  });
});
