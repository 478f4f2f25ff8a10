/**
 * `ESPRUINO=... npm run costs`: measures what the interpreter's operations take, on the real one under valgrind, and writes the table
 * by which the simulated runtime charges a program. `npm run bench -- --only charges` compares
 * what it charges for the firmware with what that takes.
 */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { format } from "prettier";
import { OPERATIONS, operations } from "../simulator/runtime/costs/operations.js";
import type { Cost, MeasuredCosts } from "../simulator/runtime/costs/natives.js";
import { Counter } from "./costs/counter.js";
import { fit } from "./costs/fit.js";
import { measure } from "./costs/measure.js";
import { ADDED, KEPT, natives, SIZES } from "./costs/natives.js";
import type { NativeProgram } from "./costs/natives.js";
import { named, programs } from "./costs/programs.js";
import type { Small } from "./costs/programs.js";

const espruino = process.env["ESPRUINO"];
if (!espruino) throw new Error("set ESPRUINO to the release build of the interpreter for 64 bits");

/** Calls in the body of a native's program, and turns of it. */
const CALLS = 5;
const TURNS = 20;

function programOf({ before = "", call }: NativeProgram, size: number): Small {
  const text = `var sN=E.toString(new Uint8Array(${size}).fill(65)),aN=new Uint8Array(${size}),oN;`;
  const body = `function fN(s,a,o){${`${call};`.repeat(CALLS)}}`;
  return {
    before: text + body + before.replace(/\bo\b/g, "oN"),
    run: `for(iN=0;iN<${TURNS};iN++)fN(sN,aN,oN);`,
  };
}

const sized = natives.flatMap((native) =>
  (native.of ? SIZES : SIZES.slice(1)).map((size) => ({ native, size, program: programOf(native, size) })),
);
// The natives first: the more globals there are, the longer each is sought.
const all = [...sized.map(({ program }) => program), ...programs].map(named);
const first = sized.length;
const counter = new Counter();
const rows = all.map((program) => counter.count(program));
const sums = measure(espruino, all);
const fitted = fit(rows.slice(first), sums.slice(first));
const predicted = rows.map((row) => row.reduce((sum, count, i) => sum + count * fitted[i]!, 0));

let worst = 0;
programs.forEach((program, i) => {
  const error = predicted[first + i]! / sums[first + i]! - 1;
  worst = Math.max(worst, Math.abs(error));
  if (Math.abs(error) > 0.08) console.log(`${(100 * error).toFixed(1).padStart(6)} % ${program.before.slice(0, 80)}`);
});
console.log(`${programs.length} programs; the worst is ${(100 * worst).toFixed(1)} % off`);

/** What a call takes beside its operations, and what each byte adds. */
function costOf(native: NativeProgram): Cost {
  const found = sized.flatMap((one, i) => {
    return one.native === native
      ? [{ size: one.size + (native.more ?? 0), rest: (sums[i]! - predicted[i]!) / (CALLS * TURNS) }]
      : [];
  });
  const last = found.at(-1)!;
  if (!native.of) return { base: Math.round(last.rest) || 0 };
  const each = (last.rest - found[0]!.rest) / (last.size - found[0]!.size);
  return {
    base: Math.round(found[0]!.rest - each * found[0]!.size),
    each: Math.round(each) || 0,
    of: native.of,
  };
}

const costs = Object.fromEntries(natives.map((native) => [native.name, costOf(native)]));
const { [ADDED]: added, [KEPT]: kept, ...rest } = costs;
const table: MeasuredCosts = {
  operations: Object.fromEntries(
    operations.map((name, i) => [name, Math.round(fitted[i]!)]),
  ) as MeasuredCosts["operations"],
  natives: rest,
  joined: { base: added!.base, kept: kept!.each!, added: added!.each! },
};
for (const name of operations)
  console.log(`${name.padEnd(12)} ${String(table.operations[name]).padStart(7)}  ${OPERATIONS[name]}`);
for (const [name, cost] of Object.entries(costs)) console.log(name.padEnd(26), cost);

const file = fileURLToPath(new URL("../simulator/runtime/costs/table.ts", import.meta.url));
const source = `/**
 * Instructions of the interpreter's operations, measured by \`npm run costs\`: do not edit. Its release build for Linux on x86-64 (version 2v29.277)
 * under valgrind's callgrind; those of a program's text are the least squares of ${programs.length} small programs, of which the worst is
 * ${(100 * worst).toFixed(0)} % off; those of its functions are what a call takes beside them, with 32 and 512 bytes.
 */
import type { MeasuredCosts } from "./natives.js";

export const MEASURED: MeasuredCosts = ${JSON.stringify(table)};
`;
writeFileSync(file, await format(source, { parser: "typescript", printWidth: 120 }));
