import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { BoardStorage, connect, flash, newKey, parseKey, storageFile, update } from "../../host/index.js";
import type { BoardOptions, Config, DevsockError, FlashOptions, FlashReport } from "../../host/index.js";
import { textsOf } from "../../host/config/secrets.js";
import { realClock } from "../../simulator/clock.js";
import { EscposPrinter } from "../../simulator/peripheral/escpos/index.js";
import { boardOnPty, openPty } from "../../simulator/pty.js";
import { UartWire } from "../../simulator/wire.js";
import { sampleReceipt } from "../../examples/receipts/receipt.js";
import { freePort } from "./both.js";
import { espruino, judgedBy, pathOf } from "../support/judges.js";
import { otherFirmware } from "../support/other-firmware.js";
import { assertPrinted } from "../support/printed.js";
import { pause } from "../support/wait.js";
import { Desk } from "./desk.js";

const FIRMWARE = fileURLToPath(new URL("../../dist/firmware/", import.meta.url));
const BAUD = 115_200;

judgedBy([espruino], "flashing the real interpreter by its console", function () {
  this.timeout(240_000);
  let desk: Desk;
  let port: number;
  const directories: string[] = [];
  beforeEach(async () => {
    desk = await Desk.open(pathOf(espruino));
    port = await freePort();
  });
  afterEach(async () => {
    await desk.close();
    for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
  });

  const configOf = (name: string): object => ({ board: "linux", name, links: { tcp: { port, insecure: true } } });
  const put = (config: object, more: Partial<FlashOptions> = {}): Promise<FlashReport> =>
    flash({ port: desk.port, config, firmware: FIRMWARE, ...more });
  /** The board's, which may just be starting. */
  const nameNow = async (options: BoardOptions = {}, at = port, tries = 40): Promise<string> => {
    const board = await connect(`tcp://127.0.0.1:${at}`, options).catch((error: unknown) => {
      if (tries === 0) throw error;
    });
    if (!board) return pause(500).then(() => nameNow(options, at, tries - 1));
    try {
      return (await board.info()).name;
    } finally {
      await board.close();
    }
  };

  function changed(change: (text: string) => string): string {
    const directory = otherFirmware(change);
    directories.push(directory);
    return directory;
  }

  it("from an empty Storage to a printed receipt, by one call", async function () {
    const pty = await openPty();
    const printer = new EscposPrinter({ flow: "xonxoff", baud: BAUD });
    const wire = new UartWire(BAUD, realClock);
    printer.connect(wire.peripheral, realClock);
    const stop = boardOnPty(wire, pty, realClock);
    try {
      const device = { driver: "escpos", uart: "Serial2", flow: "xonxoff", baud: BAUD, path: pty.path };
      const steps: string[] = [];
      const begin = Date.now();
      const report = await put(
        { ...configOf("desk"), devices: { printer0: device } },
        { onStep: (step) => steps.push(step) },
      );
      assert.deepEqual(report.slots, { firmware: 0, config: 0 });
      assert.deepEqual(
        report.info!.devices.map(({ name, driver }) => [name, driver]),
        [["printer0", "escpos"]],
      );
      const board = await connect(report.address!);
      const receipt = sampleReceipt();
      await board.printer("printer0").print(receipt, { job: null });
      await board.close();
      assertPrinted(printer.log.bytes, [receipt]);
      this.test!.title += ` (${report.written} bytes, ${Date.now() - begin} ms)`;
    } finally {
      stop();
      pty.close();
    }
  });

  it("puts a configuration into the other slot, leaves the firmware that is there, and an equal one too", async () => {
    await put(configOf("one"));
    const second = await put(configOf("two"));
    assert.deepEqual(second.slots, { firmware: 0, config: 1 });
    assert.equal(second.info!.name, "two");
    assert.ok(second.written < 200, `${second.written}`);
    const dry = await put(configOf("three"), { dryRun: true });
    assert.equal(dry.written, 0);
    assert.equal(await nameNow(), "two");
  });

  it("puts another firmware into the other slot; one that says nothing is given up at the next start", async () => {
    await put(configOf("one"));
    const other = await put(configOf("two"), { firmware: changed((text) => text + " ") });
    assert.deepEqual(other.slots, { firmware: 1, config: 1 });
    // The whole way, but for who waits for it.
    const dead = changed(() => "var dead=1;");
    await assert.rejects(
      put(configOf("three"), { firmware: dead, signal: AbortSignal.timeout(30_000) }),
      (error: DevsockError) => error.code === "ECANCELED",
    );
    await desk.powerOff();
    desk.powerOn();
    assert.equal(await nameNow(), "two");
  });

  it("over the link a new firmware and configuration start and stay, and one that is dead is not kept", async () => {
    const key = newKey();
    const keyed = (name: string): object => ({ board: "linux", name, key, links: { tcp: { port } } });
    const { address } = await put(keyed("one"));
    const options = { key: parseKey(key) };
    const other = changed((text) => text + " ");
    const report = await update(address!, { ...options, firmware: other, config: keyed("two") });
    assert.deepEqual(report.slots, { firmware: 1, config: 1 });
    const same = await update(address!, { ...options, firmware: other });
    assert.equal(same.written, 0);
    await assert.rejects(
      update(address!, { firmware: other, key: parseKey(newKey()) }),
      (error: DevsockError) => error.code === "EACCES",
    );
    // One that another address is found at.
    const elsewhere = await freePort();
    const moved = await update(address!, {
      ...{ ...options, firmware: other },
      config: { ...keyed("three"), links: { tcp: { port: elsewhere } } },
    });
    assert.equal(moved.address, `tcp://127.0.0.1:${elsewhere}`);
    const dead = changed(() => "var dead=1;");
    await assert.rejects(update(moved.address, { ...options, firmware: dead, signal: AbortSignal.timeout(15_000) }));
    await desk.powerOff();
    desk.powerOn();
    assert.equal(await nameNow(options, elsewhere), "three");
    assert.ok(!desk.printed.includes(key), "the key at the console");
  });

  it("over the link a configuration is written anew whose secrets a power cut has left out", async () => {
    const key = newKey();
    const keyed = (name: string): object => ({ board: "linux", name, key, links: { tcp: { port } } });
    const { address } = await put(keyed("one"));
    const options = { key: parseKey(key) };
    const board = await connect(address!, options);
    const { open } = textsOf(keyed("two") as Config);
    await new BoardStorage(board).put(storageFile("devsock.b.json", Buffer.from(open)), () => {});
    await board.close();
    const { slots } = await update(address!, { ...options, firmware: FIRMWARE, config: keyed("two") });
    assert.deepEqual(slots, { firmware: 0, config: 1 });
    assert.equal(await nameNow(options), "two");
  });
});
