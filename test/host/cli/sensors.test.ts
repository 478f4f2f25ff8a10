import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { placesOf, readEdf } from "../../support/edf.js";
import { assertMistakes, build, COMMAND, endAll, run, start } from "./run.js";

interface Summary {
  sensor: string;
  file: string;
  readings: number;
  withoutValue: number;
  gaps: number;
  lost: number;
  records: number;
}

describe("devsock watch and devsock record", function () {
  this.timeout(60_000);
  let dir: string;
  let address: string;
  let off: string;

  before(async () => {
    build();
    const root = fileURLToPath(new URL("../../..", import.meta.url));
    execFileSync(process.execPath, ["--import", "tsx", "scripts/build-firmware.ts", "--if-changed"], { cwd: root });
    dir = await mkdtemp(join(tmpdir(), "devsock-"));
    [address, off] = await Promise.all([simulated("ecg0=ad8232"), simulated("ecg0=ad8232,off=plus")]);
  });

  after(async () => {
    endAll();
    await rm(dir, { recursive: true });
  });

  async function simulated(device: string): Promise<string> {
    const sim = start(["sim", "--json", "--tcp", "0", "--device", device]);
    await sim.until(() => sim.out().includes("\n"));
    return (JSON.parse(sim.out()) as { links: { tcp: string } }).links.tcp;
  }

  it("records for so long, with each reading in the file or in a gap, and says what it has", async () => {
    const path = join(dir, "f.edf");
    const args = ["record", address, "ecg0", "-o", path, "--seconds", "2", "--code", "MCH-1", "--json"];
    const { code, out, err } = await run(args);
    assert.deepEqual([code, err], [0, ""]);
    const { sensor, file, readings, gaps, lost } = JSON.parse(out) as Summary;
    assert.deepEqual([sensor, file], ["ecg0", path]);
    const edf = readEdf(await readFile(path));
    assert.equal(edf.patient, "MCH-1 X X X");
    const places = placesOf(edf);
    assert.equal(places.filter(({ values }) => values[0] !== null).length, readings);
    // A busy machine's simulator loses some, and says so.
    assert.ok(readings + lost >= 250 && readings + lost <= 520, out);
    assert.equal(edf.annotations.filter(({ text }) => text.startsWith("gap:")).length, gaps);
    assert.ok(Math.abs(places[0]!.utc - Date.now()) < 10_000);
  });

  it("leaves a file with all but the last second when it is killed, and a whole one at Ctrl-C, which says that a lead was off", async () => {
    const [killed, ended] = ["killed.edf", "ended.edf"].map((name) => join(dir, name)) as [string, string];
    const one = start(["record", address, "ecg0", "-o", killed]);
    const other = start(["record", off, "ecg0", "-o", ended]);
    await pause(2500);
    const now = Date.now();
    one.child.kill("SIGKILL");
    other.child.kill("SIGINT");
    await one.ended;
    const last = placesOf(readEdf(await readFile(killed))).findLast(({ values }) => values[0] !== null)!;
    assert.ok(last.utc > now - 1000, `${now - last.utc} ms are missing`);
    const { code, out } = await other.ended;
    assert.equal(code, 0);
    assert.match(out, /ended\.edf: \d+ readings, \d+ of them without a value.*\. Not for diagnosis\.\n$/);
    const edf = readEdf(await readFile(ended));
    assert.ok(placesOf(edf).every(({ values }) => values[0] === null));
    assert.ok(edf.annotations.some(({ text, duration }) => text === "no value: lead LO+ off" && duration! > 0.3));
  });

  it("prints a line of JSON for each reading, and words in a pipe", async () => {
    const [json, words] = await Promise.all([
      run(["watch", address, "ecg0", "--seconds", "1", "--json"]),
      run(["watch", off, "ecg0", "--seconds", "1"]),
    ]);
    assert.deepEqual([json.code, words.code, json.err, words.err], [0, 0, "", ""]);
    const items = json.out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { kind: string; values?: object });
    const readings = items.filter(({ kind }) => kind === "reading");
    assert.ok(readings.length > 50, `${readings.length}`);
    assert.deepEqual(Object.keys(readings[0]!.values!), ["ecg"]);
    assert.match(words.out, /^\d\d:\d\d:\d\d\.\d{3} {2}ECG no value: lead LO\+ off\n/m);
    assert.match(words.out, /^\d\d:\d\d:\d\d\.\d{3} {2}ALARM lead LO\+ off begins\n/m);
    assert.match(words.out, /Not for diagnosis\.\n$/);
  });

  it("prints a line of JSON for each alarm, too", async () => {
    const [oximeter, electrode] = [await simulated("n0=nonin,fault=alarm"), off];
    for (const [at, sensor, name] of [
      [oximeter, "n0", "alarm"],
      [electrode, "ecg0", "lead LO+ off"],
    ] as const) {
      const { code, out, err } = await run(["watch", at, sensor, "--seconds", "2", "--json"]);
      assert.deepEqual([code, err], [0, ""]);
      const items = out
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as { kind: string; name?: string; on?: boolean });
      const alarms = items.filter(({ kind }) => kind === "alarm");
      assert.deepEqual(
        alarms.map(({ name, on }) => [name, on]),
        [[name, true]],
      );
      assert.ok(items.some(({ kind }) => kind === "reading"));
    }
  });

  it("shows of a MAX30102 what is computed of its counts, marked as that", async () => {
    const light = await simulated("light0=max30102");
    const [json, words] = await Promise.all([
      run(["watch", light, "light0", "--seconds", "2", "--json"]),
      run(["watch", light, "light0", "--seconds", "2"]),
    ]);
    assert.deepEqual([json.code, words.code], [0, 0]);
    const computed = json.out.split("\n").find((line) => line.includes('"computed"'))!;
    const { method, values, units, why } = JSON.parse(computed) as Record<string, unknown>;
    assert.deepEqual([method, values, why], ["oximetry", { pulse: null, spo2: null }, "window too short"]);
    assert.deepEqual(units, { pulse: "/min", spo2: "%" });
    assert.match(words.out, /computed, not calibrated: Pulse no value, SpO2 no value \(window too short\)/);
  });

  it("say why a sensor cannot be read, and record leaves no file that is in the way of the next try", async () => {
    const absent = await simulated("t0=ds18b20,fault=absent");
    const file = join(dir, "absent.edf");
    for (const args of [["watch"], ["watch", "--json"], ["record", "-o", file], ["record", "-o", file, "--json"]]) {
      const [command, ...options] = args as [string, ...string[]];
      const { code, out, err } = await run([command, absent, "t0", ...options, "--seconds", "5"]);
      assert.equal(code, 1);
      assert.match(out + err, /ENXIO.*no chip answers on pin/, args.join(" "));
    }
  });

  it("goes on over a new connection when one is lost, and says nothing of it with --json", async () => {
    const port = Number(new URL(address).port);
    const sockets: Socket[] = [];
    const relay = createServer((from) => {
      const to = connect(port, "127.0.0.1");
      sockets.push(from, to);
      for (const socket of [from, to]) socket.on("error", () => undefined);
      from.pipe(to).pipe(from);
    });
    await once(relay.listen(0, "127.0.0.1"), "listening");
    const through = `tcp://127.0.0.1:${(relay.address() as AddressInfo).port}`;
    const watch = start(["watch", through, "ecg0", "--json"]);
    await watch.until(() => watch.out().includes("reading"));
    for (const socket of sockets.splice(0)) socket.resetAndDestroy();
    await watch.until(() => sockets.length > 0);
    const before = watch.out().length;
    await watch.until(() => watch.out().length > before + 5000);
    watch.child.kill("SIGINT");
    const { code, out, err } = await watch.ended;
    relay.close();
    assert.deepEqual([code, err], [0, ""]);
    const numbers = out.trimEnd().split("\n");
    let next: number | undefined;
    for (const line of numbers) {
      const { number, lost = 1 } = JSON.parse(line) as { number: number; lost?: number };
      assert.equal(number, next ?? number);
      next = number + lost;
    }
  });

  it("draws on a terminal until Ctrl-C, and leaves its last picture", async function () {
    if (process.platform === "win32") return this.skip();
    const { spawn } = await import("@lydell/node-pty");
    const terminal = spawn(COMMAND[0]!, [...COMMAND.slice(1), "watch", address, "ecg0"], { cols: 60, rows: 16 });
    let shown = "";
    terminal.onData((data) => (shown += data));
    const code = new Promise((resolve) => terminal.onExit(({ exitCode }) => resolve(exitCode)));
    while (!/[\u2801-\u28ff]/.test(shown)) await pause(50);
    await pause(300);
    const frames = shown.split("\x1b[H").length;
    assert.ok(frames <= 15, `${frames} pictures`);
    terminal.write("\x03");
    assert.equal(await code, 0);
    const [moving, rest] = shown.split("\x1b[?1049l") as [string, string];
    assert.ok(moving.startsWith("\x1b[?1049h"));
    assert.match(rest, /^ecg0 {2}AD8232 ECG {2}20.*UTC ±/);
    assert.match(rest, /readings, .*Not for diagnosis\.\r\n/);
  });

  it("has an exit code and a sentence for each mistake", async () => {
    const there = join(dir, "there.edf");
    await writeFile(there, "");
    await assertMistakes([
      [["record", address, "ecg9", "-o", join(dir, "n.edf")], 1, /ENODEV: there is no ecg9 on this board; it has ecg0/],
      [["watch", address, "ecg9"], 1, /ENODEV: there is no ecg9 on this board; it has ecg0/],
      [["record", address, "ecg0", "-o", there], 1, /EEXIST: .*there\.edf is there already/],
      [["record", address, "ecg0", "-o", join(dir, "no", "f.edf")], 1, /ENOENT: .*directory does not exist/],
      [
        ["record", address, "ecg0", "-o", join(dir, "u.edf"), "--code", "Jürgen"],
        2,
        /Give 1 to 40 characters of ASCII/,
      ],
      [["record", address, "ecg0", "-o", "-"], 2, /Name a file: its header is written again/],
      [["watch", await simulated("lab0=analyser"), "lab0"], 1, /EPROTONOSUPPORT: lab0 is an analyser.*receiveResults/],
      [["record", address, "ecg0"], 2, /required option '-o, --output <file>'/],
      [["watch", "tcp://127.0.0.1:1", "ecg0"], 69, /ECONNREFUSED/],
    ]);
  });
});
