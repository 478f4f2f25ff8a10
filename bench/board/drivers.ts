/**
 * `driver.NAME.instr`: what a unit of a driver costs the board, all the way from its listener to the wire of a TCP link without a key, as a record and
 * (`.live`) as a datagram. Board and host live in the same virtual time, step by step. The peer is the same in a board's instructions: `driver.scale`.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { setImmediate as immediate } from "node:timers/promises";
import { connect } from "../../host/index.js";
import type { Board } from "../../host/index.js";
import { VirtualClock } from "../../simulator/clock.js";
import { withModules } from "../../scripts/firmware/later.js";
import { asciiLiteral } from "../../scripts/firmware/measure.js";
import { figure } from "../figure.js";
import type { Figure } from "../figure.js";
import { startCounted } from "./counted.js";
import type { Counted } from "./counted.js";
import { CAMERA_FAKES, CAMERA_TEXT, CAMERAS } from "./fake-cameras.js";
import type { Camera } from "./fake-cameras.js";
import { FAKES, FAKE_TEXT, NATIVE, SENSORS, STEP_MS } from "./fakes.js";
import type { Sensor } from "./fakes.js";
import { calledOf } from "./work.js";
import { scaleOf } from "./scale.js";

const UNIT = "instructions";

/** Steps before a stretch is counted, and in that of the look at the time. */
const BEFORE = 24;
const COUNTED = 40;

/** Bytes of a serial sensor that its driver has not passed on. */
const MOST_WAITING = 128;

/** Steps until a camera's image comes, at the most, and of its stretch. */
const UNTIL_IMAGE = 800;
const IMAGE_STEPS = 60;

/** Calls of a fake that are counted for what one costs. */
const CALLS = 50;

/** The one whose messages are counted with a key, too; and the key. */
const SEALED = "ad8232";
const KEY = "8f3c1d2e4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0";

/** Of one interpreter with all drivers, in ms. */
const LIMIT_MS = 1_500_000;

/**
 * @param bundleDir where the firmware for the board "linux" and its modules are
 * @param wants whether a row was asked for
 */
export async function* driverFigures(
  espruino: string,
  bundleDir: string,
  wants: (name: string) => boolean,
): AsyncGenerator<Figure> {
  const wanted = SENSORS.filter(({ driver }) => wants(`driver.${driver}.instr`));
  const cameras = CAMERAS.filter(({ driver }) => wants(`driver.${driver}.instr`));
  if (wanted.length === 0 && cameras.length === 0 && !wants("driver.tick") && !wants("driver.scale")) return;
  const scale = await scaleOf(espruino);
  yield figure("driver.scale", scale, `${UNIT}/Thumb-2`, 1);
  const tick = await tickWithout(espruino, bundleDir);
  yield figure("driver.tick.instr", tick, `${UNIT}/tick`, tick / scale);
  if (cameras.length > 0) yield* cameraFigures(espruino, bundleDir, cameras, scale);
  if (wanted.length === 0) return;
  const bench = await Bench.start(espruino, bundleDir, wanted);
  let open = 0;
  try {
    const unread = ((await bench.tick()) - tick) / wanted.length;
    yield figure("driver.tick.unread.instr", unread, `${UNIT}/device`, unread / scale);
    for (const sensor of wanted)
      for (const way of sensor.driver === "analyser" ? (["record"] as const) : (["record", "live"] as const)) {
        const each = await bench.measure(sensor, way);
        if (sensor.driver === SEALED && way === "record") open = each;
        const name = `driver.${sensor.driver}.instr${way === "live" ? ".live" : ""}`;
        yield figure(name, each, `${UNIT}/unit`, each / scale);
      }
  } finally {
    await bench.stop();
  }
  if (open > 0) {
    const sealed = await sealing(espruino, bundleDir, open);
    yield figure("driver.sealed.instr", sealed, `${UNIT}/message`, sealed / scale);
  }
}

/** What a key adds to a message of a sensor, with its share of acknowledgements. @param open of a unit without one */
async function sealing(espruino: string, bundleDir: string, open: number): Promise<number> {
  const sensor = SENSORS.find(({ driver }) => driver === SEALED)!;
  const bench = await Bench.start(espruino, bundleDir, [sensor], FAKES, "", KEY);
  try {
    return ((await bench.measure(sensor, "record")) - open) * sensor.batch;
  } finally {
    await bench.stop();
  }
}

