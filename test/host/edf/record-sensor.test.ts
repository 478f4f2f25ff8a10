import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { DevsockError, recordSensor } from "../../../host/index.js";
import type { SensorReading, SensorSource } from "../../../host/index.js";
import { sensorTable } from "../../../protocols/device/sensor/index.js";
import { placesOf, readEdf } from "../../support/edf.js";
import { Program } from "../../support/program.js";

function reading(utc: number): SensorReading {
  return { kind: "reading", number: 0, boot: 1, utc, uncertainty: 1, values: [0.5], why: "" };
}

async function* never(): AsyncGenerator<never> {
  await new Promise(() => undefined);
}

function sensor(samples: SensorSource["samples"]): SensorSource {
  return { table: sensorTable("ad8232")!, rate: 250, samples, alarms: never };
}

async function* three(): AsyncGenerator<SensorReading> {
  for (const at of [0, 4, 8]) yield reading(1e12 + at);
}

describe("recording a sensor", function () {
  this.timeout(20_000);
  let dir: string;
  let path: string;

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), "devsock-"));
  });
  after(() => rm(dir, { recursive: true }));
  beforeEach(async () => {
    path = join(dir, "f.edf");
    await rm(path, { force: true });
  });

  it("leaves a file with all but the last second when its process is killed", async () => {
    const script = fileURLToPath(new URL("../../support/endless-recording.ts", import.meta.url));
    const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
    // The process itself, not one that starts another.
    const program = Program.start(process.execPath, ["--import", tsx, script, path]);
    while (!/^\d+\n/.test(program.output.toString())) await pause(20);
    await pause(2222);
    const killed = Date.now();
    program.kill();
    await program.exited;
    const start = Number(program.output.toString());
    const places = placesOf(readEdf(await readFile(path)));
    const last = places.findLastIndex(({ values }) => values[0] !== null);
    assert.ok(places[last]!.utc >= killed - 1000, `${killed - places[last]!.utc} ms are missing`);
    assert.ok(places.slice(0, last).every(({ values }) => values[0] !== null));
    assert.ok(Math.abs(places[0]!.utc - start) < 0.01);
  });

  it("ends in order at its signal, though the sensor says nothing, and tells what it has", async () => {
    const over = new AbortController();
    const seen: number[] = [];
    const counts = await recordSensor(
      sensor(async function* () {
        yield* three();
        yield* never();
      }),
      path,
      {
        signal: over.signal,
        onProgress: ({ readings }) => {
          seen.push(readings);
          over.abort();
        },
      },
    );
    assert.deepEqual([counts.readings, counts.records, counts.gaps, seen], [3, 1, 0, [3]]);
    assert.equal(placesOf(readEdf(await readFile(path))).filter(({ values }) => values[0] !== null).length, 3);
  });

  it("keeps what came before the link was lost, and throws what the sensor threw", async () => {
    const lost = new DevsockError("ETIMEDOUT: the board was not heard for 30 s", { origin: "link" });
    const source = sensor(async function* () {
      yield* three();
      throw lost;
    });
    await assert.rejects(recordSensor(source, path), lost);
    assert.equal(placesOf(readEdf(await readFile(path))).filter(({ values }) => values[0] !== null).length, 3);
  });

  it("ends with an error, and a file of what came, when the alarms can no longer be heard", async () => {
    const lost = new DevsockError("EAGAIN: too many read it", { origin: "peer" });
    const source = sensor(async function* () {
      yield* three();
      yield* never();
    });
    source.alarms = async function* () {
      yield { ...reading(1e12), kind: "alarm", name: "probe off", on: true };
      await Promise.reject(lost);
    };
    await assert.rejects(recordSensor(source, path), lost);
    const { annotations } = readEdf(await readFile(path));
    assert.ok(annotations.some(({ text }) => text === "alarm begins: probe off"));
  });

  it("leaves no file that would be in the way of the next try, when nothing came", async () => {
    const absent = new DevsockError("ENXIO: no chip answers", { origin: "peer" });
    const source = sensor(async function* () {
      yield* await Promise.reject<SensorReading[]>(absent);
    });
    await assert.rejects(recordSensor(source, path), absent);
    assert.equal((await recordSensor(sensor(three), path)).readings, 3);
  });

  it("ends with whole records where there is no room for more, and says what to do", async function () {
    if (process.platform === "win32") return this.skip();
    const script = fileURLToPath(new URL("../../support/endless-recording.ts", import.meta.url));
    const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
    // Blocks of 512 bytes: the header and some records, and a part of one.
    const limited = `ulimit -f 5; exec "$0" --import "$1" "$2" "$3"`;
    // No compiled file of tsx's can be written either.
    const env = { TSX_DISABLE_CACHE: "1" };
    const program = Program.start("sh", ["-c", limited, process.execPath, tsx, script, path], { env });
    const { code } = await program.exited;
    assert.equal(code, 1);
    assert.match(program.complaints, /EFBIG: .*f\.edf ends here, .*ulimit -f.*stays readable.*another file/);
    const places = placesOf(readEdf(await readFile(path)));
    assert.ok(places.filter(({ values }) => values[0] !== null).length > 100);
  });

  it("writes over no file, and says what is wrong with a path", async () => {
    await writeFile(path, "another recording");
    await assert.rejects(recordSensor(sensor(three), path), { code: "EEXIST" });
    assert.equal(await readFile(path, "utf8"), "another recording");
    await assert.rejects(recordSensor(sensor(three), join(dir, "none", "f.edf")), { code: "ENOENT" });
  });
});
