import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ConfigError, DevsockError, flash, newKey } from "../../host/index.js";
import type { FlashOptions, FlashReport } from "../../host/index.js";
import { consolePassword } from "../../host/key.js";
import { bootState, logEntry, Mark } from "../../protocols/service/boot-log.js";
import { copyFirmware } from "../support/other-firmware.js";
import { FakeConsole } from "./fake-console.js";

const FIRMWARE = fileURLToPath(new URL("../../dist/firmware/", import.meta.url));
const CONFIG = { board: "linux", name: "desk", links: { tcp: { port: 9, insecure: true } } };

describe("flashing what is not as it should be", function () {
  this.timeout(30_000);
  let board: FakeConsole;
  beforeEach(async () => (board = await FakeConsole.open()));
  afterEach(() => board.close());

  const put = (options: Partial<FlashOptions> = {}): Promise<FlashReport> =>
    flash({ port: board.port, config: CONFIG, firmware: FIRMWARE, ...options });

  async function refused(options: Partial<FlashOptions>, code: string, words: RegExp): Promise<void> {
    const error = await put(options).then(
      () => assert.fail("it was flashed"),
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof DevsockError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, words);
  }

  /** All but the hello, for which nobody is there. */
  async function written(options: Partial<FlashOptions> = {}): Promise<void> {
    const done = new AbortController();
    await assert.rejects(
      put({ ...options, signal: done.signal, onStep: (step) => step.startsWith("waiting") && done.abort() }),
      (error: DevsockError) => error.code === "ECANCELED",
    );
  }

  it("a port that is not there, is no serial port, or may not be opened", async () => {
    const directory = mkdtempSync(join(tmpdir(), "devsock-"));
    const file = join(directory, "file");
    writeFileSync(file, "");
    chmodSync(file, 0o600);
    try {
      await refused({ port: join(directory, "none") }, "ENOENT", /there is no serial port .*plug the board in/);
      await refused({ port: file }, "ENOTTY", /is no serial port/);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it("nobody answers, or somebody who is no Espruino", async () => {
    board.fault = "silent";
    await refused({}, "ENODEV", /no Espruino answers .*check the port/);
    board.fault = "garbage";
    await refused({}, "ENODEV", /is no Espruino's console; is it the right port/);
  });

  it("two flashers at once: the second is told, the first goes on", async () => {
    board.delay = 2;
    const first = written();
    await board.untilAsked("getStats");
    await refused({}, "EBUSY", /another program has .* open/);
    await first;
  });

  for (const [version, words] of [
    ["1v99", /none that devsock knows/],
    ["2v20", /answers no packets/],
    ["2v28", /may crash when it moves/],
  ] as const)
    it(`an interpreter of ${version}, and nothing is written`, async () => {
      board.version = version;
      await refused({}, "ENOTSUP", words);
      assert.equal(board.files.size, 0);
    });

  it("another board, a configuration for another board, and one that is wrong", async () => {
    board.board = "ESPRUINOWIFI";
    await refused({}, "ENODEV", /is for linux, .* one of ESPRUINOWIFI; set "board" to espruino-wifi/);
    board.board = "BANGLEJS2";
    await refused({}, "ENODEV", /knows that board|does not know that board/);
    await assert.rejects(put({ board: "pico" }), ConfigError);
    await assert.rejects(put({ config: { board: "linux", links: { tcp: {} } } }), ConfigError);
    assert.equal(board.files.size, 0);
  });

  it("a full Storage: what runs stays, and it says how much is missing", async () => {
    board.files.set("photos", Buffer.alloc(230_000));
    await refused({}, "ENOSPC", /takes \d+ B of Storage, and \d+ more than there are/);
    assert.deepEqual([...board.files.keys()], ["photos"]);
  });

  for (const [name, spoil, words] of [
    [
      "cut short",
      (data: Buffer) => data.subarray(0, 30_000),
      /linux\.js has 30000 B, and was built with \d+; build it again/,
    ],
    ["damaged", (data: Buffer) => data.fill(0, 100, 101), /linux\.js has other bytes than were built; build it again/],
    ["of a build that was broken off", undefined, /linux\.manifest\.json is not as its build wrote it/],
  ] as const)
    it(`a firmware that is ${name}: the board is not even asked`, async () => {
      const directory = copyFirmware();
      try {
        const file = join(directory, spoil ? "linux.js" : "linux.manifest.json");
        writeFileSync(file, spoil ? spoil(readFileSync(file)) : "");
        board.fault = "silent";
        await refused({ firmware: directory }, "EIO", words);
      } finally {
        rmSync(directory, { recursive: true });
      }
    });

  it("a byte that is damaged on the way: the file is written again; each time: EIO, and nothing is started", async () => {
    board.damage = 1;
    await written();
    const [good] = [board.files.get("devsock")!];
    board.files.clear();
    await written();
    assert.ok(board.files.get("devsock")!.equals(good));
    board.files.clear();
    board.damage = Infinity;
    await refused({}, "EIO", /devsock .* is damaged in Storage/);
    assert.ok(!board.files.has("boot.0") && !board.files.has(".bootcde"));
  });

  it("an answer that is damaged: EIO", async () => {
    board.garbled = /getStats/;
    await refused({}, "EIO", /what the interpreter at .* answers is damaged; is the cable too long/);
  });

  it("an answer that a new start of the board swallows is not waited for: its banner is enough", async () => {
    board.swallowed = /reset\(\)|load\(\)/;
    const begun = performance.now();
    await written();
    assert.ok(board.files.has("boot.0"));
    // For each of both the interpreter's patience is 15 s.
    assert.ok(performance.now() - begun < 10_000);
  });

  it("a watchdog that went on counting when what runs was stopped is kicked before anything is written", async () => {
    await written();
    assert.equal(board.kicked, true);
  });

  it("a cable that is pulled in the middle: nothing is started", async () => {
    board.unplugAfter = 20;
    await refused({}, "ETIMEDOUT", /does not answer any more; is the cable/);
    assert.ok(!board.files.has("boot.0"));
  });

  it("a board that cannot be reached from here: it stays when it runs, and EIO says that it went back", async () => {
    const started = (step: string): void => {
      if (step.startsWith("waiting")) board.note(Mark.started);
    };
    const report = await put({ patience: 10, onStep: started });
    assert.equal(report.address, undefined);
    const log = (): Buffer => board.files.get("boot.0")!;
    assert.deepEqual([...log().subarray(0, 2)], [...logEntry(Mark.staged, 0)]);
    assert.equal(bootState(log())!.good, 0);
    const back = put({
      ...{ config: { ...CONFIG, name: "other" }, patience: 10 },
      onStep: (step) => {
        if (step.startsWith("waiting")) board.note(Mark.back, 0);
      },
    });
    await assert.rejects(back, /^DevsockError: EIO: the board went back/);
  });

  it("says what answers on the buses of the configuration, where nothing does, and where a line is held down", async () => {
    board.board = "ESP32";
    Object.assign(board.i2c, { I2C1: [0x57, 0x5a], I2C2: "held" });
    board.oneWire["D4"] = ["28ff641e0f6a0312"];
    const config = {
      ...{
        board: "esp32",
        network: { ssid: "lab", password: "of the lab" },
        links: { tcp: { port: 9180, insecure: true } },
      },
      buses: {
        i2c0: { port: "I2C1", pins: { scl: "D22", sda: "D21" } },
        i2c1: { port: "I2C2", pins: { scl: "D16", sda: "D17" } },
        spi0: { port: "SPI2", cs: ["D5"] },
      },
      devices: {
        ir0: { driver: "mlx90614", bus: "i2c0" },
        temp0: { driver: "ds18b20", pins: { data: "D4" } },
        temp1: { driver: "ds18b20", pins: { data: "D13" } },
      },
    };
    const onStep = (step: string): void => {
      if (step === "starting it") setTimeout(() => board.note(Mark.started), 5);
    };
    const nothing = "nothing answers; check its wires and its power";
    const { buses } = await put({ config, patience: 10, onStep });
    const held =
      /^i2c1: I2C2 \(SCL D16, SDA D17\) is held low\. Both wires need a pull-up to 3\.3 V.* supply is taken away/;
    assert.match(buses.splice(1, 1)[0]!, held);
    assert.deepEqual(buses, ["i2c0: 0x57, 0x5a", "temp0: 28ff641e0f6a0312", `temp1: ${nothing}`]);
    // As an ESP32 says it, and an STM32; one whose pins are the usual ones.
    for (const words of ["jshI2CRead:, Operation timeout because the bus is busy", "I2C device not responding"]) {
      board.heldWords = words;
      board.reads = 0;
      const again = await put({
        config: { ...config, buses: { i2c0: { port: "I2C1" }, i2c1: config.buses.i2c1 } },
        patience: 10,
        onStep,
      });
      assert.match(again.buses[1]!, held);
    }
  });

  it("asks a bus for its chips first, and not for so long as the interpreter is waited for", async () => {
    board.board = "ESP32";
    board.i2c["I2C1"] = [0x5a, 0x10];
    // Of an STM32 some 60 s for all of them.
    board.silence = 0.5;
    const config = {
      ...{ board: "esp32", network: { ssid: "lab" }, links: { tcp: { port: 9180, insecure: true } } },
      buses: { i2c0: { port: "I2C1", pins: { scl: "D22", sda: "D21" } } },
      devices: { ir0: { driver: "mlx90614", bus: "i2c0" } },
    };
    const onStep = (step: string): void => {
      if (step === "starting it") setTimeout(() => board.note(Mark.started), 5);
    };
    const { buses } = await put({ config, patience: 10, onStep });
    assert.deepEqual(buses, [
      "i2c0: 0x10, 0x5a; 98 addresses more were not asked, as this board waits long where nobody answers",
    ]);
  });

  it("a locked console: with the board's key it opens, and is locked again; without, it says what to do [SVC-51]", async () => {
    const [key, other] = [newKey(), newKey()];
    board.password = consolePassword(key);
    board.locked = true;
    const keyed = { ...CONFIG, key, links: { tcp: { port: 9 } } };
    const before = (): boolean => board.locked && board.files.size === 0;
    await refused({ dryRun: true }, "EACCES", /is locked: it is open to the board's key; give --key-file FILE/);
    await refused({ dryRun: true, config: { ...keyed, key: other } }, "EACCES", /open to another key than this/);
    assert.ok(before());
    await put({ dryRun: true, config: keyed });
    assert.ok(before());
    // A new key, and the old one to open it; a configuration without a key gets the board's.
    await put({ dryRun: true, config: { ...keyed, key: other }, key });
    await put({ dryRun: true, config: { ...CONFIG, links: { tcp: { port: 9 } } }, key });
    assert.ok(before());
    await written({ config: keyed });
    assert.match(board.files.get("devsock.key")!.toString(), new RegExp(key));
    assert.ok(![...board.files].some(([name, data]) => name !== "devsock.key" && data.includes(key)));
  });

  it("says that secrets get a file of their own, where they have none yet", async () => {
    const steps: string[] = [];
    board.files.set("devsock.json", Buffer.from(JSON.stringify(CONFIG)));
    await put({ dryRun: true, onStep: (step) => steps.push(step) });
    assert.match(steps.join("\n"), /has its secrets in it; they get a file of their own/);
  });

  it("says that a firmware has no watchdog, and what would have to go for one", async () => {
    board.board = "PICO_R1_3";
    const steps: string[] = [];
    const config = {
      ...{ board: "pico-wiznet", key: newKey(), links: { tcp: { port: 9180 } } },
      devices: { printer0: { driver: "escpos", uart: "Serial1", baud: 115_200 } },
      endpoints: [{ service: "raw", device: "printer0", port: 9100 }],
    };
    const told = async (more: object): Promise<string> => {
      steps.length = 0;
      await put({ config: { ...config, ...more }, dryRun: true, onStep: (step) => steps.push(step) });
      return steps.join("\n");
    };
    assert.match(
      await told({ buses: { i2c0: { port: "I2C1", pins: { scl: "B8", sda: "B9" } } } }),
      /no watchdog, .*there is one without .*buses\.i2c0/,
    );
    assert.doesNotMatch(await told({}), /watchdog/);
  });

  it("says that a network has no password, where none was given", async () => {
    board.board = "ESP32";
    const config = { board: "esp32", network: { ssid: "lab" }, links: { tcp: { port: 9180, insecure: true } } };
    const told = async (more: Partial<FlashOptions>): Promise<string> => {
      const steps: string[] = [];
      await put({ config, dryRun: true, onStep: (step) => steps.push(step), ...more });
      return steps.join("\n");
    };
    assert.match(await told({}), /it joins lab without a password; if that has one, give it with --wifi-password-file/);
    assert.doesNotMatch(await told({ wifiPassword: "of the lab" }), /password/);
  });

  it("--dry-run says what would be done, and writes nothing", async () => {
    const steps: string[] = [];
    await put({ dryRun: true, onStep: (step) => steps.push(step) });
    assert.match(
      steps.join("\n"),
      /Espruino on Linux with Espruino 2v29\nfirmware linux: 3 of 3 files, \d+ bytes to write/,
    );
    assert.equal(board.files.size, 0);
  });
});
