/** A receipt printer at the far end of a UART: it speaks ESC/POS, its buffer has an end, it misbehaves on request. */
import type { Clock, Timer } from "../../clock.js";
import type { UartLine, UartPeripheral } from "../../uart.js";
import { Condition, differs } from "./condition.js";
import type { Fault, PaperState } from "./condition.js";
import { FlowControl } from "./flow-control.js";
import { Interpreter } from "./interpreter.js";
import { Mechanism } from "./mechanism.js";
import { withDefaults } from "./options.js";
import type { EscposOptions, EscposSettings } from "./options.js";
import { Paper } from "./paper.js";
import { ReceiveBuffer } from "./receive-buffer.js";
import { Reception } from "./reception.js";
import { WireLog } from "./wire-log.js";

/** What DLE DC4 8 is answered with once the buffers are empty. */
const CLEARED = Uint8Array.of(0x37, 0x25, 0x00);

/** Rows that come out when the feed button is pressed. */
const BUTTON_FEED = 60;

export class EscposPrinter implements UartPeripheral {
  readonly paper: Paper;
  /** Every byte that came, and the requests for status among them. */
  readonly log: WireLog;
  readonly buffer: ReceiveBuffer;
  /** Bytes that came while the power was off. */
  missed = 0;
  /** Bytes that came at another speed than the printer's. */
  garbled = 0;

  private readonly settings: EscposSettings;
  private readonly condition = new Condition();
  private readonly flow: FlowControl;
  private readonly mechanism: Mechanism;
  private readonly byteTime: number;
  private readonly reception: Reception;
  private interpreter: Interpreter;
  private line: UartLine | undefined;
  private clock: Clock | undefined;
  private timer: Timer | undefined;
  private powered = true;
  /** The mask of GS a, and what was reported last. */
  private mask: number;
  private reported: Uint8Array = new Uint8Array(4);
  /** When the printer is done with what it has taken from the buffer. */
  private doneAt = 0;
  /** Where the piece of paper begins that is not cut off yet. */
  private pieceTop = 0;

  constructor(options: EscposOptions = {}) {
    this.settings = withDefaults(options);
    this.byteTime = 1000 / this.settings.speed;
    this.flow = new FlowControl(this.settings.flow);
    this.buffer = new ReceiveBuffer(this.settings.buffer, this.settings);
    this.reception = new Reception(this.buffer);
    this.paper = new Paper(this.settings.width);
    this.log = new WireLog(options.log);
    this.mask = this.defaultMask;
    this.mechanism = new Mechanism(this.paper, {
      reply: (bytes) => this.send(bytes),
      autoStatus: (mask) => this.setMask(mask),
      sensors: () => ({ paper: this.condition.sensors(), drawer: this.condition.drawerHigh ? 1 : 0 }),
      initialized: () => void (this.mask = this.defaultMask),
      cut: () => this.dropPiece(),
    });
    this.interpreter = new Interpreter(this.mechanism);
  }

  connect(line: UartLine, clock: Clock): void {
    this.line = line;
    this.clock = clock;
    this.doneAt = clock.now();
    line.onData((data) => this.receive(data));
    this.flow.connect(line);
    this.start();
  }

  /** Bytes that came while the buffer was full: they will be missing on the paper. */
  get lost(): number {
    return this.reception.lost;
  }

  get online(): boolean {
    return this.powered && this.condition.online;
  }

  /** The board has to wait. */
  get busy(): boolean {
    return this.flow.busy;
  }

  /** Commands that were understood but have no effect in this printer, and how often they came. */
  get ignored(): Readonly<Record<string, number>> {
    return this.mechanism.ignored;
  }

  /** Everything that came has been worked off, and nothing is half a command. */
  get idle(): boolean {
    return this.buffer.length === 0 && this.interpreter.atBoundary && this.doneAt <= this.now;
  }

  setPaper(paper: PaperState): void {
    this.change(() => (this.condition.paper = paper));
  }

  setCover(open: boolean): void {
    this.change(() => {
      this.condition.openedWhilePrinting = open && (this.buffer.length > 0 || this.condition.openedWhilePrinting);
      this.condition.coverOpen = open;
    });
  }

  setDrawer(high: boolean): void {
    this.change(() => (this.condition.drawerHigh = high));
  }

  /** "none" ends a fault that ends by itself. */
  fault(fault: Fault): void {
    this.change(() => (this.condition.fault = fault));
  }

  /** The feed button: offline while it is held. */
  setFeedButton(held: boolean): void {
    this.change(() => {
      if (held && !this.condition.feeding && this.powered && this.condition.paper !== "out")
        this.paper.feed(BUTTON_FEED);
      this.condition.feeding = held;
    });
  }