async function* cameraFigures(
  espruino: string,
  bundleDir: string,
  cameras: readonly Camera[],
  scale: number,
): AsyncGenerator<Figure> {
  const bench = await Bench.start(espruino, bundleDir, cameras, CAMERA_FAKES, CAMERA_TEXT);
  try {
    for (const camera of cameras) {
      const each = await bench.shoot(camera);
      yield figure(`driver.${camera.driver}.instr`, each, `${UNIT}/unit`, each / scale);
    }
  } finally {
    await bench.stop();
  }
}

/** The look at the time on a board without devices. */
async function tickWithout(espruino: string, bundleDir: string): Promise<number> {
  const bench = await Bench.start(espruino, bundleDir, []);
  try {
    return await bench.tick();
  } finally {
    await bench.stop();
  }
}

class Bench {
  private readonly cost = new Map<string, number>();

  private constructor(
    private readonly counted: Counted,
    private readonly board: Board,
    private readonly clock: VirtualClock,
    private readonly fakes: Readonly<Record<string, string>>,
  ) {}

  static async start(
    espruino: string,
    bundleDir: string,
    sensors: readonly Pick<Sensor, "driver" | "device">[],
    fakes = FAKES,
    text = "",
    key?: string,
  ): Promise<Bench> {
    const read = (name: string): string => readFileSync(`${bundleDir}/${name}.js`, "latin1");
    const modules = ["sensors", ...sensors.map(({ driver }) => driver)];
    // From RAM: the Linux build reads its Storage through a file.
    const code = withModules(
      read("linux"),
      modules.map((name) => read(`linux.${name}`)),
    );
    const devices = Object.fromEntries(sensors.map(({ driver, device }) => [driver, { driver, ...device }]));
    const config = (port: number): string =>
      JSON.stringify({
        ...{ board: "linux", name: "bench", buses: { i2c0: { port: "I2C1" }, spi0: { port: "SPI1" } }, devices },
        links: { tcp: key === undefined ? { port, insecure: true } : { port } },
        ...(key !== undefined && { key }),
      });
    const counted = await startCounted(
      espruino,
      // As a board evaluates it: in a script's own text a NUL of a driver would be its end.
      () => `${FAKE_TEXT}${text}eval(${asciiLiteral(code)})`,
      (port) => ({ "devsock.json": config(port), devsock: code }),
      LIMIT_MS,
    );
    const clock = new VirtualClock();
    const board = await connect(`tcp://127.0.0.1:${counted.port}`, { clock, ...(key !== undefined && { key }) });
    await new Promise((resolve) => setTimeout(resolve, 500));
    const bench = new Bench(counted, board, clock, fakes);
    await bench.calibrate();
    return bench;
  }

  async stop(): Promise<void> {
    await this.counted.stop();
  }

  /** Instructions of a unit. */
  async measure(sensor: Sensor, way: "record" | "live"): Promise<number> {
    const events = (listener: string): string =>
      `k=0;Qx=0;Qe=function(){${sensor.events.replaceAll("Qf", `(Qlisten.${listener}||isNaN)`)}}`;
    await this.run(events("none"), 4);
    const still = await this.stretch(sensor.steps);
    const signal = new AbortController();
    const reading = this.read(sensor, way === "live", signal.signal);
    await this.run(events(sensor.driver), BEFORE);
    const [before, gaps] = [reading.units(), reading.gaps()];
    const work = await this.stretch(sensor.steps);
    const came = reading.units() - before;
    if (reading.gaps() > gaps) throw new Error(`${sensor.driver}: what it cost to tell of a gap would be counted`);
    signal.abort();
    await this.run(events("none"), BEFORE);
    await reading.done;
    const units = (sensor.units * sensor.steps * STEP_MS) / 1000;
    if (Math.abs(came - units) > Math.max(2 * sensor.batch, MOST_WAITING))
      throw new Error(`${sensor.driver}: ${came} units came to the host, not ${units}`);
    return (work - still) / units;
  }

