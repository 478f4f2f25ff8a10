/** When what was sent goes again: docs/protocol/session.md [SES-12]. */
import assert from "node:assert/strict";
import { fromText, toText } from "../../../protocols/bytes/index.js";
import type { Bytes } from "../../../protocols/bytes/index.js";
import { Resend, Sender } from "../../../protocols/session/sender.js";

/** Frames of 20 ms each, acknowledged in groups when the last one has been there for 60 ms. */
const FRAME_MS = 20;
const GROUP = 10;
const BEHIND_MS = 60;

describe("the timer of a sender", () => {
  it("waits for as long as the first of several frames waits for the acknowledgement of all of them", () => {
    const sender = new Sender();
    sender.renew(16);
    let now = 1000;
    for (let group = 0; group < 20; group++) {
      for (let i = 0; i < GROUP; i++, now += FRAME_MS) sender.keep(1, new Uint8Array(1), now);
      now += BEHIND_MS;
      if (group) assert.equal(sender.again(now), -1, `after ${group} groups, with a timer of ${sender.timer} ms`);
      sender.acknowledge(sender.next & 2047, 0, now);
    }
    assert.equal(sender.resent, 0);
    const waits = GROUP * FRAME_MS + BEHIND_MS;
    assert.ok(sender.timer >= waits && sender.timer < 2 * waits, `${sender.timer} ms`);
  });

  it("takes no round trip from a frame that was sent twice", () => {
    const sender = new Sender();
    sender.renew(16);
    sender.keep(1, new Uint8Array(1), 1000);
    assert.equal(sender.again(1000 + Resend.initial), 0);
    sender.acknowledge(1, 0, 1000 + Resend.initial + 1);
    assert.equal(sender.rtt, 0);
  });
});

describe("a sender on another link", () => {
  it("goes on with whole frames, whatever a peer says that it has got", () => {
    for (const said of [0.5, 1.5]) {
      const sender = new Sender();
      sender.renew(8);
      for (const payload of ["first", "second", "third"]) sender.keep(1, fromText(payload), 1000);
      assert.ok(sender.arrived(said, 0));
      sender.renew(8);
      const payloads = sender.backlog.filter((_, i) => i % 2).map((payload) => toText(payload as Bytes));
      assert.deepEqual(payloads, ["first", "second", "third"].slice(Math.floor(said)));
    }
  });
});
