import assert from "node:assert/strict";
import {
  Door,
  encode,
  Hello,
  hmacKey,
  Initiator,
  isHello,
  Kind,
  kindOf,
  Session,
  Sockets,
  State,
  tag,
  tagOf,
  Type,
} from "../../../protocols/index.js";
import type { Bytes, Failure, LinkTraits, SessionUser, Socket, Terms } from "../../../protocols/index.js";
import { underWay } from "../../../protocols/session/sender.js";
import { random, TCP, UDP } from "../pair.js";

const KEY = Uint8Array.from({ length: 32 }, (_, i) => i * 7 + 1);
const OTHER = Uint8Array.from(KEY, (byte, i) => (i === 31 ? byte ^ 1 : byte));
const HELLO = tag(Kind.hello, 3, 0);

type Key = Uint8Array | null;

/** One end of a link: what it sends is taken from it, and kept. */
class Party {
  readonly session: Session;
  readonly sockets: Sockets;
  readonly sent: Bytes[] = [];
  terms: Terms | null = null;
  failure: Failure | null = null;
  /** What came over streams, and how many requests for sockets. */
  received = Buffer.alloc(0);
  requests = 0;

  constructor(
    traits: LinkTraits,
    by: { initiator: Initiator } | { door: Door },
    readonly now = { at: 0 },
  ) {
    const initiator = "initiator" in by ? by.initiator : null;
    const door = "door" in by ? by.door : null;
    const sockets = new Sockets(!!initiator, 8, 65536, {
      onup: (terms) => (this.terms = terms),
      onrequest: (socket) => {
        this.requests++;
        socket.ondata = (bytes, from, to) => {
          this.received = Buffer.concat([this.received, bytes.subarray(from, to)]);
        };
        sockets.accept(socket);
      },
      ondown: (failure) => (this.failure = failure),
      onwork: () => undefined,
    });
    this.sockets = sockets;
    const owner = {
      begin: (): SessionUser => sockets,
      onmoved: () => undefined,
      ondown: (failure: Failure) => (this.failure = failure),
    };
    this.session = new Session(owner, { payload: traits.payload, window: 8 }, traits, 0, initiator, door);
  }

  /** All that it has to say now. */
  take(): Bytes[] {
    const frames: Bytes[] = [];
    for (let frame; (frame = this.session.poll(this.now.at)).length;) frames.push(Uint8Array.from(frame));
    this.sent.push(...frames);
    return frames;
  }

  hear(...frames: Bytes[]): this {
    for (const frame of frames) this.session.receive(frame, this.now.at);
    return this;
  }
}

const numbers = (seed: number) => {
  const next = random(seed);
  return () => next() * 2 ** 32;
};
const terms: Terms = { payload: 500, window: 8 };
const initiator = (key: Key, seed = 1): Initiator => new Initiator(terms, numbers(seed), key && hmacKey(key));
const doorOf = (key: Key, seed = 1000): Door => new Door(numbers(seed), key && hmacKey(key), () => null);

/** A host and a board on one link, with a clock of their own. */
class Two {
  readonly now = { at: 0 };
  readonly host: Party;
  readonly board: Party;
  private stream: Socket | undefined;

  constructor(
    hostKey: Key,
    readonly door: Door,
    traits = UDP,
    seed = 1,
  ) {
    this.host = new Party(traits, { initiator: initiator(hostKey, seed) }, this.now);
    this.board = new Party(traits, { door }, this.now);
  }

  /** Carries frames both ways until both are silent, a millisecond each time. */
  carry(change: (frame: Bytes) => Bytes = (frame) => frame): this {
    for (let quiet = false; !quiet; this.now.at++) {
      const there = this.host.take();
      this.board.hear(...there.map(change));
      const back = this.board.take();
      this.host.hear(...back.map(change));
      quiet = there.length + back.length === 0;
    }
    return this;
  }

  /** Time passes for both: what is due goes out. */
  wait(ms: number): this {
    for (const end = this.now.at + ms; this.now.at < end; this.now.at += 20) {
      this.host.session.timeOut(this.now.at);
      this.board.session.timeOut(this.now.at);
      this.carry();
    }
    return this;
  }

  /** The host writes to its stream, and opens it if there is none. */
  write(text: string): this {
    this.stream ??= this.host.sockets.connectTo(Type.stream, "x", 0, 1000)!;
    this.carry();
    this.stream.send(Buffer.from(text));
    return this;
  }
}

const flipped = (bytes: Bytes, bit: number): Bytes => {
  const changed = Uint8Array.from(bytes);
  changed[bit >> 3]! ^= 1 << (bit & 7);
  return changed;
};

