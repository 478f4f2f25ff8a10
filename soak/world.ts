/** A host and a board with whatever links they have, in one process and in virtual time, from a seed. */
import { createHash } from "node:crypto";
import { State } from "../protocols/index.js";
import type { Bytes } from "../protocols/index.js";
import { checkBounds } from "./bounds.js";
import { Checker, OTHER } from "./checker.js";
import type { Side } from "./checker.js";
import { End } from "./end.js";
import { Link } from "./link.js";
import { Machine } from "./machine.js";
import { Programs } from "./programs.js";
import { EventQueue } from "./queue.js";
import { below, random } from "./random.js";
import type { Random } from "./random.js";
import { CLEAN, MEDIA } from "./wire.js";
import type { Faults, Medium, Piece } from "./wire.js";

export const SIDES: readonly Side[] = ["host", "board"];

/** So many things at one time are an endless loop. */
const ENDLESS = 100_000;

/** What a world is made of. */
export interface Setting {
  seed: number;
  medium: Medium["name"];
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
  /** What the host dials next. */
  medium: Medium;
  /** Things that happened since time last passed. */
  private atOnce = 0;
  /** Nothing new is begun. */
  private last = false;
  /** Sessions that are not over. */
  private readonly ends = new Set<End>();
  private readonly cable: Link;
  private links: Link[] = [];
  /** Frames that links doubled which are no more. */
  private doubledBefore = 0;
  private readonly faults: Record<Side, Faults> = { host: CLEAN, board: CLEAN };
  private readonly hash = createHash("sha256");

  constructor({ seed, medium, rates }: Setting) {
    this.random = random(seed);
    this.medium = MEDIA[medium];
    this.machines = {
      host: new Machine(this.queue, rates.host, 1_700_000_000_000),
      board: new Machine(this.queue, rates.board, 0),
    };
    this.checker = new Checker(
      () => `at ${this.queue.now.toFixed(2)} ms`,
      () => this.doubled,
    );
    this.programs = new Programs(this);
    this.cable = this.link(MEDIA.serial);
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

  sent(end: End, frame: Bytes): void {
    this.frames++;
    this.log(`${end.side} sends`);
    this.hash.update(frame);
  }

  bounds(end: End): void {
    const why = checkBounds(end);
    if (why) this.checker.violation(`${end.side}: ${why}`);
  }

  /** The session that a side's programs use now. */
  current(side: Side): End | undefined {
    return [...this.ends].filter((end) => end.side === side && end.open).pop();
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
    this.queue.put(this.queue.now + ms, () => wires.forEach((wire) => (wire.dead = false)));
  }

  /** The connection is cut; each side of `told` learns of it. Serial and UDP tell nobody. */
  kill(told: readonly Side[]): void {
    for (const link of this.links) {
      if (!link.medium.traits.reliable || link.closed) continue;
      link.close();
      for (const side of told) link.ends[side]?.lost();
    }
  }

  /** One machine stops at this moment and starts again after a time. Nobody is told. */
  reboot(side: Side, ms: number): void {
    const machine = this.machines[side];
    if (!machine.up) return;
    machine.up = false;
    this.log(`${side} stops`);
    this.programs.vanish(side);
    for (const end of this.ends)
      if (end.side === side) {
        end.vanish();
        this.ends.delete(end);
        end.link.ends[side] = null;
      }
    this.queue.put(this.queue.now + ms, () => {
      machine.up = true;
      this.log(`${side} starts`);
      if (side === "host") this.dial();
    });
  }

  endOver(end: End): void {
    this.ends.delete(end);
    const { link, side } = end;
    if (link.ends[side] === end) link.ends[side] = null;
    if (link.medium.traits.reliable) link.wires[side].close(end, () => this.disconnect(link, OTHER[side]));
    if (side === "host" && !this.last)
      this.queue.put(this.queue.now + 100 + below(this.random, 1000), () => this.dial());
  }

  /** All faults end, all programs come to their end, and nothing may be left. */
  finish(): void {
    for (const side of SIDES) {
      this.suffer(side, CLEAN);
      for (const link of this.links) link.wires[side].dead = false;
    }
    this.until(() => this.machines.host.up && this.machines.board.up, 60_000, "a machine is down");
    this.programs.each((program) => {
      program.read("at once");
      program.finish();
    });
    const over = (): boolean => this.checker.talks.every((talk) => talk.over);
    this.until(over, 600_000, "sockets are open");
    this.last = true;
    for (const end of this.ends) if (end.side === "host") end.close("ECONNRESET: the host closed the link");
    // A board's side of a cable listens for ever.
    const left = (): End[] => [...this.ends].filter((end) => end.session.state !== State.opening);
    this.until(() => left().length === 0, 60_000, "a session is open");
    for (const end of this.ends) if (end.link === this.cable) end.vanish();
    this.until(() => this.queue.size === 0, 60_000, "something goes on");
    this.checker.finish();
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

  /** The host opens a session, unless it has one. */
  private dial(): void {
    if (this.last || !this.machines.host.up || [...this.ends].some((end) => end.side === "host")) return;
    const { medium } = this;
    if (medium.traits.reliable && !this.machines.board.up) {
      this.queue.put(this.queue.now + 500 + below(this.random, 500), () => this.dial());
      return;
    }
    const link = medium.name === "serial" ? this.cable : this.link(medium);
    this.add(link, "host");
    if (medium.traits.reliable) this.add(link, "board");
  }

  private add(link: Link, side: Side): End {
    const end = new End(this, side, link);
    link.ends[side] = end;
    this.ends.add(end);
    return end;
  }

  private link(medium: Medium): Link {
    const link = new Link(this.queue, this.random, medium, (...what) => this.deliver(...what));
    for (const side of SIDES) link.wires[side].faults = this.faults[side];
    // Nobody is at either end of one that is not the cable, once a newer one is used for long enough.
    const used = this.links.filter((old) => old === this.cable || old.ends.host || old.ends.board);
    for (const old of this.links) if (!used.includes(old)) this.doubledBefore += old.doubled;
    this.links = [...used, link];
    return link;
  }

  private deliver(link: Link, to: Side, piece: Piece<End>): void {
    if (!this.machines[to].up) return;
    let end = link.ends[to];
    if (!end && to === "board" && !link.medium.traits.reliable && !this.last) end = this.add(link, to);
    if (end) end.receive(piece);
    else if (link.medium.traits.reliable) this.disconnect(link, OTHER[to]);
  }

  /** TCP: one side learns that the connection is over. */
  private disconnect(link: Link, side: Side): void {
    if (link.closed) return;
    link.close();
    link.ends[side]?.lost();
  }
}
