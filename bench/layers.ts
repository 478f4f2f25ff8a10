/**
 * `board.layer.*`: what each layer takes of the interpreter's variables, in a 32-bit build with 5000 of them. `code`
 * is a layer's functions, loaded from Storage; the others are what a configuration or a host adds to a running board.
 */
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "../host/index.js";
import { build } from "../scripts/firmware/build.js";
import { measure } from "../scripts/firmware/measure.js";
import { tokenise } from "../scripts/firmware/tokenise.js";
import { startSimulator } from "../simulator/index.js";
import type { Ports, Simulator } from "../simulator/index.js";
import { figure } from "./figure.js";
import type { Figure } from "./figure.js";

const UNIT = "variables";
/** All that the interpreter has. */
const TOTAL = 5000;

/** Layers from below; each entry brings those of `within` along. */
const CODE: { layer: string; entry: string; within: string[] }[] = [
  { layer: "link", entry: "protocols/link/decoder", within: [] },
  { layer: "session", entry: "protocols/session/session", within: ["link"] },
  { layer: "socket", entry: "protocols/socket/sockets", within: [] },
  { layer: "io", entry: "firmware/io/uart", within: [] },
  { layer: "driver", entry: "firmware/driver/escpos", within: [] },
];

/** @param root the repository */
export async function layerFigures(root: string, espruino: string, bundleDir: string): Promise<Figure[]> {
  return [...(await code(root, espruino)), ...(await live(espruino, bundleDir))].map(([name, value]) =>
    figure(`board.layer.${name}`, value, UNIT, TOTAL),
  );
}

/** What comes with the loader and from the boot file: nothing is loaded later here. */
const MODULES = 'var $_p={m:{}},$_b={s:"",c:"devsock.json"},$_r=[],$_o=[];';

type Row = [name: string, variables: number];

async function code(root: string, espruino: string): Promise<Row[]> {
  const loaded = async (entry: string, before = ""): Promise<number> => {
    const [firmware] = await build(root, ["linux"], `${entry}.ts`);
    return measure(espruino, before + tokenise(firmware!.code));
  };
  const rows = new Map<string, number>();
  for (const { layer, entry, within } of CODE)
    rows.set(
      layer,
      within.reduce((left, inner) => left - rows.get(inner)!, await loaded(entry)),
    );
  const rest = [...rows.values()].reduce((left, row) => left - row, await loaded("firmware/main", MODULES));
  return [...rows, ["endpoint", rest] satisfies Row].map(([layer, value]) => [`code.${layer}`, value]);
}

async function live(espruino: string, bundleDir: string): Promise<Row[]> {
  const rows: Row[] = [];
  const start = (ports: Ports, devices: Record<string, string>, serial: boolean): Promise<Simulator> =>
    startSimulator({ board: "linux", runtime: "espruino", espruino, bundleDir, ports, devices, serial });
  const idle = async (ports: Ports, devices: Record<string, string> = {}, serial = false): Promise<number> => {
    const board = await start(ports, devices, serial);
    try {
      return await rested(board);
    } finally {
      await board.stop();
    }
  };
  const printer = { printer0: "escpos" };
  const tcp = await idle({ tcp: 0 });
  const withPrinter = await idle({ tcp: 0 }, printer);
  rows.push(["listen.udp", (await idle({ tcp: 0, udp: 0 })) - tcp]);
  rows.push(["listen.serial", (await idle({ tcp: 0 }, {}, true)) - tcp]);
  rows.push(["printer", withPrinter - tcp]);
  rows.push(["listen.raw", (await idle({ tcp: 0, raw: { printer0: 0 } }, printer)) - withPrinter]);
  const board = await start({ tcp: 0, udp: 0 }, printer, true);
  try {
    for (const [kind, address] of Object.entries(board.links)) {
      const before = await rested(board);
      const host = await connect(address);
      const session = await rested(board);
      rows.push([`session.${kind}`, session - before]);
      if (kind === "tcp") {
        const sink = await host.open(":discard");
        rows.push(["socket", (await rested(board)) - session]);
        sink.end().resume();
        await once(sink, "close");
        const job = await host.open("printer0:job");
        job.resume().write("waits\n");
        rows.push(["job", (await rested(board)) - session]);
        job.end();
        await once(job, "close");
      }
      await host.close();
    }
  } finally {
    await board.stop();
  }
  return rows;
}

/** Variables in use once the board has nothing left to do. */
async function rested(board: Simulator): Promise<number> {
  await sleep(1000);
  return (await board.memory()).usage;
}
