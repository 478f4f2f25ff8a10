import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect as dial } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { connect } from "../../../host/index.js";
import { assertMistakes, build, endAll, run, start } from "./run.js";
import type { Mistake, Running } from "./run.js";

interface Load {
  shares: Record<string, number>;
  queue: { size: number; most: number; dropped: number };
}

interface Ready {
  ready: boolean;
  links: { tcp?: string; udp?: string; serial?: string };
  endpoints: Record<string, { raw: string }>;
}

describe("devsock sim", function () {
  this.timeout(30_000);
  let dir: string;

  before(async () => {
    build();
    const root = fileURLToPath(new URL("../../..", import.meta.url));
    execFileSync(process.execPath, ["--import", "tsx", "scripts/build-firmware.ts", "--if-changed"], { cwd: root });
    dir = await mkdtemp(join(tmpdir(), "devsock-"));
  });

  after(() => rm(dir, { recursive: true }));

  afterEach(endAll);

  async function ready(args: string[]): Promise<Running & { ready: Ready }> {
    const sim = start(["sim", "--json", ...args]);
    await sim.until(() => sim.out().includes("\n"));
    assert.match(sim.out(), /^[^\n]+\n$/);
    return { ...sim, ready: JSON.parse(sim.out()) as Ready };
  }

  it("says where everything is in one line, prints over each link, and ends cleanly at SIGTERM", async () => {
    const log = join(dir, "got.bin");
    const sim = await ready(["--tcp", "0", "--udp", "0", "--serial", "--raw", "0", "--printer-log", log]);
    const { links, endpoints } = sim.ready;
    assert.match(
      JSON.stringify(sim.ready),
      /^{"ready":true,"links":{"tcp":"tcp:\/\/127\.0\.0\.1:\d+","udp":"udp:\/\/127\.0\.0\.1:\d+","serial":"serial:\/[^"]+"},"endpoints":{"printer0":{"raw":"tcp:\/\/127\.0\.0\.1:\d+"}}}$/,
    );
    for (const address of Object.values(links)) {
      const { code, out, err } = await run(["print", address, "-"], `over ${address}\n`);
      assert.deepEqual([code, err], [0, ""]);
      assert.match(out, /^printer0 took \d+ bytes/);
    }
    const { port } = new URL(endpoints.printer0!.raw.replace("tcp:", "http:"));
    await new Promise((resolve, reject) => {
      dial(Number(port), "127.0.0.1").on("error", reject).on("close", resolve).resume().end("over 9100\n");
    });
    let got = "";
    const reading = setInterval(() => void readFile(log, "latin1").then((text) => (got = text)), 20);
    await sim.until(() => got.includes("over 9100\n")).finally(() => clearInterval(reading));
    sim.child.kill("SIGTERM");
    assert.equal((await sim.ended).code, 0);
    assert.equal(sim.err(), "");
    for (const address of [...Object.values(links).map((link) => `over ${link}\n`), "over 9100\n"])
      assert.equal(got.split(address).length, 2, address);
    if (links.serial) assert.ok(!existsSync(links.serial.slice(7).replace(/\?.*/, "")));
    await assert.rejects(connect(links.tcp!), { code: "ECONNREFUSED" });
  });

  it("lets the board take its time at a board's speed, and says at the end what it went to and how full its queue was", async () => {
    const devices = ["--device", "printer0=escpos", "--device", "spo2=nonin"];
    const sim = await ready(["--speed", "pico-wiznet", ...devices, "--tcp", "0"]);
    const began = performance.now();
    const { code } = await run(["print", sim.ready.links.tcp!, "-"], "a line of 24 characters\n".repeat(200));
    const took = performance.now() - began;
    assert.equal(code, 0);
    sim.child.kill("SIGTERM");
    assert.equal((await sim.ended).code, 0);
    const { load } = JSON.parse(sim.out().split("\n")[1]!) as { load: Load };
    const busy = Object.values(load.shares).reduce((sum, share) => sum + share, 0);
    // 4,800 bytes are 0.42 s at 115200 Bd, and cost the board more.
    assert.ok(took > 600, `${took} ms`);
    assert.ok(busy > 0.2 && busy <= 1, JSON.stringify(load));
    assert.ok(load.queue.size === 1024 && load.queue.most > 8 && load.queue.dropped === 0, JSON.stringify(load));
  });

  it("reads a configuration, and ends cleanly at Ctrl-C", async () => {
    const file = join(dir, "devsock.json");
    const config = {
      board: "espruino-wifi",
      name: "frontdesk",
      links: { tcp: { port: 9180, insecure: true } },
      devices: { till: { driver: "escpos", uart: "Serial1", baud: 115200, flow: "xonxoff" } },
      buses: { spi0: { port: "SPI1", cs: ["A4", "A1"] } },
    };
    await writeFile(file, JSON.stringify(config));
    const sim = await ready(["--config", file, "--tcp", "0", "--bus", "spi0=w25q80"]);
    await using board = await connect(sim.ready.links.tcp!);
    assert.deepEqual([...(await board.bus("spi0").transfer({ write: Buffer.of(0x9f), read: 1 }))], [0xef]);
    const { code, out } = await run(["ls", sim.ready.links.tcp!]);
    assert.equal(code, 0);
    assert.match(out, /^frontdesk: espruino-wifi/);
    assert.match(out, /till +escpos/);
    sim.child.kill("SIGINT");
    assert.equal((await sim.ended).code, 0);
  });

  it("refuses what cannot be, and says why", async () => {
    const sim = await ready(["--tcp", "0"]);
    const port = sim.ready.links.tcp!.split(":").at(-1)!;
    const broken = join(dir, "broken.json");
    await writeFile(broken, '{ "board": "linux", "devices": { "printer0": { "driver": "fax" } } }');
    const small = join(dir, "small.json");
    await writeFile(small, '{ "board": "linux", "links": { "tcp": { "port": 9180, "insecure": true } } }');
    const cases: Mistake[] = [
      [["--config", small, "--serial"], 2, /EINVAL: --serial is given, but the configuration has no links.serial; add/],
      [
        ["--config", small, "--raw", "till=0"],
        2,
        /EINVAL: --raw is given, but the configuration has no endpoint for till/,
      ],
      [["--tcp", port], 1, /EADDRINUSE: port \d+ is in use by another program; .*choose another port, or 0 for any/],
      [["--raw", port], 1, /EADDRINUSE: port \d+ is in use by another program/],
      [["--tcp", port, "--raw", port], 2, /EINVAL: --raw printer0 and --tcp are both port \d+; choose another/],
      [["--tcp", "0", "--printer-log", dir], 1, /EISDIR: .* is a directory; name a file/],
      [["--tcp", "0", "--printer-log", join(dir, "no", "log")], 1, /ENOENT: .*log cannot be created, its directory/],
      [["--board", "arduino"], 2, /EINVAL: no board arduino: choose linux, /],
      [["--device", "printer0=fax"], 2, /EINVAL: no peripheral fax: choose escpos/],
      [["--device", "printer0=escpos,colour=yes"], 2, /EINVAL: escpos has no setting colour/],
      [["--device", "printer0"], 2, /Give NAME=KIND/],
      [["--bus", "i2c0=24c01"], 2, /EINVAL: no chip 24c01: choose 24c02, w25q80/],
      [["--bus", "i2c0=24c02,adress=3"], 2, /EINVAL: 24c02 has no setting adress/],
      [["--config", small, "--bus", "i2c0=24c02"], 2, /EINVAL: there is no bus i2c0/],
      [["--tcp", "70000"], 2, /Give a port from 0/],
      [
        ["--config", small, "--http", "0"],
        2,
        /EINVAL: --http is given, but the configuration has no endpoint for a device/,
      ],
      [["--http", "fax=0"], 2, /EINVAL: --http names fax, but the devices are printer0/],
      [["--tcp", port, "--http", port, "--device", "eye=vc0706"], 2, /--http eye and --tcp are both port \d+; choose/],
      [["--raw", "fax=0"], 2, /EINVAL: --raw names fax, but the devices are printer0/],
      [["--config", join(dir, "none")], 66, /ENOENT: there is no file/],
      [["--config", broken], 2, /EINVAL: the configuration is not right:\n.*devices\.printer0/],
      [["--board", "pico", "--tcp", "0"], 2, /EINVAL: pico has no network: ask for a serial link instead of ports/],
      [
        ["--speed", "linux"],
        2,
        /EINVAL: nobody has counted the speed of linux: choose espruino-wifi, pico-wiznet, pico/,
      ],
      [["--runtime", "other"], 2, /Allowed choices are simulated, espruino/],
    ];
    await assertMistakes(cases.map(([args, code, words]) => [["sim", ...args], code, words]));
    sim.child.kill("SIGTERM");
    await sim.ended;
  });
});