  /** Instructions of a byte in the middle of an image. */
  async shoot({ driver, events }: Camera): Promise<number> {
    await this.run("Qe=function(){}", 4);
    const still = await this.stretch(IMAGE_STEPS);
    const signal = new AbortController();
    let bytes = 0;
    const shooting = this.board
      .camera(driver)
      .snapshot({ signal: signal.signal, onProgress: (came) => (bytes = came) });
    const done = shooting.then(
      () => assert.fail(`${driver}: the image has an end`),
      (error: unknown) => error,
    );
    await this.run(`Qe=function(){${events}}`, 0);
    for (let i = 0; bytes === 0; i += BEFORE) {
      if (i > UNTIL_IMAGE) throw new Error(`${driver}: no byte came of its image`);
      await this.run("", BEFORE);
    }
    const before = bytes;
    const work = await this.stretch(IMAGE_STEPS);
    const came = bytes - before;
    signal.abort();
    await this.run("", BEFORE);
    const error = await done;
    if (came <= 0) throw new Error(`${driver}: ${came} bytes of its image came: ${String(error)}`);
    return (work - still) / came;
  }

  /** Reads a sensor, or takes an analyser's bytes. */
  private read(
    { driver, perReading }: Sensor,
    live: boolean,
    signal: AbortSignal,
  ): { units: () => number; gaps: () => number; done: Promise<void> } {
    let units = 0;
    let gaps = 0;
    const readings = async (): Promise<void> => {
      for await (const item of this.board.sensor(driver).samples({ live, signal }))
        if (item.kind === "reading") units += perReading;
        else gaps++;
    };
    const bytes = async (): Promise<void> => {
      const socket = await this.board.open(`${driver}:raw`, { signal });
      signal.addEventListener("abort", () => socket.destroy());
      for await (const data of socket) units += (data as Buffer).length;
    };
    const done = (driver === "analyser" ? bytes() : readings()).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
    return { units: () => units, gaps: () => gaps, done };
  }

  /** What the firmware's own look at the time costs with a host that is connected, in all that is open. */
  async tick(): Promise<number> {
    await this.run("Qe=function(){}", BEFORE);
    const looking = await this.stretch(COUNTED);
    await this.run("var Qkept=Qtick,Qkept2=Qseldom;Qtick=Qseldom=isNaN", 1);
    const blind = await this.stretch(COUNTED);
    await this.run("Qtick=Qkept;Qseldom=Qkept2", 1);
    return (looking - blind) / COUNTED;
  }

  /** What a fake costs beyond a native function. */
  private async calibrate(): Promise<void> {
    const native = await this.loop(NATIVE);
    for (const [name, call] of Object.entries(this.fakes)) this.cost.set(name, (await this.loop(call)) - native);
  }

  /** A turn of a loop with that in it. */
  private async loop(code: string): Promise<number> {
    const turns = async (n: number): Promise<number> => {
      await this.run(`Qe=function(){for(var i=0;i<${n};i++){${code}}}`, 0);
      await this.counted.cut();
      await this.run("", 1);
      return calledOf(await this.counted.cut()).instructions;
    };
    const each = ((await turns(2 * CALLS)) - (await turns(CALLS))) / CALLS;
    await this.run("Qe=function(){}", 0);
    return each;
  }

  /** Instructions of so many steps, without what the fakes cost. */
  private async stretch(steps: number): Promise<number> {
    const before = await this.calls();
    await this.counted.cut();
    await this.run("", steps);
    const { instructions } = calledOf(await this.counted.cut());
    const after = await this.calls();
    return [...this.cost.values()].reduce((left, cost, i) => left - cost * (after[i]! - before[i]!), instructions);
  }

  private async calls(): Promise<number[]> {
    const said = await this.counted.say(`print("<calls>"+[${Object.keys(this.fakes).join()}])`, "<calls>");
    return said.split(",").map(Number);
  }

  /** Runs code, then steps: the next one when the host has done what was due, on however busy a machine. */
  private async run(code: string, steps: number): Promise<void> {
    await this.counted.say(`${code};print("<ready>")`, "<ready>");
    for (let i = 0; i < steps; i++) {
      await this.counted.say("setTimeout(Qstep,0)", "<step>");
      // What the board has sent is taken first.
      await immediate();
      await this.clock.run(STEP_MS);
    }
  }
}
