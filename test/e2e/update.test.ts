import assert from "node:assert/strict";
import { BoardStorage, storageFile } from "../../host/index.js";
import type { Board, Config, SocketStream } from "../../host/index.js";
import { filesOf } from "../../host/flash/plan.js";
import { textsOf } from "../../host/config/secrets.js";
import { bootState, LOG_BYTES, logEntry, LOGS, Mark, WHOLE } from "../../protocols/service/boot-log.js";
import { Ad8232 } from "../../simulator/peripheral/sensor/ad8232.js";
import { Rig, withFirmware } from "./rig.js";
import type { RigOptions } from "./rig.js";

const KEY = Buffer.alloc(32, 7);

/** @param before entries of its log, before the one of what runs */
async function slotted(
  options: RigOptions = {},
  ...before: Uint8Array[]
): Promise<{ rig: Rig; host: Board; storage: BoardStorage }> {
  const rig = new Rig({ key: KEY, ...options });
  await rig.run(1000);
  rig.board.storage.write(LOGS[0]!, Buffer.concat([...before, logEntry(Mark.good, 0)]), 0, LOG_BYTES);
  rig.board.storage.write(LOGS[0]!, Buffer.from([0, 0]), WHOLE);
  // The interpreter's time may be ahead of the clock's: what is written then goes with the power.
  await rig.run(10);
  rig.board.powerCycle();
  // It joins its network.
  await rig.run(5000);
  const host = await rig.connect("tcp");
  return { rig, host, storage: new BoardStorage(host) };
}

