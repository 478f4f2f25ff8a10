/** The programs on both sides: each has one end of a socket, writes what it is told to, and checks what it is given. */
import { fromText, join, Op, pair, Phase, slice, Type } from "../protocols/index.js";
import type { Bytes, Failure, Socket } from "../protocols/index.js";
import { NAMES, OTHER, Talk } from "./checker.js";
import type { Side } from "./checker.js";
import type { Life } from "./life.js";
import { below } from "./random.js";
import type { World } from "./world.js";
import { Writer } from "./writer.js";

/** How a program reads: at once, not at all, or so many bytes every 100 ms. */
export type Pace = "at once" | "never" | number;

const SLOW = 100;

/** Options of one session that may wait for their answers [SOCK-12]. */
const QUESTIONS = 16;

/** What a socket is to be, and how its programs treat it. */
export interface Opening {
  by: Side;
  type: Type;
  priority: number;
  receiveBuffer: number;
  /** What the other side does when it is asked. */
  answer: "accept" | "later" | "refuse";
  /** Both read at this pace. */
  pace: Pace;
  /** Bytes are made when they may go. */
  source: boolean;
}

class Program {
  private readonly writer: Writer;
  private ending = false;
  private owed = 0;
  private trickling = false;
  private questions = 0;
  private pace: Pace;

  constructor(
    private readonly world: World,
    readonly talk: Talk,
    readonly side: Side,
    readonly life: Life,
    readonly socket: Socket,
    opening: Opening,
  ) {
    this.pace = opening.pace;
    this.writer = new Writer(socket, talk.flows[side], world.random, opening.source, opening.receiveBuffer, (then) =>
      world.queue.put(0, () => {
        if (this.over || this.watch.reset !== null) return;
        then();
        this.fill();
      }),
    );
    socket.onopen = () => this.opened();
    socket.ondata = (frame, from, to) => this.came(slice(frame, from, to));
    socket.onrecord = (length) => this.cameRecord(length);
    socket.onurgent = (data, mark) => this.cameUrgent(data, mark);
    socket.onoption = (text) => `${side} says ${text}`;
    socket.onanswer = (number, text) => this.cameAnswer(number, text);
    socket.onend = () => this.cameEnd();
    socket.ondrain = () => this.fill();
    socket.onclose = (failure) => this.closed(failure);
  }

  get over(): boolean {
    return this.watch.over;
  }

  private get watch() {
    return this.talk.watches[this.side];
  }

  opened(): void {
    this.world.checker.opened(this.talk, this.side);
    this.fill();
  }

  /** `n` bytes, a record, or a few messages. */
  write(n: number): void {
    if (this.over || this.ending) return;
    this.writer.add(n);
    this.fill();
  }

  /** One message. */
  say(length: number): void {
    if (this.over || this.ending) return;
    this.writer.addMessage(length);
    this.fill();
  }

  /** Bytes of a stream or record that are to be sent. */
  get waiting(): number {
    return this.writer.waiting;
  }

  /** An urgent byte, or a mark alone. */
  urge(byte: boolean): void {
    const { socket, talk } = this;
    const open = !this.over && this.watch.reset === null && !this.watch.ended;
    if (!open || socket.type !== Type.stream || socket.phase !== Phase.open || socket.oob) return;
    if (!socket.urgent(talk.flows[this.side].urge(byte)))
      this.world.checker.violation(`socket ${talk.id}, ${this.side}: an urgent byte was not taken`);
    this.world.tally.count(byte ? "urgent bytes" : "urgent marks");
  }

  /** Asks for an option of what is at the other end. */
  ask(): void {
    const { life, socket, watch } = this;
    if (this.over || watch.reset !== null || socket.phase !== Phase.open || watch.ended) return;
    if (this.world.programs.questions(life) >= QUESTIONS) return;
    const number = this.questions++ & 255;
    watch.asked.set(number, `${OTHER[this.side]} says ${number}`);
    life.sockets.tell(socket.channel, join(pair(Op.option, number), fromText(String(number))));
  }

  /** How many of them wait for their answers. */
  get asking(): number {
    return this.watch.reset === null ? this.watch.asked.size : 0;
  }

  finish(): void {
    this.ending = true;
    this.fill();
  }

  reset(): void {
    if (this.over) return;
    this.world.tally.count("resets");
    const failure = `ECANCELED: ${this.side} gave socket ${this.talk.id} up`;
    this.watch.reset = failure;
    this.life.sockets.resetSocket(this.socket, failure);
  }

  read(pace: Pace): void {
    this.pace = pace;
    this.consume();
  }

  private fill(): void {
    if (this.over || this.watch.reset !== null) return;
    if (!this.writer.fill() || !this.ending || this.watch.ended) return;
    this.watch.ended = true;
    this.socket.end();
  }

  private came(data: Bytes): void {
    const { world, talk } = this;
    world.log(`${this.side} ${talk.id} ${data.length}`);
    world.checker.came(talk, this.side, data);
    world.programs.oncame(talk, data);
    this.owe(talk.flows[OTHER[this.side]].cost(data));
  }

