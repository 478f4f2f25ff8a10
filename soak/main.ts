/** `npm run soak`: seeds for so many virtual hours each, in as many processes as there are cores. `-- --help` says how. */
import { fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { soak } from "./soak.js";
import { Tally } from "./tally.js";
import type { Counts } from "./tally.js";
import { carry } from "./volume.js";

const HELP = `npm run soak -- [--seeds N] [--first-seed S] [--hours H] [--jobs J] | --gib G [--first-seed S]

Runs a host, a board and the links between them in virtual time through whatever befalls such things, and checks
everything that programs are told. The same seed does the same, byte for byte.

  --seeds N       how many seeds                                  (100)
  --first-seed S  the first of them                               (1)
  --hours H       virtual hours of each seed                      (1)
  --gib G         instead: one stream of G GiB over a link that corrupts, drops, doubles and reorders frames; every byte is compared
  --jobs J        processes; the seeds are dealt out among them   (cores)

Prints failing seeds, each with the smallest plan that fails and the command that runs it again, and exits 1.`;

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "100" },
    "first-seed": { type: "string", default: "1" },
    hours: { type: "string", default: "1" },
    gib: { type: "string" },
    jobs: { type: "string" },
    /** Of a process that another one started: every so many seeds are its own. */
    every: { type: "string", default: "1" },
    help: { type: "boolean", default: false },
  },
});
const seeds = Number(values.seeds);
const first = Number(values["first-seed"]);
const hours = Number(values.hours);
const every = Number(values.every);

interface Sum {
  hours: number;
  runs: number;
  frames: number;
  failed: number;
  tally: Tally;
}

/** What a process tells the one that started it. */
type Told = Omit<Sum, "tally"> & { counts: Counts };

function run(): Sum {
  const sum = { hours: 0, runs: 0, frames: 0, failed: 0, tally: new Tally() };
  for (let seed = first; seed < first + seeds; seed += every) {
    const { failure, ...done } = soak(seed, hours);
    sum.hours += done.hours;
    sum.runs += done.runs;
    sum.frames += done.frames;
    sum.tally.add(done.counts);
    if (failure) {
      sum.failed++;
      console.log(`seed ${seed} failed: ${failure.text}`);
      console.log(`  smallest plan: ${failure.plan}`);
      console.log(`  run again: npm run soak -- --seeds 1 --first-seed ${seed} --hours ${hours}`);
    } else if (seeds === 1) console.log(`seed ${seed}: digest ${done.digest}`);
  }
  return sum;
}

async function spread(jobs: number): Promise<Sum> {
  const sums = await Promise.all(
    Array.from({ length: jobs }, async (_, i) => {
      const child = fork(fileURLToPath(import.meta.url), [
        ...["--seeds", String(seeds - i), "--first-seed", String(first + i)],
        ...["--hours", String(hours), "--every", String(jobs)],
      ]);
      return new Promise<Told>((resolve, reject) => {
        child.once("message", (sum: Told) => resolve(sum));
        child.once("exit", (code) => reject(new Error(`a process ended with ${code} before it was done`)));
      });
    }),
  );
  const all = { hours: 0, runs: 0, frames: 0, failed: 0, tally: new Tally() };
  for (const sum of sums) {
    all.hours += sum.hours;
    all.runs += sum.runs;
    all.frames += sum.frames;
    all.failed += sum.failed;
    all.tally.add(sum.counts);
  }
  return all;
}

if (values.help) console.log(HELP);
else if (![seeds, first, hours].every((n) => n > 0)) {
  console.error("--seeds, --first-seed and --hours are numbers above 0; see --help");
  process.exitCode = 2;
} else if (values.gib) {
  const { bytes, frames, hurt, hours: took, digest } = carry(Number(values.gib), first);
  console.log(
    `${bytes} bytes in ${frames} frames, of which ${hurt} were lost, changed or doubled, in ${took.toFixed(1)} virtual hours`,
  );
  console.log(`every byte came as it was sent; seed ${first}, digest ${digest}`);
} else if (process.send) {
  const { tally, ...sum } = run();
  process.send({ ...sum, counts: tally.counts } satisfies Told);
} else {
  const jobs = Math.min(seeds, Number(values.jobs ?? availableParallelism()));
  const start = performance.now();
  const sum = jobs > 1 ? await spread(jobs) : run();
  const took = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`what happened: ${String(sum.tally)}`);
  console.log(
    `${seeds} seeds, ${sum.runs} plans, ${sum.hours.toFixed(1)} virtual hours, ${sum.frames} frames in ${took} s: ${sum.failed || "none"} failed`,
  );
  if (sum.failed) process.exitCode = 1;
}
