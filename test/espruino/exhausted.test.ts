/** A program that takes all of the board's memory: the board says why, starts anew, and remembers. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { BoardStorage, connect, flash, newKey, storageFile } from "../../host/index.js";
import type { Board } from "../../host/index.js";
import { espruino32, judgedBy, pathOf } from "../support/judges.js";
import { pause } from "../support/wait.js";
import { freePort } from "./both.js";
import { Desk } from "./desk.js";
import { HOGS } from "./hogs.js";

const FIRMWARE = fileURLToPath(new URL("../../dist/firmware/", import.meta.url));

/** A program beside the firmware: it evaluates this file, once, when it is there and its sender had his answer. */
const PROGRAM = "hog.txt";
const WAITS =
  `setInterval(function(s,p){if(p=(s=require("Storage")).read("${PROGRAM}")){` +
  `p=p+"";s.erase("${PROGRAM}");setTimeout(eval,500,p)}},200);`;

/** All that the board takes over TCP. */
const HOSTS = 3;

judgedBy([espruino32], "memory that is exhausted on the real interpreter", function () {
  this.timeout(120_000);
  let desk: Desk;
  let address: string;
  const key = newKey();
  before(async () => {
    desk = await Desk.open(pathOf(espruino32), WAITS);
    const config = { board: "linux", name: "desk", key, links: { tcp: { port: await freePort() } } };
    ({ address } = (await flash({ port: desk.port, config, firmware: FIRMWARE })) as { address: string });
  });
  after(() => desk.close());

  /** The board, which may just be starting. */
  async function reached(tries = 60): Promise<Board> {
    const board = await connect(address, { key }).catch((error: unknown) => {
      if (tries === 0) throw error;
    });
    return board ?? pause(250).then(() => reached(tries - 1));
  }

  let crashes = 0;
  for (const [name, hog] of Object.entries(HOGS))
    it(`by a program ${name}: peers are told, and the reason stands in what it says of itself`, async () => {
      const hosts: Board[] = [];
      while (hosts.length < HOSTS) hosts.push(await reached());
      const sockets = await Promise.all(hosts.map((host) => host.open(":discard")));
      const told = sockets.map((socket) => new Promise<Error>((resolve) => socket.once("error", resolve)));
      await new BoardStorage(hosts[0]!).put(storageFile(PROGRAM, Buffer.from(hog)), () => {});
      const messages = (await Promise.all(told)).map(({ message }) => message);
      for (const message of messages) assert.match(message, /^ECONNRESET/);
      // On a busy machine a connection may be gone before its host has read the last words of the board.
      const heard = messages.filter((message) => message.includes("out of memory")).length;
      assert.ok(heard >= HOSTS - 1, `${messages.join("; ")}; the board printed ${desk.printed.slice(-1500)}`);
      await Promise.all(hosts.map((host) => host.close()));
      const again = await reached();
      const { crash, uptime } = await again.info();
      assert.deepEqual([crash?.why, crash?.count], ["out of memory", ++crashes]);
      assert.ok(crash!.counters["MEMORY"]! > 0 && uptime < 30, JSON.stringify(crash));
      await again.close();
    });
});
