/**
 * Watches what programs do and are told, and knows what they were promised: docs/protocol/socket.md and the types of
 * sockets. It never asks a session or a socket.
 */
import type { Bytes, Failure } from "../protocols/index.js";
import { Type } from "../protocols/index.js";
import { flowOf } from "./flows.js";
import type { Fault, Flow } from "./flows.js";

export type Side = "host" | "board";

export const OTHER: Record<Side, Side> = { host: "board", board: "host" };

export const NAMES: Record<Type, string> = {
  [Type.stream]: "stream",
  [Type.datagram]: "datagram socket",
  [Type.raw]: "raw socket",
  [Type.rdm]: "rdm socket",
  [Type.seqpacket]: "seqpacket socket",
};

/** Sockets that every session has room for. */
const FEWEST = 8;

/** A promise was broken. */
export class Violation extends Error {}

/** What one program did with its end of a socket, and what it was told. */
class Watch {
  /** It may send and receive. */
  open = false;
  /** It ended its direction; it was told that the other's has ended. */
  ended = false;
  gotEnd = false;
  /** Why it reset or refused the socket, if it did. */
  reset: Failure | null = null;
  refused: Failure | null = null;
  /** How it was told that all is over. */
  closed: Failure | null = null;
  /** Its machine lost it. */
  gone = false;
  /** Bytes that it was given and has not used up. */
  held = 0;
  /** Options that it asked for, by number, and what the answers are to be. */
  readonly asked = new Map<number, string>();

  constructor(readonly receiveBuffer: number) {}

  get over(): boolean {
    return this.gone || this.closed !== null;
  }
}

/** One socket with its two programs. */
export class Talk {
  readonly watches: Record<Side, Watch>;
  /** What goes out of each side. */
  readonly flows: Record<Side, Flow>;
  /** The other side's program has met it. */
  met = false;

  constructor(
    readonly id: number,
    readonly type: Type,
    readonly opener: Side,
    receiveBuffers: Record<Side, number>,
  ) {
    this.watches = {
      host: new Watch(receiveBuffers.host),
      board: new Watch(receiveBuffers.board),
    };
    this.flows = {
      host: flowOf(type, 2 * id),
      board: flowOf(type, 2 * id + 1),
    };
  }

  get over(): boolean {
    const { host, board } = this.watches;
    if (host.over && board.over) return true;
    // The other side never heard of it.
    return !this.met && this.watches[this.opener].over;
  }
}

/** What the checker is told of a session's end on one side. */
export interface SessionEnd {
  /** This side, or the other, closed the session with this failure. */
  own: Failure;
  bye: Failure;
  /** The other side's session is over, never began, or is another one. */
  forgotten: boolean;
  /** ms since something of the other side last came unhurt, and since the link was lost, by this side's clock. */
  silent: number;
  lost: number;
  /** What both may be at the most, in ms. */
  lifetime: number;
}

export class Checker {
  readonly talks: Talk[] = [];
  /** Sockets whose end is to be explained by that of their session, by the session. */
  private readonly unexplained = new Map<object, Failure>();

  /**
   * @param where says where a violation was seen: the time
   * @param doubled frames that links have doubled so far
   */
  constructor(
    private readonly where: () => string,
    private readonly doubled: () => number,
  ) {}

  opened(talk: Talk, side: Side): void {
    const watch = talk.watches[side];
    this.demand(!watch.over, talk, side, "it opened after its end");
    this.demand(!watch.open, talk, side, "it opened twice");
    watch.open = true;
  }

  came(talk: Talk, side: Side, data: Bytes): void {
    const watch = talk.watches[side];
    this.demand(!watch.over && watch.reset === null, talk, side, "bytes came after its end");
    this.demand(!watch.gotEnd, talk, side, "bytes came after the end of that direction");
    const flow = talk.flows[OTHER[side]];
    this.fault(flow.came(data), talk, side);
    this.demand(flow.repeated <= this.doubled(), talk, side, "a message came twice that no link doubled");
    this.hold(talk, side, flow.cost(data));
  }

  /** A record of so many bytes is whole. */
  cameMark(talk: Talk, side: Side, length: number): void {
    const watch = talk.watches[side];
    this.demand(!watch.over && watch.reset === null && !watch.gotEnd, talk, side, "a record's end came after the end");
    this.fault(talk.flows[OTHER[side]].cameMark(length), talk, side);
    this.hold(talk, side, 1);
  }

