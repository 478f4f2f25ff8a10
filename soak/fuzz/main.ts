/** `npm run fuzz`: mutated inputs for all that reads what comes from outside. `-- --help` says how. */
import { parseArgs } from "node:util";
import { fuzz } from "./fuzz.js";

const HELP = `npm run fuzz -- [--inputs N] [--seed S]

Gives the decoder, handshakes and their terms, acknowledgements, control messages, whole sessions (with and without a key), what reads
printer commands, transactions, the board's time, records, configurations, captures, and what sensors and cameras send inputs that are almost right,
or right by their checksum and nonsense within.

  --inputs N  for all of them together  (1000000)
  --seed S    other inputs              (1)

Prints what was not taken as it should be (an exception, more frames than one input may lead to, a queue beyond its bound, more than 2 s
for one input, a heap that grows) and exits 1.`;

const { values } = parseArgs({
  options: {
    inputs: { type: "string", default: "1000000" },
    seed: { type: "string", default: "1" },
    help: { type: "boolean", default: false },
  },
});
const inputs = Number(values.inputs);
const seed = Number(values.seed);

if (values.help) console.log(HELP);
else if (!(inputs > 0 && seed >= 0)) {
  console.error("--inputs is a number above 0, --seed one from 0 on; see --help");
  process.exitCode = 2;
} else {
  const start = performance.now();
  const { inputs: done, each, targets, failures } = await fuzz(inputs, seed);
  for (const failure of failures) console.log(failure);
  const took = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${each} inputs for each of: ${targets.join(", ")}`);
  console.log(`${done} inputs in ${took} s: ${failures.length || "none"} failed`);
  if (failures.length > 0) process.exitCode = 1;
}
