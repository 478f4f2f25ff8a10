/** Asks a board what its clock says: often at first, then seldom, and only while somebody wants to know. */
import { be32, decodeClockAnswer, Frame, SERVICES, Stamp, u32 } from "../../protocols/index.js";
import type { Clock, Timer } from "../clock.js";
import { SOCK_DGRAM } from "../constants.js";
import type { DatagramSocket } from "../datagram-socket.js";
import type { DevsockError } from "../errors.js";
import type { RemoteInfo } from "../packet-socket.js";
import { Bounds } from "./bounds.js";

/** Waits between two exchanges, in ms: as long as all of them have taken so far, within these. */
const PAUSE = { least: 100, most: 15_000 };

/** While other traffic holds exchanges up: the next one may find a gap. Where images are stamped, longer by as much as that may be less fine. */
const BUSY = 1000;

/** By how much what is not known of the clocks' speeds may widen the bounds until the next exchange, in ms: where samples are stamped, and where images are. */
export const FINE = 0.7;
export const COARSE = 10;

/** However soon that is, the next one comes no sooner, in ms. */
const SOON = 400;

/** Pauses shorter than this are made longer or shorter by up to a quarter, in ms. */
const OFTEN = 1000;

/** How much longer than the shortest one an exchange may take before it counts as held up: so many times, and ms. */
const HELD_UP = { times: 2, more: 1 };

/** How long an answer is waited for, in ms: four times the shortest round trip, within these; twice as long each time. */
const PATIENCE = { least: 300, most: 2000 };

/** Requests whose answer may still come. */
const MOST_OPEN = 4;

/** What exchanges need of a board. */
export interface Exchanged {
  readonly clock: Clock;
  /** Whether the link has its connection. */
  readonly standing: boolean;
  /** How many connections were lost. */
  readonly lost: number;
  /** How far its clock may be from the host's in speed. */
  readonly drift: number;
  /** Ms that a byte takes on the link's line at the least; 0 where nobody knows. */
  readonly byteTime: number;
  /** Until when the line is sending what it was given, at the least, in ms. */
  readonly busy: number;
  connect(address: string, options: { type: typeof SOCK_DGRAM; priority: 3 }): Promise<DatagramSocket>;
}

/** What is told of the exchanges. */
export interface ExchangeEvents {
  /** One more answer came. */
  onanswer(): void;
  /** The session is over: the board may have been started again. */
  onlost(): void;
  /** The board has no clock to tell, or there is no link any more. */
  onfailure(error: DevsockError): void;
}

interface Request {
  sent: number;
  /** Ms that its bytes take on the line at the least. */
  wire: number;
  /** How many connections were lost when it was sent. */
  lost: number;
}

export class Exchanges {
  readonly bounds: Bounds;
  /** Which start of the board the bounds belong to. */
  boot: number | undefined;
  readonly counters = { requests: 0, answers: 0, restarts: 0 };
  private growth = FINE;
  private socket: DatagramSocket | undefined;
  private timer: Timer | undefined;
  private running = false;
  private number = 0;
  /** Of the request that was answered last. */
  private newest: number | undefined;
  private unanswered = 0;
  private readonly open = new Map<number, Request>();

  constructor(
    private readonly board: Exchanged,
    private readonly events: ExchangeEvents,
  ) {
    this.bounds = new Bounds(() => board.drift);
  }

  start(): void {
    if (this.running) return;
    this.running = true;
    void this.begin();
  }

  stop(): void {
    this.running = false;
    this.timer?.cancel();
    this.open.clear();
    const { socket } = this;
    this.socket = undefined;
    socket?.close();
  }

  /** @param growth in ms: see FINE. Who wants to know it better than those before him has the board asked at once. */
  know(growth: number): void {
    const sooner = growth < this.growth;
    this.growth = growth;
    if (this.running && sooner && this.open.size === 0) this.ask();
  }

  private async begin(): Promise<void> {
    try {
      const socket = await this.board.connect(`:${SERVICES.clock}`, { type: SOCK_DGRAM, priority: 3 });
      socket.on("error", () => undefined);
      if (!this.running || this.socket) return socket.close();
      this.socket = socket;
      socket.on("message", (rest, from) => this.answered(rest, from));
      socket.once("close", () => this.lost(socket));
      this.ask();
    } catch (error) {
      if (!this.running) return;
      this.running = false;
      this.events.onfailure(error as DevsockError);
    }
  }

  private lost(socket: DatagramSocket): void {
    if (this.socket !== socket) return;
    this.socket = undefined;
    this.open.clear();
    this.newest = undefined;
    this.timer?.cancel();
    this.events.onlost();
    if (this.running) this.timer = this.board.clock.after(PAUSE.least, () => void this.begin());
  }

  private ask(): void {
    const { board, socket, open } = this;
    if (!socket) return;
    if (board.standing) {
      const { byteTime, lost } = board;
      const id = (this.number = (this.number + 1) >>> 0);
      if (open.size === MOST_OPEN) open.delete(open.keys().next().value!);
      open.set(id, { sent: Math.max(board.clock.now(), board.busy), wire: (4 + Frame.overhead) * byteTime, lost });
      socket.send(be32(id));
      this.counters.requests++;
    }
    const patience = Math.min(PATIENCE.most, Math.max(PATIENCE.least, 4 * this.bounds.shortest));
    this.again(Math.min(PAUSE.most, patience * 2 ** Math.min(this.unanswered++, 10)));
  }

  private again(ms: number): void {
    this.timer?.cancel();
    this.timer = this.board.clock.after(ms, () => this.ask());
  }

  private answered(rest: Buffer, { tick, size }: RemoteInfo): void {
    const answer = tick === undefined ? null : decodeClockAnswer(tick, rest);
    if (!answer || answer.request.length !== 4) return;
    const id = u32(answer.request, 0);
    const request = this.open.get(id);
    // One that came twice, or too late.
    if (!request) return;
    this.open.delete(id);
    const { sent, wire, lost } = request;
    // It says when it left for the connection on which it was asked for, at the earliest: no sooner is true of that one only.
    if (lost !== this.board.lost) return;
    if (this.boot !== answer.boot) {
      if (this.boot !== undefined) this.counters.restarts++;
      this.boot = answer.boot;
      this.bounds.clear();
    }
    const back = (size + Stamp.bytes + Frame.overhead) * this.board.byteTime;
    const { received, answered, before } = answer;
    if (before > 0 && this.newest === (id - 1) >>> 0) this.bounds.leftAt(before);
    const came = this.board.clock.now() - back;
    const took = came - sent - wire - (answered - received);
    this.bounds.add({ sent: sent + wire, received, answered, came, took });
    this.newest = id;
    this.counters.answers++;
    this.unanswered = 0;
    const pause = this.pause(took);
    // Short ones by chance: no rhythm of the board's own hides each of them.
    this.again(pause < OFTEN ? pause * (0.75 + Math.random() / 2) : pause);
    this.events.onanswer();
  }

  private pause(took: number): number {
    const { span, shortest, rate } = this.bounds;
    const grown = Math.max(SOON, this.growth / (rate.most - rate.least));
    const pause = Math.min(PAUSE.most, Math.max(PAUSE.least, span), grown);
    return took <= shortest * HELD_UP.times + HELD_UP.more ? pause : Math.min(pause, (BUSY * this.growth) / FINE);
  }
}
