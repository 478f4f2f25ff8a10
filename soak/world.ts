/** A host and a board with whatever links they have, in one process and in virtual time, from a seed. */
import { createHash } from "node:crypto";
import { Door, EMPTY, hmacKey, isHello, join, State } from "../protocols/index.js";
import type { Bytes, HmacKey, Session } from "../protocols/index.js";
import { checkBounds } from "./bounds.js";
import { Checker, OTHER } from "./checker.js";
import type { Side } from "./checker.js";
import { End, termsOf } from "./end.js";
import type { Life } from "./life.js";
import { Link } from "./link.js";
import { Machine } from "./machine.js";
import { Programs } from "./programs.js";
import { EventQueue } from "./queue.js";
import { below, random } from "./random.js";
import type { Random } from "./random.js";
import { Tally } from "./tally.js";
import { CLEAN, MEDIA } from "./wire.js";
import type { Faults, Medium, Piece } from "./wire.js";

export const SIDES: readonly Side[] = ["host", "board"];

/** So many things at one time are an endless loop. */
const ENDLESS = 100_000;

/** What a host says when it closes a session. */
export const BYE = "ECONNRESET: the host closed the link";

/** What a world is made of. */
export interface Setting {
  seed: number;
  medium: Medium["name"];
  /** Both have a key: frames are encrypted and bear a MAC. */
  keyed: boolean;
  /** ms of each side's clock in one of the world's. */
  rates: Record<Side, number>;
}

export class World {
  readonly queue = new EventQueue();
  readonly random: Random;
  readonly checker: Checker;
  readonly programs: Programs;
  readonly machines: Record<Side, Machine>;
  /** Frames that were sent. */
  frames = 0;
  readonly tally = new Tally();
  /** What the host dials next. */
  medium: Medium;
  /** Things that happened since time last passed. */
  private atOnce = 0;
  /** Nothing new is begun. */
  private last = false;
  /** Who may come in; a board that starts again has another one. */
  door: Door;
  readonly key: HmacKey | null;
  /** ms that a session outlives its link, and silence. */
  readonly lifetime = 30_000;
  /** All sessions that were opened, on both sides. */
  lives: Life[] = [];
  readonly random32 = (): number => Math.floor(this.random() * 2 ** 32);
  /** Links' ends that are not over. */
  private readonly ends = new Set<End>();
  private readonly cable: Link;
  private links: Link[] = [];
  /** Frames that links doubled which are no more. */
  private doubledBefore = 0;
  private readonly faults: Record<Side, Faults> = { host: CLEAN, board: CLEAN };
  private readonly hash = createHash("sha256");

  constructor(
    { seed, medium, keyed, rates }: Setting,
    private readonly media = MEDIA,
  ) {
    this.random = random(seed);
    this.key = keyed ? hmacKey(Uint8Array.from({ length: 32 }, (_, i) => i + 1)) : null;
    this.door = this.newDoor();
    this.medium = media[medium];
    if (rates.host !== rates.board) this.tally.count("plans with drifting clocks");
    this.machines = {
      host: new Machine(this.queue, rates.host, 1_700_000_000_000),
      board: new Machine(this.queue, rates.board, 0),
    };
    this.checker = new Checker(
      () => `at ${this.queue.now.toFixed(2)} ms`,
      () => this.doubled,
    );
    this.programs = new Programs(this);
    this.cable = this.link(this.media.serial);
    this.dial();
  }

  /** Runs until `at`, in ms. */
  run(at: number): void {
    while (this.queue.next <= at) this.step();
    this.queue.now = Math.max(this.queue.now, at);
  }

  /** Runs until the predicate holds; a violation when it does not within `limit` ms. */
  until(done: () => boolean, limit: number, what: string): void {
    const end = this.queue.now + limit;
    while (!done()) {
      if (this.queue.next > end) this.checker.violation(`${what} after ${limit} ms without a fault`);
      this.step();
    }
  }

  /** SHA-256 of everything that happened so far. */
  digest(): string {
    return this.hash.copy().digest("hex");
  }

  log(text: string): void {
    this.hash.update(`${this.queue.now} ${text}\n`);
  }

