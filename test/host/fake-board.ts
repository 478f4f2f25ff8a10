/** A board made of the protocol's own classes, with a job service that prints at a set speed. Virtual or real time. */
import { MemoryLine } from "../../host/transport/memory.js";
import type { TransportTraits } from "../../host/transport/transport.js";
import type { MemoryOptions } from "../../host/transport/memory.js";
import { be32, Door, fromText, join, Session, slice, Sockets, stampOf, State, Type } from "../../protocols/index.js";
import type { Bytes, GapRecord, JobRecord, LinkTraits, PrinterStatus, Socket, Terms } from "../../protocols/index.js";
import type { Clock, Timer } from "../../simulator/clock.js";
import { FakeCamera } from "./fake-camera.js";

export const TCP: LinkTraits = { payload: 524, reliable: true, datagram: false };
export const UDP: LinkTraits = { payload: 516, reliable: false, datagram: true };
export const SERIAL: LinkTraits = { payload: 256, reliable: false, datagram: false };

export const READY: PrinterStatus = {
  answers: true,
  asb: [0x10, 0, 0, 0],
  eot: [0x12, 0x12, 0x12],
  busy: false,
  jobs: 0,
  taken: 0,
  lost: 0,
};

/** One session of the board, over whatever carries its frames. */
export class FakeSession {
  readonly session: Session;
  readonly sockets: Sockets;
  private timer: Timer | undefined;
  private dead = false;
  private writable = true;

  constructor(
    readonly board: FakeBoard,
    traits: LinkTraits,
    /** @returns whether another frame may follow at once; if not, `drained` is called */
    private readonly send: (frame: Bytes) => boolean,
    private readonly ended: () => void = () => undefined,
  ) {
    this.sockets = new Sockets(false, board.most, board.buffer, {
      onup: () => undefined,
      onrequest: (socket, address) => board.serve(this.sockets, socket, address),
      ondown: () => undefined,
      onwork: () => void board.clock.after(0, () => this.pump()),
    });
    const terms: Terms = { payload: traits.payload, window: 8, name: "fake", board: board.kind, firmware: "1.2.3" };
    const owner = { begin: () => this.sockets, onmoved: () => undefined, ondown: () => undefined };
    this.session = new Session(owner, terms, traits, board.clock.now(), null, board.door);
  }

  receive(bytes: Bytes): void {
    if (this.dead) return;
    this.session.receive(bytes, this.board.clock.now());
    this.pump();
  }

  drained(): void {
    this.writable = true;
    this.pump();
  }

  pump(): void {
    const { clock } = this.board;
    if (this.dead) return;
    for (let frame; this.writable && (frame = this.session.poll(clock.now())).length > 0;)
      this.writable = this.send(frame);
    this.timer?.cancel();
    if (this.session.state === State.closed) return this.ended();
    const at = this.session.deadline();
    if (at === Infinity) return;
    this.timer = clock.after(Math.max(0.01, at - clock.now()), () => {
      this.session.timeOut(clock.now());
      this.pump();
    });
  }

  /** The board is gone from one moment to the next, and nobody is told. */
  die(): void {
    this.dead = true;
    this.timer?.cancel();
    this.session.endSession("ECONNRESET: gone");
  }
}

export class FakeBoard {
  /** What the printer got, job by job. */
  readonly jobs: Buffer[] = [];
  /** How each job ended on the board's side. */
  readonly ends: string[] = [];
  readonly sessions: FakeSession[] = [];
  door = new Door(
    () => Math.random() * 2 ** 32,
    null,
    () => null,
  );
  /** Bytes the printer takes in a ms; 0 stops it. */
  rate = 11.5;
  /** The printer stops after so many bytes, and the job fails with this. */
  failAfter = Infinity;
  failure = "EIO: printer0 stopped answering; look at the paper before you print it again";
  ahead = 0;
  /** Kind of board. */
  kind = "linux";
  /** Whether its firmware knows ids of jobs; where a job with one goes on. */
  ids = true;
  from = 0;
  /** Said in each job. */
  gap: GapRecord | undefined;
  status: PrinterStatus = READY;
  /** What came to :discard. */
  discarded: Buffer = Buffer.alloc(0);
  /** Sockets of each address that were opened. */
  readonly opened: string[] = [];
  /** What its clock says, in ms since its start. */
  tick: () => number = () => this.clock.now();
  /** Ms from what an answer of `:clock` says to its leaving, which the next one tells. */
  answering = 0;
  boot = 1;
  /** Addresses that it does not know. */
  readonly hidden = new Set<string>();
  most = 8;
  buffer = 2048;
  /** It has one when a test has plugged it in. */
  camera: FakeCamera | undefined;

