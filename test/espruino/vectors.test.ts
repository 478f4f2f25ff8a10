import assert from "node:assert/strict";
import { availableParallelism } from "node:os";
import { PROGRAM } from "../../scripts/firmware/build.js";
import { startEspruino, type EspruinoProcess } from "../../simulator/espruino.js";
import { BOOT_FILE } from "../../simulator/runtime/index.js";
import { espruino, judgedBy, pathOf } from "../support/judges.js";
import { cryptoVectors, DONE, SCATTERED, vectorFiles, vectors, verdict } from "../support/vectors.js";
import { until } from "../support/wait.js";

/** However slow the machine is. */
const PATIENCE_MS = 300_000;

/** Code in Storage costs this build a file opened for every 16 bytes; in RAM, where the vectors fit, nothing. */
const INTO_RAM = `Modules.addCached("${PROGRAM}",""+require("Storage").read("${PROGRAM}"));`;

/** One interpreter, with its share of the bits and split points of every vector. */
interface Worker {
  running: EspruinoProcess;
  lines: string[];
}

judgedBy([espruino], "vectors on the real interpreter, every split point and every bit turned over", function () {
  this.timeout(PATIENCE_MS + 10_000);
  const workers: Worker[] = [];

  before(async () => {
    const count = availableParallelism();
    for (let from = 0; from < count; from++) {
      const { [BOOT_FILE]: boot, ...files } = await vectorFiles({ flips: count, splits: count, from });
      const lines: string[] = [];
      const log = (line: string): void => void lines.push(line);
      const spareUarts = ["Serial1", "Serial2"] as const;
      const options = { binary: pathOf(espruino), files, boot: INTO_RAM + boot!, spareUarts, log };
      workers.push({ running: await startEspruino(options), lines });
    }
  });
  after(() => Promise.all(workers.map(({ running }) => running.stop())));

  for (const vector of vectors)
    it(vector.title, async () => {
      const mine = (line: string): boolean => line.startsWith(`VECTOR ${vector.title}:`);
      for (const { lines } of workers) {
        const what = (): string => `no verdict; the interpreter printed: ${lines.join("\n")}`;
        await until(() => lines.some(mine), what, PATIENCE_MS);
        assert.equal(lines.find(mine), verdict(vector));
      }
    });
});

judgedBy([espruino], "cryptography on the real interpreter when its memory is scattered", function () {
  this.timeout(PATIENCE_MS);

  it("gives the same", async () => {
    const { [BOOT_FILE]: boot, ...files } = await vectorFiles({ flips: 1, splits: 1, from: 0 }, cryptoVectors);
    const lines: string[] = [];
    const running = await startEspruino({
      ...{ binary: pathOf(espruino), files, spareUarts: ["Serial1", "Serial2"] },
      // Not from RAM: beside the program the longest message in pieces is more than 5,000 variables.
      boot: SCATTERED + boot!,
      log: (line) => void lines.push(line),
    });
    try {
      await until(
        () => lines.includes(DONE),
        () => lines.join("\n"),
        PATIENCE_MS,
      );
    } finally {
      await running.stop();
    }
    for (const vector of cryptoVectors) assert.ok(lines.includes(verdict(vector)), lines.join("\n"));
  });
});
