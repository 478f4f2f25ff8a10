/** A simulated laboratory analyser: a result now and then, sent by ASTM E1381 until it is acknowledged. */
import { AstmSender } from "../../../protocols/device/astm/index.js";
import type { Clock, Timer } from "../../clock.js";
import type { UartLine, UartPeripheral } from "../../uart.js";
import { Faults } from "./faults.js";
import type { FaultOptions } from "./faults.js";

export type AnalyserFault = "silent" | "babbling";

export interface AnalyserOptions extends FaultOptions<AnalyserFault> {
  /** ms between results. */
  every?: number;
  /** How many there are. */
  results?: number;
}

/** After a transfer that failed. */
const RETRY_MS = 10_000;
const NOISE_MS = 20;
const BITS = 10;

export class Analyser implements UartPeripheral {
  /** Texts that it has had to send. */
  produced = 0;
  /** Texts whose frames are all acknowledged: it has forgotten them. */
  acknowledged = 0;
  /** Transfers that ended early. */
  failures = 0;
  readonly faults: Faults<AnalyserFault>;
  private readonly every: number;
  private readonly results: number;
  private made = 0;
  private waiting: Uint8Array[] = [];
  private line: UartLine | undefined;
  private clock: Clock | undefined;
  private readonly timers: Partial<Record<"result" | "retry" | "deadline" | "noise", Timer>> = {};
  private sender = this.makeSender();

  constructor({ every = 10_000, results = Infinity, ...faults }: AnalyserOptions = {}) {
    this.every = every;
    this.results = results;
    this.faults = new Faults(faults);
  }

  connect(line: UartLine, clock: Clock): void {
    this.line = line;
    this.clock = clock;
    line.onData((data) => {
      if (!this.faults.plugged) return;
      this.sender.push(data, clock.now());
      this.watch();
    });
    this.faults.connect(clock, (plugged) => {
      // Results stay in its memory while it has no power.
      this.sender = this.makeSender();
      this.watch();
      if (plugged) this.send();
    });
    if (this.faults.fault === "babbling") this.babble();
    else this.later("result", this.every, () => this.result());
  }

  close(): void {
    for (const timer of Object.values(this.timers)) timer.cancel();
  }

  private makeSender(): AstmSender {
    return new AstmSender({
      send: (bytes) => {
        // Its control characters are spared: a lost one costs a transfer, and that has its own setting.
        if (this.faults.plugged) this.line!.write(bytes.length > 1 ? this.faults.damage(bytes, 1) : bytes);
      },
      ended: (end, texts) => {
        this.acknowledged += texts;
        this.waiting.splice(0, texts);
        if (end !== "done") this.failures++;
        if (this.waiting.length > 0) this.later("retry", end === "done" ? 0 : RETRY_MS, () => this.send());
      },
    });
  }

  private result(): void {
    const texts = textsOf(++this.made);
    this.produced += texts.length;
    this.waiting.push(...texts);
    this.send();
    if (this.made < this.results) this.later("result", this.every, () => this.result());
  }

  private send(): void {
    if (this.sender.state !== "idle" || !this.faults.plugged || this.faults.fault === "silent") return;
    if (this.waiting.length === 0) return;
    this.sender.start(this.waiting, this.clock!.now());
    this.watch();
  }

  /** Its deadline has moved. */
  private watch(): void {
    const { deadline } = this.sender;
    this.timers.deadline?.cancel();
    if (deadline === null) return;
    this.later("deadline", deadline - this.clock!.now(), () => {
      this.sender.expire(this.clock!.now());
      this.watch();
    });
  }

  private babble(): void {
    const line = this.line!;
    if (this.faults.plugged) line.write(this.faults.noise(Math.floor((line.baud * NOISE_MS) / 1000 / BITS)));
    this.later("noise", NOISE_MS, () => this.babble());
  }

  private later(name: "result" | "retry" | "deadline" | "noise", ms: number, run: () => void): void {
    this.timers[name]?.cancel();
    this.timers[name] = this.clock!.after(Math.max(0, ms), run);
  }
}

/** The records of a sample's result, in the form of E1394; a comment that takes two frames. */
function textsOf(sample: number): Uint8Array[] {
  const glucose = (4 + (sample % 30) / 10).toFixed(1);
  return [
    "H|\\^&|||devsock^simulated|||||||P|1",
    `P|1|||${sample}`,
    `O|1|${String(sample).padStart(6, "0")}||^^^GLU|R`,
    `R|1|^^^GLU|${glucose}|mmol/L||N||F`,
    `C|1|I|${"made up for tests; ".repeat(15)}|G`,
    "L|1|N",
  ].map((record) => Buffer.from(`${record}\r`, "latin1"));
}