  private readonly watchers: (() => void)[] = [];

  constructor(readonly clock: Clock) {}

  plugCamera(): FakeCamera {
    return (this.camera = new FakeCamera(this.clock, () => this.tick()));
  }

  /** Fulfilled when the printer has taken the next piece of a job. */
  printed(): Promise<void> {
    return new Promise((resolve) => this.watchers.push(resolve));
  }

  /** A line to this board. */
  line(traits: TransportTraits = TCP, options: MemoryOptions = {}): MemoryLine {
    const line = new MemoryLine("memory:fake", traits, this.clock, options);
    line.onaccept = (connection) => {
      const session = new FakeSession(
        this,
        traits,
        (frame) => connection.send(frame),
        () => void connection.close(),
      );
      this.sessions.push(session);
      return {
        data: (bytes) => session.receive(bytes),
        drain: () => session.drained(),
        closed: () => session.session.endSession("ECONNRESET: the connection was closed"),
      };
    };
    return line;
  }

  serve(sockets: Sockets, socket: Socket, address: string): void {
    this.opened.push(address);
    const [device, service] = address.split(":");
    const tell = (record: object): void => {
      sockets.accept(socket);
      socket.send(fromText(JSON.stringify(record) + "\n"));
      socket.end();
    };
    if (address === "echo") return this.echo(sockets, socket);
    if (address === ":marks") return this.marks(sockets, socket);
    if (address === ":settings") return this.settings(sockets, socket);
    if (address === ":discard") return this.discard(sockets, socket);
    if (address === ":chargen") return this.chargen(sockets, socket);
    if (this.hidden.has(address)) return sockets.refuseSocket(socket, `ENODEV: there is no ${address}`);
    if (address === ":clock") return this.tellTime(sockets, socket);
    if (address === ":hang") return;
    if (address === ":info") return tell(this.info());
    if (address === ":nonsense") return tell(["x".repeat(20_000)]);
    if (address === "camera0:image" && this.camera) return this.camera.serve(sockets, socket);
    if (address === "camera0:status" && this.camera) return tell(this.camera.status);
    if (device !== "printer0")
      return sockets.refuseSocket(socket, `ENODEV: there is no ${device} on this board; it has printer0`);
    if (service === "status") return tell(this.status);
    if (service === "job") return this.print(sockets, socket, {});
    if (!this.ids) return sockets.refuseSocket(socket, `EPROTONOSUPPORT: printer0 has no service ${service}`);
    this.print(sockets, socket, { from: this.from });
  }

  private info(): object {
    const { camera } = this;
    return {
      name: "fake",
      board: this.kind,
      firmware: "1.2.3",
      uptime: 5,
      memory: { free: 100, total: 200 },
      devices: [
        { name: "printer0", driver: "escpos", services: ["job", "raw", "status"], status: this.status },
        ...(camera
          ? [{ name: "camera0", driver: "vc0706", services: ["image", "status"], status: camera.status }]
          : []),
      ],
      counters: { refused: 0 },
    };
  }

  private print(sockets: Sockets, socket: Socket, first: JobRecord): void {
    const taken: Bytes[] = [];
    let waiting: Bytes[] = [];
    let count = 0;
    let received = 0;
    let over = false;
    const say = (record: JobRecord): void => void socket.send(fromText(JSON.stringify(record) + "\n"));
    const finish = (record: JobRecord): void => {
      over = true;
      say({ accepted: received, taken: count, status: this.status, ...record });
      socket.end();
      this.jobs.push(Buffer.concat(taken));
      this.ends.push(record.failed ?? "done");
    };
    const step = (): void => {
      if (over) return;
      if (count >= this.failAfter) return finish({ failed: this.failure });
      const next = this.rate > 0 ? waiting.shift() : undefined;
      if (!next) {
        if (socket.finReceived && !waiting.length) return finish({ done: true });
        return void this.clock.after(1, step);
      }
      this.clock.after(next.length / this.rate, () => {
        if (over) return;
        taken.push(Buffer.from(next));
        count += next.length;
        socket.consume(next.length);
        say({ taken: count });
        for (const seen of this.watchers.splice(0)) seen();
        step();
      });
    };
    socket.ondata = (frame, from, to) => {
      received += to - from;
      waiting.push(slice(frame, from, to));
    };
    socket.onclose = (failure) => {
      if (over) return;
      over = true;
      waiting = [];
      this.jobs.push(Buffer.concat(taken));
      this.ends.push(failure);
    };
    sockets.accept(socket);
    if (this.ahead) say({ ahead: this.ahead });
    if (this.gap) say({ gap: this.gap });
    say({ ahead: 0, status: this.status, ...first });
    step();
  }

