/** A board that crashes at each of its starts: it goes back to what was good before, and then keeps its links alone. docs/decisions/0013-slots.md. */
import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { connect, flash, newKey } from "../../host/index.js";
import type { BoardInfo } from "../../host/index.js";
import { bootState, LOG_BYTES, logEntry, LOGS, Mark } from "../../protocols/service/boot-log.js";
import { espruino, judgedBy, pathOf } from "../support/judges.js";
import { pause, until } from "../support/wait.js";
import { freePort } from "./both.js";
import { Desk } from "./desk.js";

const FIRMWARE = fileURLToPath(new URL("../../dist/firmware/", import.meta.url));
/** Starts that come to nothing, until it gives up what they were of. */
const STARTS = 4;
/** Bytes of a file's name in Storage, before what it has. */
const NAME = 28;
/** While the PC has this file, something that links can do without throws a little after each start. */
const FAULT = "fault";
const PROGRAM =
  `setTimeout(function(f){try{f=require("fs").readFileSync("${FAULT}")}catch(e){}` +
  `if(f&&$_b.m!=${Mark.safe})throw new Error("blown")},700);`;

judgedBy([espruino], "a crash loop of the real interpreter", function () {
  this.timeout(300_000);
  const key = newKey();
  let desk: Desk;
  let port: number;
  beforeEach(async () => {
    desk = await Desk.open(pathOf(espruino), PROGRAM);
    port = await freePort();
  });
  afterEach(() => desk.close());

  const put = async (name: string): Promise<void> => {
    const printer0 = { driver: "escpos", uart: "Serial2", baud: 115_200, path: "/dev/null" };
    const config = { board: "linux", name, key, links: { tcp: { port } }, devices: { printer0 } };
    await flash({ port: desk.port, config, key, firmware: FIRMWARE });
  };

  /** What the board says of itself, which may just be starting. */
  async function info(tries = 60): Promise<BoardInfo> {
    const board = await connect(`tcp://127.0.0.1:${port}`, { key }).catch((error: unknown) => {
      if (tries === 0) throw error;
    });
    if (!board) return pause(250).then(() => info(tries - 1));
    try {
      return await board.info();
    } finally {
      await board.close();
    }
  }

  /** Whether its log says so last: nobody asks the board, as a hello would prove a start. */
  function lastStarted(mark: Mark, slots: number): boolean {
    const storage = readFileSync(join(desk.directory, "espruino.flash"));
    const log = storage.subarray(storage.lastIndexOf(`${LOGS[0]}\0`) + NAME).subarray(0, LOG_BYTES);
    const { end } = bootState(log)!;
    return log.subarray(end - 2, end).equals(logEntry(mark, slots));
  }

  it("falls back to the last good configuration, then to links alone, which say hello; mended, it is as it was", async () => {
    await put("one");
    await put("two");
    const good = await info();
    assert.deepEqual([good.name, good.devices.length], ["two", 1]);
    await desk.powerOff();
    writeFileSync(join(desk.directory, FAULT), "1");
    desk.powerOn();
    await until(
      () => lastStarted(Mark.safe, 0),
      () => "it does not start with links alone",
      60_000,
    );
    const safe = await info();
    assert.deepEqual([safe.start, safe.name, safe.devices], [Mark.safe, "one", []]);
    assert.deepEqual([safe.crash?.why, safe.crash?.count], ["uncaught exception: Error: blown", 2 * STARTS]);
    rmSync(join(desk.directory, FAULT));
    await desk.powerOff();
    desk.powerOn();
    const mended = await info();
    assert.deepEqual([mended.name, mended.devices.length, mended.crash?.count], ["one", 1, 2 * STARTS]);
  });
});
