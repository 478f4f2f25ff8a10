/** Memory that is exhausted on a board with devices: it goes down with what sensors hold, and need not keep as much. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { asLinux } from "../../bench/as-linux.js";
import { read } from "../../bench/driver-memory.js";
import { boards } from "../../boards/index.js";
import { connect } from "../../host/index.js";
import type { Board } from "../../host/index.js";
import { build } from "../../scripts/firmware/build.js";
import { startSimulator } from "../../simulator/index.js";
import { espruino32, judgedBy, pathOf } from "../support/judges.js";
import { pause } from "../support/wait.js";
import { HOGS } from "./hogs.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const BOARD = "pico-wiznet";
const BUILD = "lean";
const HOSTS = 2;

/** What they hold is all but the least of what would be kept, a part of it, or none. */
const DEVICES: Record<string, Record<string, string>> = {
  "a printer, an ECG and an oximeter": { printer0: "escpos", ecg0: "ad8232", spo2: "max30102" },
  "an oximeter": { spo2: "max30102" },
  "a printer": { printer0: "escpos" },
};

judgedBy([espruino32], "memory that is exhausted beside devices on the real interpreter", function () {
  this.timeout(120_000);
  let bundle: string;
  let directory: string;
  before(async () => {
    const spec = boards.find(({ id }) => id === BOARD)!;
    const lean = spec.builds.filter(({ name }) => name === BUILD);
    const [firmware] = await build(ROOT, [BOARD], "firmware/main.ts", "program", lean, true);
    const files = { "linux.js": firmware!.image, "linux.boot.js": firmware!.boot };
    bundle = await asLinux(join(ROOT, "dist/firmware"), BOARD, files);
    directory = await mkdtemp(join(tmpdir(), "devsock-hog-"));
  });
  after(() => Promise.all([bundle, directory].map((path) => rm(path, { recursive: true }))));

  for (const [what, devices] of Object.entries(DEVICES))
    for (const busy of [false, true])
      for (const [name, hog] of Object.entries(HOGS))
        it(`by a program ${name}, beside ${what}${busy ? " at work" : ""}: peers are told, and the reason is written down`, async () => {
          const signal = join(directory, "go");
          const waits =
            `setInterval(function(p,f){f=require("fs");try{p=f.readFileSync("${signal}")}catch(e){}` +
            `if(p){f.unlinkSync("${signal}");${hog}}},100);`;
          const simulator = await startSimulator({
            ...{ board: "linux", runtime: "espruino", espruino: pathOf(espruino32), bundleDir: bundle },
            ...{ ports: { tcp: 0 }, devices, program: { files: {}, start: waits } },
          });
          const reached = (): Promise<Board> => connect(simulator.links.tcp!);
          try {
            const hosts: Board[] = [];
            while (hosts.length < HOSTS) hosts.push(await reached());
            const told = hosts.map((host) => new Promise<string>((resolve) => heard(host, resolve)));
            const work = busy ? atWork(hosts, Object.keys(devices)) : [];
            await pause(busy ? 2500 : 500);
            await writeFile(signal, "now");
            const messages = await Promise.all(told);
            // Little by little the end may come while a frame is being made, and its connection is closed: that host finds out by itself.
            const most = messages.filter((message) => message.includes("the board starts anew"));
            assert.ok(most.length >= (busy ? HOSTS - 1 : HOSTS), messages.join("; "));
            await Promise.all([...work, ...hosts.map((host) => host.close())]);
            const { crash, uptime } = await again(reached);
            assert.match(crash?.why ?? "", /^(out of memory|uncaught exception)/);
            assert.ok(crash!.count === 1 && uptime < 30, JSON.stringify(crash));
          } finally {
            await simulator.stop();
          }
        });
});

function heard(host: Board, resolve: (message: string) => void): void {
  host.once("close", (error) => resolve(String(error)));
  host.once("lost", (error) => resolve(String(error)));
}

/** The first host reads all sensors, the second one prints. */
function atWork([first, second]: Board[], devices: string[]): Promise<unknown>[] {
  const { signal } = new AbortController();
  return devices.map((name) =>
    (name === "printer0"
      ? second!.printer(name).print(Buffer.alloc(65536, "all bytes weigh the same\n"))
      : read(first!, name, signal, false)
    ).catch(() => {}),
  );
}

/** What the board says of itself once it has started anew. */
async function again(reached: () => Promise<Board>, tries = 40): Promise<Awaited<ReturnType<Board["info"]>>> {
  const board = await reached().catch(() => undefined);
  const info = await board?.info().catch(() => undefined);
  await board?.close().catch(() => {});
  if (info?.crash) return info;
  assert.ok(tries > 0, `it did not come back with a reason: ${JSON.stringify(info)}`);
  await pause(250);
  return again(reached, tries - 1);
}