  private echo(sockets: Sockets, socket: Socket): void {
    if (socket.type === Type.seqpacket || socket.type === Type.rdm || socket.type === Type.raw)
      return this.echoWhole(sockets, socket);
    socket.onurgent = (data) => socket.urgent(data);
    const waiting: Bytes[] = [];
    const flush = (): void => {
      while (waiting.length) {
        const data = waiting.shift()!;
        socket.consume(data.length);
        if (!socket.send(Buffer.from(data))) return;
      }
      if (socket.finReceived) socket.end();
    };
    socket.ondata = (frame, from, to) => {
      waiting.push(slice(frame, from, to));
      if (socket.type === Type.datagram || socket.queued < socket.sendBuffer) flush();
    };
    socket.ondrain = flush;
    socket.onend = flush;
    sockets.accept(socket);
  }

  /** Records and messages of reliable types; null is where a record ends. */
  private echoWhole(sockets: Sockets, socket: Socket): void {
    const waiting: (Bytes | null)[] = [];
    const one = socket.whole ? 1 : 0;
    let full = false;
    const flush = (): void => {
      while (waiting.length && !full) {
        const data = waiting[0]!;
        const taken = data ? socket.send(Buffer.from(data)) : socket.record();
        if (!taken && socket.whole) return;
        full = !taken;
        waiting.shift();
        socket.consume(data ? data.length + one : 1);
      }
      if (socket.finReceived && !waiting.length) socket.end();
    };
    socket.ondata = (frame, from, to) => {
      waiting.push(slice(frame, from, to));
      flush();
    };
    socket.onrecord = () => {
      waiting.push(null);
      flush();
    };
    socket.ondrain = () => {
      full = false;
      flush();
    };
    socket.onend = flush;
    sockets.accept(socket);
  }

  private tellTime(sockets: Sockets, socket: Socket): void {
    let left = 0;
    socket.ondata = (frame, from, to) => {
      const came = join(join(stampOf(this.tick() / 1000), be32(this.boot)), stampOf(left));
      const answer = join(stampOf(this.tick() / 1000), join(came, slice(frame, from, to)));
      const leave = (): void => {
        // Where a datagram may come twice no board says it: the host would take it for that of the other answer.
        left = this.answering ? this.tick() / 1000 : 0;
        socket.send(answer);
      };
      if (this.answering) this.clock.after(this.answering, leave);
      else leave();
    };
    sockets.accept(socket);
  }

  private discard(sockets: Sockets, socket: Socket): void {
    socket.ondata = (frame, from, to) => {
      this.discarded = Buffer.concat([this.discarded, slice(frame, from, to)]);
      socket.consume(to - from);
    };
    socket.onend = () => socket.end();
    sockets.accept(socket);
  }

  /** Bytes, an urgent mark, and bytes behind it. */
  private marks(sockets: Sockets, socket: Socket): void {
    sockets.accept(socket);
    socket.send(fromText("before"));
    socket.urgent(new Uint8Array(0));
    socket.send(fromText("after"));
    socket.onend = () => socket.end();
  }

  /** A device with a baud rate. */
  private settings(sockets: Sockets, socket: Socket): void {
    let baud = "9600";
    socket.onoption = (text) => {
      const [name, value] = text.split("=");
      if (name !== "baud") return `ENOPROTOOPT: there is no ${name} here`;
      return value === undefined ? baud : (baud = value);
    };
    socket.onend = () => socket.end();
    sockets.accept(socket);
  }

  private chargen(sockets: Sockets, socket: Socket): void {
    const fill = (): void => {
      while (socket.send(Buffer.alloc(500, 65)));
    };
    socket.ondrain = fill;
    sockets.accept(socket);
    fill();
  }
}