  sent(side: Side, frame: Bytes): void {
    this.frames++;
    this.log(`${side} sends`);
    this.hash.update(frame);
  }

  bounds(end: End): void {
    const why = checkBounds(end);
    if (why) this.checker.violation(`${end.side}: ${why}`);
  }

  /** What a side's programs use now. */
  current(side: Side): Life | undefined {
    return this.lives.filter((life) => life.side === side && !life.over).pop();
  }

  /** From now on the frames of one side suffer this. */
  suffer(side: Side, faults: Faults): void {
    this.faults[side] = faults;
    for (const link of this.links) link.wires[side].faults = faults;
  }

  /** Nothing of one side arrives for a time. */
  deaden(side: Side, ms: number): void {
    const wires = this.links.map((link) => link.wires[side]);
    for (const wire of wires) wire.dead = true;
    this.tally.count(`silences of the ${side}`);
    this.queue.put(this.queue.now + ms, () => wires.forEach((wire) => (wire.dead = false)));
  }

  /** The connection is cut; each side of `told` learns of it. Serial and UDP tell nobody. */
  kill(told: readonly Side[]): void {
    for (const link of this.links) {
      if (!link.medium.traits.reliable || link.closed) continue;
      link.close();
      this.tally.count(["kills that nobody is told of", "kills that one is told of", "kills"][told.length]!);
      for (const side of told) link.ends[side]?.lost();
      if (told.includes("host")) this.redial();
    }
  }

  /** The host closes its session in order. */
  close(): void {
    for (const end of [...this.ends]) if (end.side === "host") end.close(BYE);
  }

  /** The host leaves its link for another kind of link. */
  switch(medium: Medium["name"]): void {
    this.medium = this.media[medium];
    for (const end of this.ends)
      if (end.side === "host" && end.session.state === State.open) {
        this.tally.count(`switches to ${medium}`);
        end.lost();
        this.hangUp(end);
        this.redial();
      }
  }

  /** One machine stops at this moment and starts again after a time. Nobody is told. */
  reboot(side: Side, ms: number): void {
    const machine = this.machines[side];
    if (!machine.up) return;
    machine.up = false;
    this.tally.count(`reboots of the ${side}`);
    this.log(`${side} stops`);
    this.programs.vanish(side);
    for (const life of this.lives) if (life.side === side) life.over = life.gone = true;
    for (const end of this.ends)
      if (end.side === side) {
        end.vanish();
        this.ends.delete(end);
        if (end.link.ends[side] === end) end.link.ends[side] = null;
      }
    this.queue.put(this.queue.now + ms, () => {
      machine.up = true;
      this.log(`${side} starts`);
      if (side === "board") this.door = this.newDoor();
      else this.redial();
    });
  }

  /** Nothing more comes or goes here. */
  endOver(end: End): void {
    this.ends.delete(end);
    if (end.link.ends[end.side] === end) end.link.ends[end.side] = null;
    this.hangUp(end);
    if (end.side === "host") this.redial();
  }

  /** The host has lost its link, or never had one. */
  redial(): void {
    if (!this.last) this.queue.put(this.queue.now + 100 + below(this.random, 1000), () => this.dial());
  }

  /** All faults end, all programs come to their end, and nothing may be left. */
  finish(): void {
    for (const side of SIDES) {
      this.suffer(side, CLEAN);
      for (const link of this.links) link.wires[side].dead = false;
    }
    this.until(() => this.machines.host.up && this.machines.board.up, 60_000, "a machine is down");
    // Answers wait for no reader.
    this.until(() => this.programs.questions() === 0, 60_000, "an option is not answered");
    this.programs.each((program) => {
      program.read("at once");
      program.finish();
    });
    const over = (): boolean => this.checker.talks.every((talk) => talk.over);
    this.until(over, 600_000, "sockets are open");
    this.last = true;
    this.close();
    // A board's side of a cable listens for ever.
    const left = (): End[] => [...this.ends].filter(({ session }) => session.state !== State.opening);
    this.until(() => left().length === 0, 60_000, "a session is open");
    for (const end of this.ends) if (end.link === this.cable) end.vanish();
    this.until(() => this.queue.size === 0, 60_000, "something goes on");
    this.checker.finish();
  }

