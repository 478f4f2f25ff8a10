import assert from "node:assert/strict";
import { Door, hmacKey, Initiator, Session, slice, Sockets, State, Type } from "../../../protocols/index.js";
import type { Bytes, HmacKey, SessionUser, Socket } from "../../../protocols/index.js";
import { random, UDP } from "../pair.js";

/** A host and a board that have one session, over one link after the other. */
class Machines {
  now = 0;
  host: Session | null = null;
  readonly received: Buffer[] = [];
  readonly failures: string[] = [];
  private board: Session | null = null;
  private readonly sessions: Session[] = [];
  private readonly rand = random(3);
  private readonly door: Door;
  private readonly near: Sockets;
  private readonly far: Sockets;

  constructor(private readonly key: HmacKey | null) {
    const user = { onup: () => undefined, onwork: () => undefined };
    const onclose = (failure: string): number => this.failures.push(failure);
    this.near = new Sockets(true, 8, 4096, { ...user, ondown: onclose, onrequest: () => undefined });
    this.far = new Sockets(false, 8, 65536, { ...user, ondown: onclose, onrequest: (socket) => this.take(socket) });
    const find = (id: number): Session | null =>
      this.sessions.find((session) => session.state !== State.closed && session.answersTo(id, this.now)) ?? null;
    this.door = new Door(this.word, key, find);
  }

  /** A stream to the board: its first frames arrive, and nothing comes back. */
  send(bytes: Bytes): void {
    const socket = this.near.connectTo(Type.stream, "sink", 0, 4096)!;
    this.settle();
    socket.send(bytes);
    socket.end();
    let frames = 0;
    this.carry(() => ++frames > 3);
  }

  /**
   * The host shakes hands on a further link; nothing else has gone over it yet.
   * @param meanwhile happens while the answer is on its way
   */
  dial(meanwhile: () => void = () => undefined): void {
    for (const session of [this.host, this.board]) session?.lose("ENODEV: the cable is out", this.now);
    const initiator = new Initiator({ payload: 512, window: 8 }, this.word, this.key, this.host);
    const next = new Session(this.owner(this.near), { payload: 512, window: 8 }, UDP, this.now, initiator, null);
    this.board = new Session(this.owner(this.far), { payload: 512, window: 8 }, UDP, this.now, null, this.door);
    this.sessions.push(this.board);
    while (next.state === State.opening) {
      for (let frame; (frame = next.poll(this.now)).length > 0;) this.board.receive(frame, this.now);
      meanwhile();
      for (let frame; (frame = this.board.poll(this.now)).length > 0;) next.receive(frame, this.now);
    }
    this.host = next;
  }

  /** Nothing arrives for so long. */
  silence(ms: number): void {
    for (const end = this.now + ms; this.now < end; this.now += 50) {
      this.carry(() => true);
      for (const session of [this.host!, ...this.sessions])
        if (this.now >= session.deadline()) session.timeOut(this.now);
    }
  }

  /** Until both have said all. */
  settle(): void {
    for (let quiet = 0; quiet < 20; this.now += 10) {
      quiet = this.carry(() => false) ? 0 : quiet + 1;
      this.host!.timeOut(this.now);
      this.board!.timeOut(this.now);
    }
  }

  private readonly word = (): number => this.rand() * 2 ** 32;

  private owner(sockets: Sockets) {
    return { begin: (user: SessionUser | null) => user ?? sockets, onmoved: () => undefined, ondown: () => undefined };
  }

  private carry(lost: () => boolean): boolean {
    const host = this.host!;
    const board = this.board!;
    let any = false;
    for (const [from, to] of [
      [host, board],
      [board, host],
    ] as const)
      for (let frame; (frame = from.poll(this.now)).length > 0; any = true) if (!lost()) to.receive(frame, this.now);
    return any;
  }

  private take(socket: Socket): void {
    socket.ondata = (frame, from, to) => {
      this.received.push(Buffer.from(slice(frame, from, to)));
      socket.consume(to - from);
    };
    socket.onend = () => socket.end();
    this.far.accept(socket);
  }
}

const BYTES = Buffer.from(Array.from({ length: 6000 }, (_, i) => (i * 31) % 251));

describe("a session on a further link", () => {
  for (const [how, key] of [
    ["without a key", null],
    ["with a key", hmacKey(new Uint8Array(32).fill(9))],
  ] as const)
    for (const links of [0, 1, 3])
      it(`goes on ${how} after ${links} links on which the board never heard of it again`, () => {
        const machines = new Machines(key);
        machines.dial();
        machines.send(BYTES);
        const before = machines.received.length;
        assert.ok(before > 0 && Buffer.concat(machines.received).length < BYTES.length);
        for (let i = 0; i < links; i++) {
          machines.dial();
          assert.equal(machines.host!.state, State.open);
          // The board gives up what nobody uses after 3 s.
          machines.silence(3500);
        }
        machines.dial();
        machines.settle();
        assert.deepEqual(machines.failures, []);
        assert.deepEqual(Buffer.concat(machines.received), BYTES);
      });

  it("is over on the board as well when the host gave it up while the board agreed to go on", () => {
    const machines = new Machines(null);
    machines.dial();
    machines.send(BYTES);
    const { host } = machines;
    machines.dial(() => host!.endSession("ETIMEDOUT: given up"));
    machines.settle();
    const [first, ...rest] = machines.failures;
    assert.equal(first, "ETIMEDOUT: given up");
    // The host's new session, and the board's.
    assert.equal(rest.length, 2);
    for (const failure of rest) assert.match(failure, /^ECONNRESET: the session is over on the other side/);
  });

  it("is over when the board has forgotten both", () => {
    const machines = new Machines(null);
    machines.dial();
    machines.send(BYTES);
    machines.dial();
    machines.silence(29_000);
    machines.dial();
    machines.silence(11_000);
    machines.dial();
    assert.match(
      machines.failures.join("\n"),
      /^ETIMEDOUT: the link was lost.*\nECONNRESET: the session is over on the/,
    );
  });
});
