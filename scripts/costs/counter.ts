/** How often a program does each operation, counted in the simulated runtime. */
import { boards } from "../../boards/index.js";
import { VirtualClock } from "../../simulator/clock.js";
import { MemoryNetwork } from "../../simulator/network/memory.js";
import { instrument } from "../../simulator/runtime/costs/instrument.js";
import { Names } from "../../simulator/runtime/costs/names.js";
import { chargeNatives } from "../../simulator/runtime/costs/natives.js";
import { add, operations } from "../../simulator/runtime/costs/operations.js";
import type { Counts } from "../../simulator/runtime/costs/operations.js";
import { EspruinoRuntime } from "../../simulator/runtime/index.js";
import { limitsOf } from "../../simulator/runtime/limits.js";
import { Flash } from "../../simulator/runtime/storage.js";
import type { Piece } from "./measure.js";

const HIT = "hit$";
const SAME = "same$";

export class Counter {
  private readonly names = new Names();
  private readonly stretches: Counts[] = [];
  private hits: number[] = [];
  private natives = 0;
  private readonly realm;

  constructor() {
    const clock = new VirtualClock();
    const spec = boards.find(({ id }) => id === "linux")!;
    const network = new MemoryNetwork({ clock, seed: 1 });
    const board = { ...limitsOf(spec), instructions: 0 };
    const runtime = new EspruinoRuntime({ board, clock, network, storage: new Flash(65_536), seed: 1 });
    this.realm = runtime.realm;
    const one = (): void => void this.natives++;
    // the mark's
    this.names.global("E");
    const nothing = { operations: { native: 1 }, natives: {} } as never;
    chargeNatives(this.realm, nothing, one);
    this.realm.define(this.realm.global, HIT, (i: number) => void (this.hits[i] = (this.hits[i] ?? 0) + 1));
    this.realm.define(this.realm.global, SAME, (value: unknown) => value);
    this.realm.wrap = (name, module) => {
      chargeNatives(this.realm, nothing, one, { [name]: module });
      return module;
    };
  }

  /** Runs it; what comes before is not counted. @returns a number for each operation, in order */
  count({ before, run }: Piece): number[] {
    this.realm.evaluate(this.text(before), "before");
    const text = this.text(run);
    this.hits = [];
    this.natives = 0;
    this.realm.evaluate(text, "run");
    const counts: Counts = { native: this.natives };
    this.hits.forEach((times, i) => add(counts, this.stretches[i]!, times));
    return operations.map((name) => counts[name] ?? 0);
  }

  private text(source: string): string {
    return instrument(source, this.names, {
      charge: ({ counts }) => `${HIT}(${this.stretches.push(counts) - 1})`,
      strings: { joined: SAME, appended: SAME, added: SAME },
    });
  }
}