describe("end to end: a board's Storage over its link", function () {
  this.timeout(30_000);
  withFirmware();

  it("is listed, written, read and erased; what is written is whole or not there", async () => {
    const { rig, storage } = await slotted();
    const data = Buffer.from(Array.from({ length: 20_000 }, (_, i) => (i * 7) & 255));
    await rig.during(storage.put(storageFile("logo.bin", data), () => {}));
    assert.ok((await rig.during(storage.get("logo.bin"))).equals(data));
    assert.equal((await rig.during(storage.sum("logo.bin"))).crc, storageFile("", data).crc);
    const { files, slots } = await rig.during(storage.list());
    assert.deepEqual([files.find(([name]) => name === "logo.bin"), slots], [["logo.bin", 20_000], 0]);
    const damaged = { ...storageFile("other.bin", data), crc: 1 };
    await rig.rejected(
      storage.put(damaged, () => {}),
      "EIO",
      /not whole/,
    );
    assert.equal(rig.board.storage.read("other.bin"), undefined);
    await rig.during(storage.remove("logo.bin"));
    await rig.rejected(storage.get("logo.bin"), "ENOENT", /no file logo.bin/);
  });

  it("gives no secrets away, and nobody writes over what runs", async () => {
    const { rig, storage } = await slotted();
    // As it lay there before secrets had a file of their own.
    await rig.rejected(storage.get("devsock.json"), "EACCES", /secrets/);
    for (const name of ["devsock", "devsock.json", "devsock.key", ".bootcde", "boot.0", "max30102"])
      await rig.rejected(
        storage.put(storageFile(name, Buffer.from("x")), () => {}),
        "EACCES",
        /of what runs/,
      );
    const big = storageFile("big.bin", Buffer.alloc(300_000));
    await rig.rejected(
      storage.put(big, () => {}),
      "ENOSPC",
      /300000 B of Storage/,
    );
  });

  it("gives a configuration, which has no secrets, and of those nothing [SVC-48]", async () => {
    const { rig, host } = await slotted();
    const config = JSON.parse(Buffer.from(rig.board.storage.read("devsock.json")!).toString()) as Config;
    const { open, secret } = textsOf({ ...config, network: { ssid: "lab", password: "of the lab" } });
    rig.board.storage.write("devsock.json", Buffer.from(open));
    rig.board.storage.write("devsock.key", Buffer.from(secret));
    await rig.during(host.close());
    // What was written last is not sure to be there when the power goes.
    await rig.run(1000);
    rig.board.powerCycle();
    await rig.run(100);
    // The board has its key, or it would not let this host in.
    const again = new BoardStorage(await rig.connect("tcp"));
    const told = (await rig.during(again.get("devsock.json"))).toString();
    assert.equal(told, open);
    for (const text of [KEY.toString("hex"), "of the lab"]) assert.ok(!told.includes(text) && secret.includes(text));
    await rig.rejected(again.get("devsock.key"), "EACCES", /devsock\.key has the board's secrets/);
    await rig.rejected(again.sum("devsock.key"), "EACCES", /secrets/);
    await rig.rejected(
      again.put(storageFile("devsock.key", Buffer.from("{}")), () => {}),
      "EACCES",
      /of what runs/,
    );
  });

  it("is changed by one at a time; what is under way when somebody gives up is not there", async () => {
    const { rig, host, storage } = await slotted();
    const data = storageFile("logo.bin", Buffer.alloc(20_000, 7));
    const enough = new AbortController();
    const first = storage.put(data, () => {}, enough.signal);
    const other = new BoardStorage(await rig.connect("tcp"));
    for (const change of [
      () => other.put(storageFile("devsock.b", Buffer.from("x")), () => {}),
      () => other.sum("devsock"),
      () => other.remove("logo.bin"),
      () => other.start(1),
    ])
      await rig.rejected(change(), "EBUSY", /somebody else changes this board's Storage/);
    assert.equal((await rig.during(other.list())).slots, 0);
    setTimeout(() => enough.abort(), 0);
    await rig.rejected(first, "ECANCELED", /logo\.bin was not written/);
    await rig.run(1000);
    assert.equal(rig.board.storage.read("logo.bin"), undefined);
    await rig.during(host.close());
    await rig.during(other.put(data, () => {}));
    assert.equal((await rig.during(other.sum("logo.bin"))).crc, data.crc);
  });

  it("where Storage is full of erased files it is compacted once, and without the memory for that says what to do", async () => {
    for (const memory of [true, false]) {
      const { rig, host, storage } = await slotted();
      if (!memory) rig.board.runtime.run('require("Storage").compact=function(){}');
      const file = storageFile("logo.bin", Buffer.alloc(70_000, 7));
      for (let i = 0; i < 2; i++) {
        await rig.during(storage.put(file, () => {}));
        await rig.during(storage.remove("logo.bin"));
      }
      const ask = (): Promise<SocketStream> => host.open(`:storage/put/logo.bin/70000/${file.crc}`);
      await rig.rejected(ask(), "EAGAIN", /being compacted; ask again/);
      await rig.run(1000);
      if (memory) (await rig.during(ask())).destroy();
      else await rig.rejected(ask(), "ENOMEM", /compact its Storage for logo.bin; put it there by its cable/);
      assert.equal(rig.board.storage.compactions, memory ? 1 : 0);
    }
  });

  it("takes files that are of no slot, and may go back as before; once the other slot is written there is nothing to go back to", async () => {
    const { rig, storage } = await slotted({}, logEntry(Mark.good, 2));
    const before = (): number => bootState(rig.board.storage.read(LOGS[0]!))!.before;
    await rig.during(storage.put(storageFile("logo.bin", Buffer.from("logo")), () => {}));
    await rig.during(storage.remove("logo.bin"));
    assert.equal(before(), 2);
    await rig.during(storage.put(storageFile("devsock.b.json", Buffer.from("{}")), () => {}));
    assert.equal(before(), -1);
  });

  it("is closed to a network without a key, and open to the board's cable", async () => {
    const { rig, storage } = await slotted({ key: undefined });
    await rig.rejected(storage.list(), "EACCES", /no key/);
    const cable = new BoardStorage(await rig.connect("serial"));
    assert.ok((await rig.during(cable.list())).files.length > 2);
  });

  it("a firmware in the other slot is started and kept, one that is dead is given up", async () => {
    for (const dead of [false, true]) {
      const { rig, host, storage } = await slotted();
      const firmware = dead ? Buffer.from("var dead=1;") : Buffer.from(rig.board.storage.read("devsock")!);
      await rig.during(storage.put(storageFile("devsock.b", firmware), () => {}));
      await rig.during(storage.start(1));
      await rig.during(host.close());
      await rig.run(dead ? 200_000 : 20_000);
      const later = await rig.connect("tcp");
      const { start, announced, asked, crash } = await rig.during(later.info());
      assert.equal(start, dead ? Mark.back : Mark.staged);
      // What is dead counts nothing.
      assert.deepEqual([announced, asked?.why, asked?.count, crash], [true, "a new start was asked for", 1, undefined]);
      assert.equal((await rig.during(new BoardStorage(later).list())).slots, dead ? 0 : 1);
      await rig.during(later.close());
    }
  });

  for (const [board, name] of [
    ["espruino-wifi", "slots"],
    ["espruino-wifi", "sensors"],
    ["pico-wiznet", "slots"],
  ])
    it(`${board}-${name} has room for one firmware, and two configurations: the next one is kept once a host came, and given up when none does`, async () => {
      const ecg0 = { driver: "ad8232", pins: { out: "A0", loPlus: "A1", loMinus: "A4" } };
      const printer0 = { driver: "escpos", uart: "Serial1", baud: 9600 };
      const devices = name === "slots" && board === "espruino-wifi" ? { ecg0, printer0 } : { ecg0 };
      const peripherals = { ecg0: new Ad8232() };
      const { rig, host, storage } = await slotted({
        board: board!,
        links: ["tcp"],
        config: { devices, endpoints: [] },
        peripherals,
      });
      const first = JSON.parse(Buffer.from(rig.board.storage.read("devsock.json")!).toString()) as Config;
      const write = async (to: BoardStorage, config: Config, slot: number): Promise<void> => {
        for (const file of filesOf(config, slot)) await rig.during(to.put(file, () => {}));
        await rig.during(to.start(slot << 1));
      };
      await write(storage, { ...first, name: "bed 7" }, 1);
      await rig.during(host.close());
      await rig.run(20_000);
      const second = await rig.connect("tcp");
      assert.deepEqual([second.terms.name, (await rig.during(second.info())).start], ["bed 7", Mark.staged]);
      await write(new BoardStorage(second), { ...first, links: { tcp: { port: 1 } } }, 0);
      await rig.during(second.close());
      await rig.run(220_000);
      const third = await rig.connect("tcp");
      assert.deepEqual([third.terms.name, (await rig.during(third.info())).start], ["bed 7", Mark.back]);
      await rig.during(third.close());
      assert.deepEqual(rig.console, []);
    });
});
