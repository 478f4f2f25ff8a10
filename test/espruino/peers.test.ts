/** Two boards without a host: two real interpreters on loopback. */
import assert from "node:assert/strict";
import { createServer, connect } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { readFileSync } from "node:fs";
import { everyByte } from "../e2e/payloads.js";
import { withFirmware } from "../e2e/rig.js";
import { saidBy } from "../support/board-sockets.js";
import { espruino, judgedBy } from "../support/judges.js";
import { LiveBoard } from "../support/live-board.js";
import type { LiveOptions } from "../support/live-board.js";
import { pause, until } from "../support/wait.js";
import { freePort } from "./both.js";

const KEY = Buffer.alloc(32, 7);

/** Its memory is too scattered for a frame in one piece; it is made in several. */
const SHORT = /^ERROR: Not enough memory for result$/;

/** A cable that can be cut: what connects to its port comes to the other one. */
class Cable {
  private readonly open = new Set<Socket>();
  connections = 0;
  private readonly server = createServer((near) => {
    this.connections++;
    const far = connect(this.port, "127.0.0.1");
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.open.add(one);
      one.on("data", (data) => other.write(data));
      one.on("error", () => undefined);
      one.on("close", () => {
        this.open.delete(one);
        other.destroy();
      });
    }
  });

  constructor(private readonly port: number) {}

  /** @returns its address */
  async lay(): Promise<string> {
    this.server.listen(0, "127.0.0.1");
    await new Promise((resolve) => this.server.once("listening", resolve));
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  cut(): void {
    for (const socket of this.open) socket.destroy();
  }

  remove(): void {
    this.cut();
    this.server.close();
  }
}

const portOf = (address: string): number => Number(new URL(address).port);

function desk(address: string, options: LiveOptions = {}, key?: Uint8Array): Promise<LiveBoard> {
  const peers = { ward3: { address, ...(key ? { key: Buffer.from(key).toString("hex") } : { insecure: true }) } };
  return LiveBoard.start({
    runtime: "espruino",
    config: { peers },
    endpoint: { peer: "ward3" },
    expected: SHORT,
    ...options,
  });
}

judgedBy([espruino], "two real interpreters without a host", function () {
  this.timeout(180_000);
  withFirmware();

  for (const key of [undefined, KEY])
    it(`a job on one's port 9100 prints at the other, over cut connections${key ? ", with a key" : ""}`, async () => {
      const ward3 = await LiveBoard.start({ runtime: "espruino", expected: SHORT, ...(key && { key }) });
      const cable = new Cable(portOf(ward3.simulator.links.tcp!));
      const board = await desk(await cable.lay(), {}, key);
      try {
        const job = everyByte(60_000);
        const client = await board.dial();
        client.write(job);
        for (const printed of [5000, 20_000, 40_000]) {
          await ward3.untilPrinted(printed);
          cable.cut();
        }
        client.end();
        await ward3.untilPrinted(job.length);
        await ward3.assertPrinted(job);
        assert.ok(cable.connections > 3, `${cable.connections} connections`);
        const { peers, counters } = await board.info();
        assert.equal(peers?.[0]?.name, "ward3");
        assert.equal(counters["unrelayed"] ?? 0, 0);
      } finally {
        await board.stop();
        cable.remove();
        await ward3.stop();
      }
    });

  it("sessions that went on again and again leave no variable behind", async () => {
    const ward3 = await LiveBoard.start({ runtime: "espruino", expected: SHORT, key: KEY });
    const cable = new Cable(portOf(ward3.simulator.links.tcp!));
    const board = await desk(await cable.lay(), {}, KEY);
    /** Once the session has been left. */
    const usage = async (): Promise<number> => {
      for (;;) {
        const [peer] = (await board.info()).peers!;
        if (peer!.state === "idle") return board.idleUsage();
        await pause(500);
      }
    };
    try {
      await (await board.dial()).print(everyByte(2000));
      const before = await usage();
      const job = everyByte(64_000);
      const client = await board.dial();
      client.write(job);
      const from = ward3.printer.log.end;
      for (let cuts = 1; cuts <= 15; cuts++) {
        await ward3.untilPrinted(from + cuts * 4000);
        cable.cut();
      }
      client.end();
      await ward3.untilPrinted(from + job.length);
      const after = await usage();
      assert.ok(cable.connections > 14, `${cable.connections} connections`);
      assert.ok(Math.abs(after - before) < 30, `${before} variables before, ${after} after`);
    } finally {
      await board.stop();
      cable.remove();
      await ward3.stop();
    }
  });

  it("a program of one prints at the other; a wrong key and a board that is off are told", async () => {
    const ward3 = await LiveBoard.start({ runtime: "espruino", expected: SHORT, key: KEY });
    const { host } = new URL(ward3.simulator.links.tcp!);
    const peers = {
      ward3: { address: host, key: KEY.toString("hex") },
      wrong: { address: host, key: "08".repeat(32) },
      off: { address: `127.0.0.1:${await freePort()}`, insecure: true },
    };
    const program = `var sockets = require("sockets");
function to(address, next) {
  var s = sockets.socket(sockets.AF_DEVICE, sockets.SOCK_STREAM);
  sockets.connect(s, address, function (error) {
    print("@" + address + " " + (error ? error.code : "open"));
    if (error) return next();
    sockets.send(s, "from the other board\\n", 0, function () {
      sockets.close(s, next);
    });
  });
}
to("wrong#printer0", function () { to("ward3#printer0", function () { to("off#printer0", function () {}) }) });`;
    const files = { sockets: readFileSync("dist/firmware/linux.sockets.js", "latin1"), program };
    const board = await LiveBoard.start({
      runtime: "espruino",
      config: { peers },
      program: { files, start: 'setTimeout(function(){require("program")},500);' },
      expected: /Connect failed|^ERROR: Not enough memory for result$/,
    });
    try {
      const lines = ["@wrong#printer0 EACCES", "@ward3#printer0 open", "@off#printer0 ECONNREFUSED"];
      await until(
        () => lines.every((line) => saidBy(board).includes(line)),
        () => board.console.join("\n"),
        60_000,
      );
      await ward3.untilPrinted(21);
      await ward3.assertPrinted(Buffer.from("from the other board\n"));
    } finally {
      await board.stop();
      await ward3.stop();
    }
  });
});
