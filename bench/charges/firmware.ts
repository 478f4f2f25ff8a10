/**
 * The firmware at work, call by call: it runs in the simulated runtime with a host, and what the interpreter called it with is kept. The real interpreter is
 * given the same afterwards, in the same order. So both do the same, and what each takes can be compared.
 */
import { readFileSync } from "node:fs";
import { boards } from "../../boards/index.js";
import { connect } from "../../host/index.js";
import type { Board } from "../../host/index.js";
import { Gate } from "../../host/transport/transport.js";
import type { Transport } from "../../host/transport/transport.js";
import { VirtualClock } from "../../simulator/clock.js";
import { MemoryNetwork } from "../../simulator/network/memory.js";
import { COSTS } from "../../simulator/runtime/costs/index.js";
import { Meter } from "../../simulator/runtime/costs/meter.js";
import { EspruinoRuntime } from "../../simulator/runtime/index.js";
import { limitsOf } from "../../simulator/runtime/limits.js";
import { Flash } from "../../simulator/runtime/storage.js";
import { withModules } from "../../scripts/firmware/later.js";
import { asciiLiteral } from "../../scripts/firmware/measure.js";
import { FAKES } from "./fakes.js";
import type { Piece } from "../../scripts/costs/measure.js";

/** A call, what it was for, and what is charged for it. */
export interface Step extends Piece {
  kind: string;
  charged: number;
}

/** Bytes that the interpreter gives at once. */
const CHUNK = 536;

const TICK_MS = 50;

/** What the firmware's clock says at the start, in s, and its parts of a second: both interpreters read the number alike. */
const EPOCH = 1000;
const PARTS = 4096;

export class Firmware {
  readonly steps: Step[] = [];
  /** What the steps are for. */
  work = "start";
  private readonly clock = new VirtualClock();
  private readonly realm;
  private readonly meter: Meter;
  private host: Board | undefined;
  private gate: Gate | undefined;
  /** Timers of the program that have a place in the clock. */
  private readonly timers = new Set<string>();

  /** @param bundleDir where the firmware for the board "linux" and its modules are */
  constructor(bundleDir: string, config: object, modules: readonly string[]) {
    const { clock } = this;
    const spec = boards.find(({ id }) => id === "linux")!;
    const runtime = new EspruinoRuntime({
      board: { ...limitsOf(spec), instructions: 0 },
      network: new MemoryNetwork({ clock, seed: 1 }),
      ...{ clock, storage: new Flash(spec.storage), seed: 1 },
      log: (line) => {
        throw new Error(`the firmware says: ${line}`);
      },
    });
    this.realm = runtime.realm;
    this.meter = new Meter(this.realm, COSTS, 1000);
    this.meter.install();
    const read = (name: string): string => readFileSync(`${bundleDir}/${name}.js`, "latin1");
    const program = withModules(
      read("linux"),
      modules.map((name) => read(`linux.${name}`)),
    );
    const texts = `var Qprogram=${asciiLiteral(program)},Qconfig=${JSON.stringify(config)};`;
    this.step("start", "eval(Qprogram)", FAKES + texts);
  }

  get board(): Board {
    return this.host!;
  }

  /** A host connects, and time passes. */
  async open(): Promise<void> {
    this.look();
    this.step("connect", "Qserve(Qsocket)");
    this.host = await this.during(connect(this.transport(), { clock: this.clock }));
    await this.run(1000);
  }

  run(ms: number): Promise<void> {
    return this.clock.run(ms);
  }

  async during<T>(promise: Promise<T>): Promise<T> {
    let over = false;
    const end = (): void => void (over = true);
    void promise.then(end, end);
    while (!over) await this.run(1);
    return promise;
  }

  /** The interpreter calls the firmware. @param before what is not counted */
  step(kind: string, run: string, before = ""): void {
    // Chance, of which the time is a part, is the same for both.
    const time = this.work === "start" ? 0 : Math.ceil((this.clock.now() * PARTS) / 1000);
    const prepared = `${before}Qtime=${EPOCH * PARTS + time}/${PARTS};`;
    this.evaluate(prepared);
    this.meter.take();
    this.evaluate(run);
    this.steps.push({ kind: `${this.work}: ${kind}`, before: prepared, run, charged: this.meter.take() });
    this.follow();
  }

  private evaluate(text: string): void {
    this.realm.evaluate(this.realm.translate(text), "step");
  }

  /** What the firmware has asked for meanwhile. */
  private follow(): void {
    const { global } = this.realm;
    const written = (global["Qwritten"] as string[]).splice(0);
    if (written.length > 0) {
      this.steps.push({ kind: "", before: "Qwritten=[];", run: "", charged: 0 });
      this.clock.after(0.5, () => written.forEach((text) => this.gate?.data(Buffer.from(text, "latin1"))));
      this.clock.after(1, () => this.step("drain", "if(Qlisten.drain)Qlisten.drain.call(Qsocket)"));
    }
    const timers = (): Record<string, [unknown, unknown, number]> => global["Qtimers"] as never;
    for (const [id, [, , at]] of Object.entries(timers())) {
      if (this.timers.has(id)) continue;
      this.timers.add(id);
      this.clock.after(Math.max(0, at - EPOCH * 1000 - this.clock.now()), () => {
        if (timers()[id]) this.step("timer", `Qrun(${id})`);
      });
    }
  }

  /** The firmware's look at the time, again and again. */
  private look(): void {
    this.clock.after(TICK_MS, () => {
      this.step("look", "Qlook()");
      this.look();
    });
  }

  /** Each frame comes by itself, as from a host that waits. */
  private transport(): Transport {
    return {
      address: "tcp://board",
      traits: { payload: 32_768, reliable: true, datagram: false },
      open: async (events) => {
        const gate = (this.gate = new Gate(events));
        return {
          send: (frame) => {
            const bytes = Buffer.from(frame);
            this.clock.after(0.1, () => this.receive(bytes));
            return true;
          },
          close: async () => void gate.stop(),
        };
      },
    };
  }

  private receive(frame: Buffer): void {
    for (let at = 0; at < frame.length; at += CHUNK) {
      const text = asciiLiteral(frame.subarray(at, at + CHUNK).toString("latin1"));
      this.step("receive", "Qlisten.data.call(Qsocket,Qgiven)", `Qgiven=E.toString(${text});`);
    }
  }
}