  private cameRecord(length: number): void {
    this.world.log(`${this.side} ${this.talk.id} record ${length}`);
    this.world.checker.cameMark(this.talk, this.side, length);
    this.owe(1);
  }

  private cameUrgent(data: Bytes, mark: number): void {
    this.world.log(`${this.side} ${this.talk.id} urgent ${data.join()} at ${mark}`);
    this.world.checker.cameUrgent(this.talk, this.side, data, mark);
  }

  private cameAnswer(number: number, text: string): void {
    this.world.log(`${this.side} ${this.talk.id} answer ${number}`);
    this.world.checker.cameAnswer(this.talk, this.side, number, text);
    this.world.tally.count("options answered");
  }

  private owe(n: number): void {
    if (this.owed === 0 && this.pace !== "at once")
      this.world.tally.count(this.pace === "never" ? "dead readers" : "slow readers");
    this.owed += n;
    this.consume();
  }

  private consume(): void {
    if (this.pace === "at once") this.use(this.owed);
    else if (this.pace !== "never" && !this.trickling) this.trickle(this.pace);
  }

  private trickle(bytes: number): void {
    this.trickling = true;
    this.world.queue.put(this.world.queue.now + SLOW, () => {
      this.trickling = false;
      this.use(Math.min(bytes, this.owed));
      if (this.owed > 0 && !this.over && this.watch.reset === null) this.consume();
    });
  }

  private use(n: number): void {
    if (n === 0 || this.over || this.watch.reset !== null || this.socket.phase !== Phase.open) return;
    this.owed -= n;
    this.watch.held -= n;
    this.socket.consume(n);
  }

  private cameEnd(): void {
    this.world.log(`${this.side} ${this.talk.id} end`);
    this.world.checker.cameEnd(this.talk, this.side);
  }

  private closed(failure: Failure): void {
    this.world.log(`${this.side} ${this.talk.id} closed ${failure}`);
    this.world.checker.closed(this.talk, this.side, failure, this.life);
  }
}

export class Programs {
  /** Told of all that programs are given. */
  oncame: (talk: Talk, data: Bytes) => void = () => undefined;
  /** All that were opened, by the number of their talk. */
  private readonly all: Partial<Record<Side, Program>>[] = [];
  private readonly openings: Opening[] = [];

  constructor(private readonly world: World) {}

  /** Opens a socket, unless there is no session or no room for it. */
  open(opening: Opening): void {
    const { world } = this;
    const life = world.current(opening.by);
    if (!life) return;
    const id = this.all.length;
    const socket = life.sockets.connectTo(opening.type, `talk:${id}`, opening.priority, opening.receiveBuffer);
    if (!socket) return;
    const { receiveBuffer } = opening;
    const talk = new Talk(id, opening.type, opening.by, {
      host: receiveBuffer,
      board: receiveBuffer,
    });
    world.checker.talks.push(talk);
    world.tally.count(`${NAMES[opening.type]}s`);
    this.openings.push(opening);
    this.all.push({
      [opening.by]: new Program(world, talk, opening.by, life, socket, opening),
    });
  }

  /** The other side asks for a socket. */
  requested(life: Life, socket: Socket, address: string): void {
    const { world } = this;
    const id = Number(address.split(":")[1]);
    const talk = world.checker.talks[id];
    if (!talk || OTHER[talk.opener] !== life.side || talk.met)
      return world.checker.violation(`${life.side} was asked for "${address}", which nobody asks for`);
    talk.met = true;
    const opening = this.openings[id]!;
    socket.enlarge(opening.receiveBuffer);
    const program = new Program(world, talk, life.side, life, socket, opening);
    this.all[id]![life.side] = program;
    if (opening.answer === "refuse") {
      const failure = `ECONNREFUSED: ${life.side} wants no socket ${id}`;
      talk.watches[life.side].refused = failure;
      life.sockets.refuseSocket(socket, failure);
    } else if (opening.answer === "accept") this.accept(program);
    else world.queue.put(world.queue.now + below(world.random, 300), () => this.accept(program));
  }

  private accept(program: Program): void {
    if (program.over || program.socket.phase !== Phase.opening) return;
    program.life.sockets.accept(program.socket);
    program.opened();
  }

  /** The program at one end of one of the sockets that are not over, or none. */
  pick(index: number, side: Side, type?: Type): Program | undefined {
    const live = this.all.filter((programs) =>
      Object.values(programs).some(({ over, talk }) => !over && (type === undefined || talk.type === type)),
    );
    return live[index % Math.max(1, live.length)]?.[side];
  }

  each(then: (program: Program) => void): void {
    for (const programs of this.all) for (const program of Object.values(programs)) if (!program.over) then(program);
  }

  /** Options that programs wait for, those of one side of a session or all. */
  questions(life?: Life): number {
    let sum = 0;
    this.each((program) => {
      if (!life || program.life === life) sum += program.asking;
    });
    return sum;
  }

  /** A machine stopped, and its programs with it. */
  vanish(side: Side): void {
    this.each((program) => {
      if (program.side === side) program.talk.watches[side].gone = true;
    });
  }
}
