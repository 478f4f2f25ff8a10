/** Two sessions that were joined, and are then given frames that nobody sent. */
import {
  Door,
  encode,
  Frame,
  Hello,
  helloFrame,
  hmacKey,
  Initiator,
  Kind,
  kindOf,
  markOf,
  NOBODY,
  Phase,
  Session,
  slice,
  Sockets,
  State,
  Step,
  tag,
  tagOf,
  Type,
  UNPROVED,
} from "../../protocols/index.js";
import type { Bytes, HmacKey, Socket, Guard } from "../../protocols/index.js";
import { checkBounds } from "../bounds.js";
import { OTHER } from "../checker.js";
import type { Side } from "../checker.js";
import { below, random } from "../random.js";
import type { Random } from "../random.js";
import { MEDIA } from "../wire.js";
import { noise } from "./mutate.js";

/** Frames that one input may lead to. */
const MOST = 100;

const { traits } = MEDIA.serial;

interface One {
  session: Session;
  sockets: Sockets;
}

/** What a session agreed on, by the names that it has there. */
interface Agreed {
  _agreed: { guard: Guard | null; mark: number } | null;
}

export class Pairing {
  /** Whole handshake frames that were said. */
  readonly hellos: Bytes[] = [];
  private readonly sides: Record<Side, One>;
  private now = 1000;
  private readonly sequences: Record<Side, number> = { host: 0, board: 0 };

  /** @param opened whether the handshake is done, and a few sockets are open */
  constructor(
    keyed: boolean,
    private readonly opened: boolean,
  ) {
    const key = keyed ? hmacKey(new Uint8Array(32).fill(7)) : null;
    const rand = random(5);
    this.sides = { host: this.make("host", key, rand), board: this.make("board", key, rand) };
    if (!opened) {
      this.hellos.push(this.sides.host.session.poll(this.now));
      return;
    }
    const { host, board } = this.sides;
    this.exchange();
    for (const type of [Type.stream, Type.datagram, Type.raw, Type.rdm, Type.seqpacket]) {
      host.sockets.connectTo(type, "a", type & 3, 2000)!.onanswer = () => undefined;
      board.sockets.connectTo(type, "b", 0, 2000);
    }
    this.exchange();
  }

  /** Both sides go on. */
  get alive(): boolean {
    const state = this.opened ? State.open : State.opening;
    return this.sides.host.session.state === state && this.sides.board.session.state === state;
  }

  /** Bytes that nobody sent come to one side. */
  give(to: Side, bytes: Bytes): void {
    this.now += 1;
    const { session } = this.sides[to];
    session.receive(bytes, this.now);
    if (session.deadline() <= this.now) session.timeOut(this.now);
    this.drain(to);
    const bad = checkBounds({ session, life: this.sides[to], link: { medium: MEDIA.serial }, side: to } as never);
    if (bad) throw new Error(bad);
  }

  /** The session's name, which a handshake may give. */
  get id(): number {
    return this.sides.board.session.id;
  }

  /** An offer with these terms comes to the board, or an answer to the host, as it may be the next thing said. */
  offer(text: string, rand: Random): void {
    const epoch = noise(rand, 8);
    const offered = this.hellos[0]!;
    const to: Side = rand() < 0.7 ? "board" : "host";
    const mine = slice(offered, Frame.header + 2, Frame.header + Hello.peer);
    if (to === "board") this.give(to, helloFrame(Step.offer, epoch, NOBODY, UNPROVED, text));
    else this.give(to, helloFrame(Step.answer, epoch, mine, UNPROVED, text));
    // Who agreed to it waits for the first frame.
    const pending = (
      this.sides[to].session as unknown as { _pending: { mark: number; peerEpoch: Bytes; epoch: Bytes } | null }
    )._pending;
    if (!pending || rand() < 0.5) return;
    const mark = markOf(pending.peerEpoch, pending.epoch);
    this.give(to, encode(tag(Kind.ack, 3, 0), 0, Buffer.from([1, 0, 0]), mark));
  }

  /** A frame that is right by its CRC or MAC. */
  frame(to: Side, kind: Kind, payload: Bytes, rand: Random): void {
    const from = (this.sides[OTHER[to]].session as unknown as Agreed)._agreed!;
    const sequenced = kind === Kind.data || kind === Kind.control || kind === Kind.message;
    const next = this.sides[to].session.count();
    const number = rand() < 0.7 ? next : Math.max(0, next + below(rand, 40) - 20);
    const word = tag(kind, below(rand, 4), below(rand, 14));
    const field = sequenced ? number & 2047 : rand() < 0.5 ? this.sequences[to] & 2047 : below(rand, 2048);
    const guard = from.guard;
    this.give(
      to,
      guard ? guard.seal(word, field, sequenced ? number : -1, payload) : encode(word, field, payload, from.mark),
    );
  }

  private make(side: Side, key: HmacKey | null, rand: Random): One {
    const host = side === "host";
    const sockets = new Sockets(host, 8, 2000, {
      onup: () => undefined,
      ondown: () => undefined,
      onwork: () => undefined,
      onrequest: (socket) => this.serve(sockets, socket),
    });
    const owner = { begin: () => sockets, onmoved: () => undefined, ondown: () => undefined };
    const terms = { payload: traits.payload - (key ? 4 : 0), window: 8 };
    const random32 = (): number => Math.floor(rand() * 2 ** 32);
    const initiator = host ? new Initiator(terms, random32, key) : null;
    const find = (id: number): Session | null => {
      const { session } = this.sides.board;
      return session.state !== State.closed && session.answersTo(id, this.now) ? session : null;
    };
    const door = host ? null : new Door(random32, key, find);
    return { session: new Session(owner, terms, traits, this.now, initiator, door), sockets };
  }

  private serve(sockets: Sockets, socket: Socket): void {
    socket.onoption = (text) => text;
    socket.ondata = (_bytes, from, to) => {
      if (socket.phase === Phase.open) socket.consume(to - from);
    };
    sockets.accept(socket);
  }

  private exchange(): void {
    for (let quiet = false; !quiet;) {
      quiet = true;
      for (const from of ["host", "board"] as const)
        for (const frame of this.drain(from)) {
          quiet = false;
          if (kindOf(tagOf(frame)) === Kind.hello) this.hellos.push(frame);
          this.sides[OTHER[from]].session.receive(frame, this.now);
        }
    }
  }

  private drain(side: Side): Bytes[] {
    const said: Bytes[] = [];
    const { session } = this.sides[side];
    for (let frame = session.poll(this.now); frame.length > 0; frame = session.poll(this.now)) {
      said.push(frame);
      if (said.length > MOST) throw new Error(`more than ${MOST} frames for one input`);
    }
    return said;
  }
}