/** A handshake frame with one bit of its payload changed by somebody who knows what a CRC is. */
const forged = (frame: Bytes, bit: number): Bytes =>
  encode(HELLO, 0, flipped(frame.subarray(8, frame.length - 4), bit), 0);

describe("a session's security", () => {
  it("lets in who has the key, and nothing he says can be read", () => {
    const two = new Two(KEY, doorOf(KEY)).carry();
    assert.equal(two.host.session.state, State.open);
    two.write("the secret word").carry();
    assert.equal(two.board.received.toString(), "the secret word");
    const wire = Buffer.concat([...two.host.sent, ...two.board.sent]);
    assert.equal(wire.indexOf("secret"), -1);
    assert.equal(wire.indexOf(Buffer.from(KEY)), -1);
  });

  const strangers: [string, Key, Key, RegExp, number][] = [
    ["another key", OTHER, KEY, /^EACCES: that is not this board's key/, 1],
    ["no key", null, KEY, /^EACCES: this board has a key/, 0],
    ["a key for a board that has none", KEY, null, /^EACCES: the board asks for no key/, 0],
  ];
  for (const [what, theirs, ours, words, count] of strangers)
    it(`refuses ${what}`, () => {
      const door = doorOf(ours);
      const two = new Two(theirs, door).carry();
      assert.equal(two.host.session.state, State.closed);
      assert.match(two.host.failure!, words);
      assert.notEqual(two.board.session.state, State.open);
      assert.equal(door.forged, count);
    });

  it("keeps nothing of who only asks", () => {
    const door = doorOf(KEY);
    const before = JSON.stringify(door);
    for (let seed = 1; seed <= 200; seed++) {
      const hello = initiator(KEY, seed).hello;
      assert.ok(door.knock(hello, terms, null, false, 0).length > 0);
      assert.equal(door.agreed, null);
    }
    assert.equal(JSON.stringify(door), before);
  });

  it("takes no offer of which a bit was changed, wherever it is, and no answer", () => {
    const [, offer] = new Two(KEY, doorOf(KEY)).carry().host.sent;
    for (let bit = 0; bit < (offer!.length - 12) * 8; bit++) {
      const door = doorOf(KEY);
      door.knock(forged(offer!, bit), terms, null, false, 0);
      assert.equal(door.agreed, null, `bit ${bit} of the offer`);
    }
    const [, answer] = new Two(KEY, doorOf(KEY)).carry().board.sent;
    for (let bit = 0; bit < (answer!.length - 12) * 8; bit++) {
      const two = new Two(KEY, doorOf(KEY));
      two.board.hear(...two.host.take());
      two.host.hear(...two.board.take());
      two.host.take();
      two.host.hear(forged(answer!, bit));
      assert.notEqual(two.host.session.state, State.open, `bit ${bit} of the answer`);
    }
  });

  it("takes no handshake frame that was cut short, and asks for no more of it than a handshake's length", () => {
    const [, offer] = new Two(KEY, doorOf(KEY)).carry().host.sent;
    for (let n = 0; n < offer!.length; n++) {
      assert.equal(isHello(offer!.subarray(0, n)), 0, `${n} bytes`);
      const short = new Party(UDP, { door: doorOf(KEY) }).hear(offer!.subarray(0, n));
      assert.deepEqual([short.take().length, short.session.state], [0, State.opening], `${n} bytes`);
    }
    // The same with lengths that fit: the payload itself is short.
    const fixed: number = Hello.fixed;
    for (let n = 0; n < fixed; n++) {
      const door = doorOf(KEY);
      door.knock(encode(HELLO, 0, offer!.subarray(8, 8 + n), 0), terms, null, false, 0);
      assert.equal(door.agreed, null, `a payload of ${n} bytes`);
    }
    assert.equal(isHello(new Uint8Array(Hello.max + 13)), -1);
  });

  it("answers a repeated offer with a new challenge, before and after a restart", () => {
    const door = doorOf(KEY);
    const recorded = new Two(KEY, door).carry().write("one job").carry();
    for (const [when, again] of [
      ["the board goes on", door],
      ["the board was restarted", doorOf(KEY, 2000)],
    ] as const) {
      const board = new Party(UDP, { door: again });
      for (const frame of recorded.host.sent) board.hear(frame).take();
      assert.equal(board.session.state, State.opening, when);
      assert.equal(board.requests, 0, when);
      assert.equal(board.received.length, 0, when);
    }
  });

  it("drops every frame of the session that comes again", () => {
    const two = new Two(KEY, doorOf(KEY)).carry().write("one job").wait(200);
    const { host, board } = two;
    const was = [host.received.length, board.received.length, board.requests];
    for (let times = 0; times < 3; times++)
      for (const frame of [...host.sent]) {
        board.hear(frame);
        two.carry();
      }
    for (const frame of [...board.sent]) host.hear(frame);
    two.wait(200);
    assert.deepEqual([host.received.length, board.received.length, board.requests], was);
    assert.ok(board.session.counters.duplicates + board.session.counters.discarded > 0);
    assert.equal(host.session.state, State.open);
    assert.equal(board.session.state, State.open);
    two.write(", and another").carry();
    assert.equal(board.received.toString(), "one job, and another");
  });

  it("drops frames of another session, and its own that are sent back", () => {
    const recorded = new Two(KEY, doorOf(KEY), UDP, 1).carry().write("one job").carry();
    const two = new Two(KEY, doorOf(KEY, 3000), UDP, 2).carry().write("first").carry();
    const frames = (all: Bytes[]): Bytes[] => all.filter((frame) => tagOf(frame) !== HELLO);
    two.board.hear(...frames(recorded.host.sent), ...frames(two.board.sent), ...frames(recorded.board.sent));
    two.host.hear(...frames(recorded.board.sent), ...frames(two.host.sent), ...frames(recorded.host.sent));
    assert.equal(two.board.received.toString(), "first");
    assert.equal(two.board.requests, 1);
    assert.ok(two.board.session.counters.discarded > 0);
    two.wait(100).write(", second").carry();
    assert.equal(two.board.received.toString(), "first, second");
  });

  it("drops a frame of which any bit was changed, and the stream is whole none the less", () => {
    const two = new Two(KEY, doorOf(KEY)).carry().write("begin").carry().write(", payload");
    const { host, board } = two;
    const heard = (to: Party): number[] => [to.session.count(), to.received.length, to.requests];
    const check = (frame: Bytes, to: Party, what: string): void => {
      const before = heard(to);
      const { discarded } = to.session.counters;
      for (let bit = 0; bit < frame.length * 8; bit++) {
        to.hear(flipped(frame, bit));
        assert.deepEqual(heard(to), before, `bit ${bit} of ${what}`);
        assert.equal(to.session.state, State.open, `bit ${bit} of ${what}`);
      }
      assert.ok(to.session.counters.discarded - discarded > frame.length, what);
    };
    const [data] = host.take();
    assert.equal(kindOf(tagOf(data!)), Kind.data);
    check(data!, board, "data");
    board.hear(data!);
    two.now.at += 30;
    board.session.timeOut(two.now.at);
    const [acknowledgement] = board.take();
    assert.equal(kindOf(tagOf(acknowledgement!)), Kind.ack);
    check(acknowledgement!, host, "an acknowledgement");
    assert.ok(underWay(host.session.sender) > 0);
    host.hear(acknowledgement!);
    assert.equal(underWay(host.session.sender), 0);
    two.write(", end").wait(1000);
    assert.equal(board.received.toString(), "begin, payload, end");
  });

  it("ends a connection over TCP, which damages nothing, at the first frame that is not right", () => {
    const two = new Two(KEY, doorOf(KEY), TCP).carry().write("begin").carry().write("payload");
    const [frame] = two.host.take();
    two.board.hear(flipped(frame!, 80));
    assert.equal(two.board.session.state, State.closed);
    assert.match(two.board.failure!, /^EPROTO/);
    assert.equal(two.board.received.toString(), "begin");
  });

  it("ends before the number of a frame comes again under its keys", () => {
    const two = new Two(KEY, doorOf(KEY)).carry().write("begin").carry();
    two.host.session.sender.next += 2 ** 31;
    two.wait(6000);
    assert.match(two.host.failure!, /^ECONNRESET: the numbers of this session's frames are used up/);
    assert.equal(two.host.session.state, State.closed);
  });

  it("slows guessing down, and lets in who has the key when that is over", () => {
    const door = doorOf(KEY);
    const guess = (at: number): void => {
      const two = new Two(OTHER, door, UDP, at);
      two.now.at = at;
      two.carry();
    };
    for (let at = 10; at < 60_010; at += 10) guess(at);
    assert.ok(door.forged < 80, `${door.forged} guesses were looked at in a minute`);
    assert.equal(door.forged + door.slowed, 6000);
    const two = new Two(KEY, door, UDP, 999_999);
    two.now.at = 62_000;
    assert.equal(two.carry().host.session.state, State.open);
  });
});