  /** Frames on the links of the moment that were lost, doubled or changed. */
  get hurt(): number {
    return this.links.reduce((sum, { wires }) => sum + wires.host.hurt + wires.board.hurt, 0);
  }

  private get doubled(): number {
    return this.links.reduce((sum, link) => sum + link.doubled, this.doubledBefore);
  }

  private step(): void {
    const before = this.queue.now;
    this.queue.step();
    this.atOnce = this.queue.now > before ? 0 : this.atOnce + 1;
    if (this.atOnce > ENDLESS) this.checker.violation("things happen without end and no time passes");
    this.checker.settle();
  }

  /** The host opens a session, or goes on with the one it has, unless it is on a link. */
  private dial(): void {
    const { medium } = this;
    const trying = [...this.ends].some(({ side, session }) => side === "host" && session.state !== State.lost);
    if (this.last || !this.machines.host.up || trying) return;
    if (medium.traits.reliable && !this.machines.board.up) return this.redial();
    this.add(medium.name === "serial" ? this.cable : this.link(medium), "host");
  }

  private add(link: Link, side: Side): End {
    const end = new End(this, side, link, side === "host" ? (this.lastOf(side) ?? null) : null);
    link.ends[side] = end;
    this.ends.add(end);
    return end;
  }

  /** The newest session of a side that its machine remembers: a host goes on with it, or with what it used. */
  private lastOf(side: Side): Life | undefined {
    return this.lives.filter((life) => life.side === side && !life.gone).pop();
  }

  private newDoor(): Door {
    return new Door(this.random32, this.key, (id) => this.find(id));
  }

  /** The board's session that is to go on elsewhere: from now on its old link is lost to it. */
  private find(id: number): Session | null {
    const end = [...this.ends].find(({ side, session, now }) => side === "board" && session.answersTo(id, now));
    end?.leaves();
    return end?.session ?? null;
  }

  private link(medium: Medium): Link {
    const link = new Link(this.queue, this.random, medium, (...what) => this.deliver(...what), this.tally);
    for (const side of SIDES) link.wires[side].faults = this.faults[side];
    // Nobody is at either end of one that is not the cable, once a newer one is used for long enough.
    const used = this.links.filter((old) => old === this.cable || old.ends.host || old.ends.board);
    for (const old of this.links) if (!used.includes(old)) this.doubledBefore += old.doubled;
    this.links = [...used, link];
    return link;
  }

  private deliver(link: Link, to: Side, piece: Piece<End | null, Life>): void {
    if (!this.machines[to].up) return;
    const end = link.ends[to];
    if (end) return end.receive(piece);
    if (to === "board" && !this.last) {
      if (link === this.cable) return this.add(link, to).receive(piece);
      if (this.knocked(link, piece)) return;
    }
    if (link.medium.traits.reliable) this.disconnect(link, OTHER[to]);
  }

  /** Before there is a session on a connection: only a whole handshake counts. @returns whether more may come */
  private knocked(link: Link, { bytes }: Piece<End | null, Life>): boolean {
    const { traits } = link.medium;
    const frame = traits.reliable ? join(link.rest, bytes) : bytes;
    const hello = isHello(frame);
    if (traits.reliable) link.rest = hello ? EMPTY : frame;
    if (hello !== 1) return hello === 0;
    const { door } = this;
    const terms = termsOf("board", {
      ...traits,
      payload: traits.payload - (this.key ? 4 : 0),
    });
    const reply = door.knock(frame, terms, null, false, this.machines.board.clock());
    if (door.agreed) this.add(link, "board").expect(door.agreed);
    if (reply.length === 0) return true;
    this.sent("board", reply);
    link.wires.board.send(reply, null, null);
    return true;
  }

  /** TCP: this side closes the connection, behind what it sent. */
  private hangUp(end: End): void {
    const { link, side } = end;
    if (link.medium.traits.reliable) link.wires[side].close(end, () => this.disconnect(link, OTHER[side]));
  }

  /** TCP: one side learns that the connection is over. */
  private disconnect(link: Link, side: Side): void {
    if (link.closed) return;
    link.close();
    const end = link.ends[side];
    end?.lost();
    if (end && side === "host") this.redial();
  }
}
