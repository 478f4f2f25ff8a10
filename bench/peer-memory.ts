/**
 * `peer.variables`: what dialling another board adds to the interpreter's variables, in a 32-bit build with 5000 of them: a peer with a key and a port 9100 for its printer, configured;
 * with the session and no client; at the most while a job goes through; and when the session has been left.
 */
import { randomBytes } from "node:crypto";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { startSimulator } from "../simulator/index.js";
import type { Simulator } from "../simulator/index.js";
import { figure } from "./figure.js";
import type { Figure } from "./figure.js";

const UNIT = "variables";
const TOTAL = 5000;

/** ms until a board rests, and until a session that nobody needs has been left. */
const REST_MS = 1500;
const LEFT_MS = 12_000;

const JOB = Buffer.alloc(100_000, "x");

export async function* peerMemoryFigures(espruino: string, bundleDir: string): AsyncGenerator<Figure> {
  const common = { board: "linux", runtime: "espruino", espruino, bundleDir } as const;
  const key = randomBytes(32).toString("hex");
  const ward3 = await startSimulator({ ...common, key, devices: { printer0: "escpos" }, ports: { tcp: 0 } });
  const peers = { ward3: { address: new URL(ward3.links.tcp!).host, key } };
  const endpoints = [{ service: "raw", peer: "ward3", device: "printer0", port: 9100 }];
  const start = (more: object): Promise<Simulator> =>
    startSimulator({
      ...common,
      config: { board: "linux", links: { tcp: { port: 9180, insecure: true } }, ...more },
    });
  let client: Socket | undefined;
  try {
    const without = await start({});
    await sleep(REST_MS);
    const { usage } = await without.memory();
    await without.stop();
    const desk = await start({ peers, endpoints });
    try {
      const added = async (): Promise<number> => (await desk.memory()).usage - usage;
      await sleep(REST_MS);
      yield figure("peer.variables", await added(), UNIT, TOTAL);
      client = connect(Number(new URL(desk.endpoints["printer0"]!.raw!).port), "127.0.0.1").resume();
      client.end(JOB);
      const over = new Promise((resolve) => client!.once("close", resolve));
      let most = 0;
      let printing = true;
      void over.then(() => (printing = false));
      while (printing) most = Math.max(most, await added());
      yield figure("peer.variables.printing", most, UNIT, TOTAL);
      await sleep(REST_MS);
      yield figure("peer.variables.open", await added(), UNIT, TOTAL);
      await sleep(LEFT_MS);
      yield figure("peer.variables.left", await added(), UNIT, TOTAL);
    } finally {
      await desk.stop();
    }
  } finally {
    client?.destroy();
    await ward3.stop();
  }
}
