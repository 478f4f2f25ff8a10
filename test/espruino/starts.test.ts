/** Builds without slots on the real interpreter: an exception that nobody catches and memory that is exhausted end in a reason, a word to the peers, and a new start. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { boards } from "../../boards/index.js";
import { connect } from "../../host/index.js";
import type { Board } from "../../host/index.js";
import { build } from "../../scripts/firmware/build.js";
import { startSimulator } from "../../simulator/index.js";
import type { Simulator } from "../../simulator/index.js";
import { espruino32, judgedBy, pathOf } from "../support/judges.js";
import { pause } from "../support/wait.js";
import { freePort } from "./both.js";
import { putFirmware } from "../support/other-firmware.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const KEY = "8f3c1d2e4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0";
const OUT = "out of memory";

/** What a program beside the firmware does, one thing a start, and why the board goes down. */
const FALLS: readonly (readonly [name: string, text: string, why: string])[] = [
  ["throws", "throw new Error('blown')", "uncaught exception: Error: blown"],
  ["keeps a little more in each turn", "hog=[];setInterval(function(){for(var i=0;i<20;i++)hog.push({n:i})},1)", OUT],
  ["keeps all it can get in one turn", "hog=[];for(;;)hog.push({n:hog.length})", OUT],
  ["wants more at once than there is", "for(var t='abcdefgh';;)t+=t", OUT],
];

/** Four at most: then links are alone. */
const TIGHT: typeof FALLS = [
  [
    "throws when there is next to no memory left",
    "hog=[];while(process.memory(false).free>25)hog.push(0);throw new Error('tight')",
    "uncaught exception: Error: tight",
  ],
];

/** What is tried: with so many hosts, each of which has a device. `mdbt42q` has no room for memory that is kept for the end. */
const BUILDS: readonly {
  id: string;
  name: string;
  key: string | undefined;
  hosts: number;
  devices: Record<string, string>;
  falls: typeof FALLS;
}[] = [
  { id: "pico-wiznet", name: "raw", key: KEY, hosts: 2, devices: { printer0: "escpos" }, falls: FALLS },
  { id: "pico-wiznet", name: "lean", key: KEY, hosts: 2, devices: { printer0: "escpos" }, falls: TIGHT },
  { id: "mdbt42q", name: "", key: undefined, hosts: 1, devices: { ecg0: "ad8232" }, falls: FALLS.slice(0, 1) },
];

/** The program: it does the next of them when somebody has come to its port. */
const program = (port: number, falls: typeof FALLS): string =>
  `require("net").createServer(function(c){var s=require("Storage"),n=+(s.read("n")||0);s.write("n",""+(n+1));c.end();` +
  `setTimeout(eval,500,${JSON.stringify(falls.map(([, text]) => text))}[n])}).listen(${port});`;

/** Why the session ended, of a host that has the board's device. */
async function ended(host: Board, device: string): Promise<string> {
  try {
    if (device === "ecg0") for await (const item of host.sensor(device).samples()) void item;
    const socket = await host.open(`${device}:status`);
    return (await once(socket.resume(), "error").then(([error]) => error as Error)).message;
  } catch (error) {
    return (error as Error).message;
  }
}

for (const { id, name, key, hosts: count, devices, falls } of BUILDS)
  judgedBy([espruino32], `starts of a build of ${id} without slots on the real interpreter`, function () {
    this.timeout(60_000);
    const directory = mkdtempSync(join(tmpdir(), "devsock-starts-"));
    let simulator: Simulator;
    let port: number;
    before(async () => {
      cpSync(join(root, "dist/firmware"), directory, { recursive: true });
      const { features } = boards.find((board) => board.id === id)!.builds.find((build) => build.name === name)!;
      const [firmware] = await build(root, [id], "firmware/main.ts", "program", [{ name: "", features }], true);
      putFirmware(directory, { "linux.js": firmware!.image, "linux.boot.js": firmware!.boot });
      port = await freePort();
      simulator = await startSimulator({
        ...{ board: "linux", runtime: "espruino", espruino: pathOf(espruino32), bundleDir: directory },
        ...{ ports: { tcp: 0 }, devices, ...(key !== undefined && { key }) },
        program: { files: {}, start: program(port, falls) },
      });
    });
    after(async () => {
      await simulator.stop();
      rmSync(directory, { recursive: true });
    });

    /** The board, which may just be starting. */
    async function reached(tries = 60): Promise<Board> {
      const board = await connect(simulator.links.tcp!, { key }).catch((error: unknown) => {
        if (tries === 0) throw error;
      });
      return board ?? pause(250).then(() => reached(tries - 1));
    }

    async function fall(): Promise<void> {
      const socket = net.connect(port, "127.0.0.1");
      socket.resume();
      await once(socket, "close");
    }

    for (const [i, [what, , why]] of falls.entries())
      it(`a program that ${what}: peers are told, and the reason stands in what the board says of itself`, async () => {
        const hosts: Board[] = [];
        while (hosts.length < count) hosts.push(await reached());
        const told = hosts.map((host) => ended(host, Object.keys(devices)[0]!));
        await pause(500);
        await fall();
        const messages = await Promise.all(told);
        // On a busy machine a connection may be gone before its host has read the last words of the board.
        const heard = messages.filter((message) => message.includes(`the board starts anew: ${why}`)).length;
        assert.ok(heard >= count - 1, messages.join("; "));
        await Promise.all(hosts.map((host) => host.close()));
        let info;
        do {
          const again = await reached();
          // It may be the old one, on its way down.
          info = await again.info().catch(() => undefined);
          await again.close();
          await pause(250);
        } while (!info || info.starts === i + 1);
        assert.deepEqual([info.starts, info.announced, info.crash?.why, info.crash?.count], [i + 2, true, why, i + 1]);
        if (why === OUT) assert.ok(info.crash!.counters["MEMORY"]! > 0);
      });
  });