  /** Off: what is in the buffer and half a command are lost, the printer is silent and its lines are low. */
  setPower(on: boolean): void {
    if (on === this.powered) return;
    this.work();
    this.powered = on;
    this.timer?.cancel();
    this.timer = undefined;
    if (on) return this.start();
    this.clear();
    this.mechanism.initialize();
    this.mask = this.defaultMask;
    this.condition.fault = "none";
    this.condition.openedWhilePrinting = false;
    this.flow.power(false, false);
  }

  /** Stops its timer and completes the log file. */
  close(): void {
    this.timer?.cancel();
    this.timer = undefined;
    this.log.close();
  }

  private get now(): number {
    return this.clock?.now() ?? 0;
  }

  /** A printer that is busy only when its buffer is full has to say by itself when it is offline. */
  private get defaultMask(): number {
    return this.settings.busyOn === "full" ? 2 : 0;
  }

  private start(): void {
    this.doneAt = Math.max(this.doneAt, this.now);
    this.flow.power(this.powered, this.countsAsOffline());
    if (this.mask !== 0) this.report(true);
  }

  private clear(): void {
    this.reception.clear();
    this.interpreter = new Interpreter(this.mechanism);
    this.mechanism.set.clearLine();
  }

  private receive(data: Uint8Array): void {
    if (!this.powered) this.missed += data.length;
    else if (this.settings.baud !== undefined && this.settings.baud !== this.line!.baud) this.garbled += data.length;
    else {
      this.log.append(data, this.now);
      data.forEach((b, i) => this.take(b, this.log.end - data.length + i));
      this.work();
    }
  }

  private take(b: number, at: number): void {
    this.work();
    if (this.buffer.length === 0) this.doneAt = Math.max(this.doneAt, this.now);
    const { command, within } = this.reception.take(b);
    this.updateFlow();
    if (command.kind === "status") {
      this.log.poll({ at: at - 2, n: command.n, within, time: this.now });
      const answer = this.condition.realtime(command.n);
      if (answer !== undefined) this.send(Uint8Array.of(answer));
    } else if (command.kind === "recover") this.recover(command.clear);
    else if (command.kind === "clear") {
      this.clear();
      this.updateFlow();
      this.send(CLEARED);
    }
  }

  /** DLE ENQ: only a jammed cutter waits for it. */
  private recover(clear: boolean): void {
    if (this.condition.fault !== "cutter") return;
    if (clear) this.clear();
    this.fault("none");
  }

  /** Works off what the printer had time for, and comes back for the rest. */
  private work(): void {
    const now = this.now;
    while (this.online && this.buffer.length > 0 && this.doneAt + this.byteTime <= now) {
      const rows = this.paper.length;
      this.interpreter.take(this.buffer.shift());
      this.doneAt += this.byteTime + (this.paper.length - rows) * this.settings.rowTime;
      this.updateFlow();
    }
    if (this.online && (this.buffer.length > 0 || this.doneAt > now)) this.comeBack(now);
  }

  /** After the next byte, or after a millisecond's worth of them. */
  private comeBack(now: number): void {
    if (this.timer || !this.clock) return;
    const bytes = Math.min(this.buffer.length, Math.max(1, Math.floor(1 / this.byteTime)));
    this.timer = this.clock.after(this.doneAt + bytes * this.byteTime - now, () => {
      this.timer = undefined;
      this.work();
    });
  }

  /** A change of the printer's condition: told by flow control and automatic status, and then printing goes on. */
  private change(apply: () => void): void {
    this.work();
    apply();
    this.doneAt = Math.max(this.doneAt, this.now);
    if (!this.powered) return;
    this.updateFlow();
    this.report(false);
    this.work();
  }

  /** Offline, where that makes it busy. */
  private countsAsOffline(): boolean {
    return this.settings.busyOn === "offline" && !this.condition.online;
  }

  private updateFlow(): void {
    this.flow.update(this.buffer.full, this.countsAsOffline());
  }

  private setMask(mask: number): void {
    this.mask = mask & 0x0f;
    if (this.mask !== 0) this.report(true);
  }

  private report(always: boolean): void {
    const status = this.condition.automatic();
    if (!always && !differs(this.mask, status, this.reported)) return;
    this.reported = status;
    this.send(status);
  }

  private send(bytes: Uint8Array): void {
    if (this.powered) this.line?.write(bytes);
  }

  private dropPiece(): void {
    this.settings.onPaper?.(this.paper.from(this.pieceTop));
    this.pieceTop = this.paper.length;
  }
}
