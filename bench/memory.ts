/**
 * `board.variables.*`: the interpreter's variables in a 32-bit build with 5000 of them, the firmware in Storage as on a board. The peer
 * is what was aimed at; for `after50`, the count after one job. `session`: the code of link, session, cryptography and
 * sockets, and of a running board what one encrypted session over TCP with one socket adds.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "../host/index.js";
import { build } from "../scripts/firmware/build.js";
import { measure } from "../scripts/firmware/measure.js";
import { tokenise } from "../scripts/firmware/tokenise.js";
import { startSimulator } from "../simulator/index.js";
import { figure } from "./figure.js";
import type { Figure } from "./figure.js";

const UNIT = "variables";
const AIM = { idle: 2000, print: 2800, session: 1200 };

/** A board's key. */
const KEY = "2f".repeat(32);

export async function memoryFigures(espruino: string, bundleDir: string): Promise<Figure[]> {
  const ports = { tcp: 0, udp: 0, raw: { printer0: 0 } };
  const devices = { printer0: "escpos" };
  const board = await startSimulator({
    board: "linux",
    runtime: "espruino",
    espruino,
    bundleDir,
    devices,
    ports,
    serial: true,
  });
  const used = async (): Promise<number> => (await board.memory()).usage;
  try {
    await sleep(1500);
    const idle = await used();
    const host = await connect(board.links.tcp!);
    const printer = host.printer("printer0");
    let most = 0;
    let printing = true;
    const watch = (async () => {
      while (printing) most = Math.max(most, await used());
    })();
    await printer.print(Buffer.alloc(65536, "all bytes weigh the same\n"));
    printing = false;
    await watch;
    await sleep(1000);
    const afterOne = await used();
    for (let i = 0; i < 49; i++) await printer.print(Buffer.from(`job ${i}\n`));
    await sleep(1000);
    const afterFifty = await used();
    await host.close();
    return [
      figure("board.variables.idle", idle, UNIT, AIM.idle),
      figure("board.variables.print", most, UNIT, AIM.print),
      figure("board.variables.after50", afterFifty, UNIT, afterOne),
    ];
  } finally {
    await board.stop();
  }
}

/** @param root the repository */
export async function sessionFigure(root: string, espruino: string, bundleDir: string): Promise<Figure> {
  const [layer] = await build(root, ["linux"], "bench/board/session-layer.ts");
  // With what is loaded when it is called: a session with a key calls it.
  const code = await measure(espruino, tokenise(layer!.code));
  const board = await startSimulator({
    ...{ board: "linux", runtime: "espruino", espruino, bundleDir, key: KEY },
    ports: { tcp: 0 },
    devices: {},
    serial: false,
  });
  const rested = async (): Promise<number> => {
    await sleep(1500);
    return (await board.memory()).usage;
  };
  try {
    const before = await rested();
    const host = await connect(board.links.tcp!, { key: Buffer.from(KEY, "hex") });
    const socket = await host.open(":discard");
    socket.write("open");
    const live = (await rested()) - before;
    await host.close();
    return figure("board.variables.session", code + live, UNIT, AIM.session);
  } finally {
    await board.stop();
  }
}