  cameUrgent(talk: Talk, side: Side, data: Bytes, mark: number): void {
    const watch = talk.watches[side];
    this.demand(!watch.over && watch.reset === null && !watch.gotEnd, talk, side, "an urgent byte came after the end");
    this.fault(talk.flows[OTHER[side]].cameUrgent(data, mark), talk, side);
  }

  /** An option that it asked for: answers come once, in the order of the questions. */
  cameAnswer(talk: Talk, side: Side, number: number, text: string): void {
    const { asked, over, reset } = talk.watches[side];
    this.demand(!over && reset === null, talk, side, "an answer came after its end");
    const [first] = asked.keys();
    this.demand(number === first, talk, side, `answer ${number} came, but ${first ?? "none"} is next`);
    this.demand(text === asked.get(number), talk, side, `answer ${number} is "${text}"`);
    asked.delete(number);
  }

  cameEnd(talk: Talk, side: Side): void {
    const watch = talk.watches[side];
    this.demand(!watch.over && watch.reset === null, talk, side, "the end came after the socket's");
    this.demand(!watch.gotEnd, talk, side, "the end came twice");
    this.demand(talk.watches[OTHER[side]].ended, talk, side, "the end came, but the other side did not end");
    watch.gotEnd = true;
    this.fault(talk.flows[OTHER[side]].ended(), talk, side);
  }

  /** @param session stands for the session that the socket was in */
  closed(talk: Talk, side: Side, failure: Failure, session: object): void {
    const watch = talk.watches[side];
    this.demand(!watch.over, talk, side, `it was told of its end twice, now by "${failure}"`);
    watch.closed = failure;
    const peer = talk.watches[OTHER[side]];
    if (failure === "") {
      if (watch.refused !== null) return;
      this.demand(watch.ended && watch.gotEnd, talk, side, "it ended in order before both directions did");
    } else if (failure.startsWith("EMFILE"))
      this.demand(!talk.met && this.talks.length > FEWEST, talk, side, "there was room for it");
    else if (failure !== watch.reset && failure !== peer.reset && failure !== peer.refused) {
      const before = this.unexplained.get(session);
      this.demand(
        before === undefined || before === failure,
        talk,
        side,
        `one session, but "${before}" and "${failure}"`,
      );
      this.unexplained.set(session, failure);
    }
  }

  /** A session is over, and with it every socket. */
  sessionOver(session: object, failure: Failure, end: SessionEnd): void {
    const said = this.unexplained.get(session);
    this.unexplained.delete(session);
    // Without sockets nobody is told.
    if (said === undefined) return;
    if (said !== failure) this.violation(`sockets were told "${said}", their session "${failure}"`);
    const why = unfounded(failure, end);
    if (why) this.violation(`a session ended with "${failure}", but ${why}`);
  }

  /** After each event. */
  settle(): void {
    for (const failure of this.unexplained.values())
      this.violation(`a socket ended with "${failure}", but nobody reset it and its session lives`);
  }

  /** When all has been said: nobody waits in vain. */
  finish(): void {
    for (const talk of this.talks)
      for (const side of ["host", "board"] as const)
        if (!talk.over) this.demand(talk.watches[side].over, talk, side, "it was never told of its end");
  }

  violation(text: string): never {
    throw new Violation(`${this.where()}: ${text}`);
  }

  /** What the reader has not used up yet must have had room. */
  private hold(talk: Talk, side: Side, cost: number): void {
    const watch = talk.watches[side];
    watch.held += cost;
    const { held, receiveBuffer } = watch;
    this.demand(held <= receiveBuffer, talk, side, `${held} bytes wait for a reader with room for ${receiveBuffer}`);
  }

  private fault(text: Fault, talk: Talk, side: Side): void {
    this.demand(!text, talk, side, text);
  }

  private demand(holds: boolean, talk: Talk, side: Side, text: string): void {
    if (!holds) this.violation(`${NAMES[talk.type]} ${talk.id}, ${side}: ${text}`);
  }
}

/** Why a session with open sockets must not have ended with this, or "". */
function unfounded(failure: Failure, end: SessionEnd): string {
  if (failure === end.own || failure === end.bye) return "";
  if (failure.startsWith("ETIMEDOUT: nothing was heard"))
    return end.silent >= end.lifetime - 1 ? "" : `the other side was heard ${end.silent.toFixed(0)} ms ago`;
  if (failure.startsWith("ETIMEDOUT: the link was lost"))
    return end.lost >= end.lifetime - 1 ? "" : `it was lost ${end.lost.toFixed(0)} ms ago`;
  if (/^ECONNRESET: the (peer started anew|session is over on the other side)/.test(failure))
    return end.forgotten ? "" : "the other side still has it";
  return "nothing explains it";
}
