/** What the interpreter takes for what it does, in instructions. */
import type { CostTable } from "./natives.js";
import { MEASURED } from "./table.js";

export const COSTS: CostTable = {
  ...MEASURED,
  // Beside the bus's own time; measured on a build whose SPI does not wait, as that for Linux does.
  natives: { ...MEASURED.natives, "SPI.send": { base: 40_000, each: 900, of: "result" } },
  // A chunk of 536 bytes costs a program that only counts it 152,000, one that only sends it 258,000 (docs/performance.md); the others are estimates.
  events: {
    turn: { base: 8000 },
    callback: { base: 5000 },
    chars: { base: 6000, each: 100 },
    edge: { base: 25_000 },
    flip: { base: 20_000 },
    write: { base: 5000, each: 80 },
    send: { base: 18_000, each: 310 },
    receive: { base: 6000, each: 225 },
  },
};
