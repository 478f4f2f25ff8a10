/**
 * `http.variables`: what a camera's HTTP adds to the interpreter's variables, in a 32-bit build with 5000 of them, its module in Storage as on a board: configured, at the most while one
 * client watches the stream, and while three more have said as much of a request as they may.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { startSimulator } from "../simulator/index.js";
import type { Simulator } from "../simulator/index.js";
import { figure } from "./figure.js";
import type { Figure } from "./figure.js";

const UNIT = "variables";
const TOTAL = 5000;

/** ms until a board rests, and of each look at it. */
const REST_MS = 1500;
const LOOK_MS = 5000;

/** Bytes of a request that goes on. */
const HEAD = 1000;

export async function* httpMemoryFigures(espruino: string, bundleDir: string): AsyncGenerator<Figure> {
  const start = (http: Record<string, number>): Promise<Simulator> =>
    startSimulator({
      ...{ board: "linux", runtime: "espruino", espruino, bundleDir, ports: { tcp: 0, http } },
      devices: { camera0: "vc0706,boot=50" },
    });
  const without = await start({});
  await sleep(REST_MS);
  const { usage } = await without.memory();
  await without.stop();
  const simulator = await start({ camera0: 0 });
  const clients: Socket[] = [];
  const say = (text: string): void => {
    const { port, hostname } = new URL(simulator.endpoints["camera0"]!.http!);
    clients.push(
      connect(Number(port), hostname)
        .on("error", () => undefined)
        .resume(),
    );
    clients.at(-1)!.write(text);
  };
  /** The most that is in use for a while. */
  const most = async (): Promise<number> => {
    let found = 0;
    for (const end = Date.now() + LOOK_MS; Date.now() < end;) found = Math.max(found, (await simulator.memory()).usage);
    return found;
  };
  try {
    await sleep(REST_MS);
    yield figure("http.variables", (await simulator.memory()).usage - usage, UNIT, TOTAL);
    say("GET /stream.mjpg HTTP/1.1\r\n\r\n");
    await sleep(REST_MS);
    yield figure("http.variables.watched", (await most()) - usage, UNIT, TOTAL);
    for (let i = 0; i < 3; i++) say(`GET /${"x".repeat(HEAD)}`);
    await sleep(REST_MS);
    yield figure("http.variables.crowded", (await most()) - usage, UNIT, TOTAL);
  } finally {
    for (const client of clients) client.destroy();
    await simulator.stop();
  }
}
