import assert from "node:assert/strict";
import { accessPointPassword, BoardStorage, connect } from "../../host/index.js";
import type { Config } from "../../host/index.js";
import { filesOf } from "../../host/flash/plan.js";
import { LOG_BYTES, logEntry, LOGS, Mark, WHOLE } from "../../protocols/service/boot-log.js";
import { Rig, withFirmware } from "./rig.js";

const KEY = Buffer.alloc(32, 0x42);

describe("end to end: a board's network", function () {
  this.timeout(60_000);
  withFirmware();

  /** Times at which the module was asked to join, in s of an outage that begins with the board's start. */
  async function tries(seed: number): Promise<number[]> {
    const rig = new Rig({ board: "espruino-wifi", links: ["tcp"], seed, config: { network: { ssid: "ward" } } });
    const uplink = rig.board.runtime.uplink! as unknown as { connect: (callback: unknown) => void };
    const begun = uplink.connect.bind(uplink);
    const times: number[] = [];
    uplink.connect = (callback) => {
      times.push(rig.clock.now() / 1000);
      begun(callback);
    };
    rig.unplug();
    await rig.run(600_000);
    rig.plug();
    await rig.run(70_000);
    assert.equal(rig.board.runtime.uplink!.joins, 1);
    await rig.during((await rig.connect("tcp")).close());
    assert.deepEqual(rig.console, []);
    rig.board.powerOff();
    return times;
  }

  it("is tried to be joined after 1 s, then rarer and rarer up to a minute, and two boards not at once", async () => {
    const [one, other] = [await tries(1), await tries(2)];
    for (const times of [one, other]) {
      const gaps = times.slice(1).map((time, i) => time - times[i]! - 3.5);
      gaps.forEach((gap, i) => {
        // The first one was at the start.
        const wait = Math.min(60, 2 ** (i + 1));
        assert.ok(gap >= wait / 2 - 0.1 && gap <= wait + 0.1, `try ${i}: ${gap} s of ${wait}`);
      });
      assert.ok(times.length > 12 && times.length < 25, `${times.length} tries in 10 minutes`);
    }
    assert.notDeepEqual(one, other);
  });

  it("knows an ESP32 by its name, which the interpreter announces by mDNS, also when it has joined again", async () => {
    const network = { ssid: "ward" };
    const rig = new Rig({ board: "esp32", links: ["tcp"], config: { name: "frontdesk", network } });
    const uplink = rig.board.runtime.uplink!;
    await rig.run(3000);
    assert.deepEqual(uplink.announced, ["espressif", "frontdesk"]);
    rig.unplug();
    await rig.run(10_000);
    rig.plug();
    await rig.run(30_000);
    assert.deepEqual([uplink.joins, uplink.announced[2]], [2, "frontdesk"]);
    assert.deepEqual(rig.console, []);
    rig.board.powerOff();
  });

  it("announces nothing by mDNS with links alone, which do without", async () => {
    const rig = new Rig({ board: "esp32", links: ["tcp"], config: { name: "frontdesk", network: { ssid: "ward" } } });
    const { storage } = rig.board;
    await rig.run(1000);
    storage.write(LOGS[0]!, logEntry(Mark.safe, 0), 0, LOG_BYTES);
    storage.write(LOGS[0]!, Buffer.from([0, 0]), WHOLE);
    // Of what never proved itself.
    for (let i = 0; i < 5; i++) {
      await rig.run(200);
      rig.board.powerCycle();
    }
    await rig.run(5000);
    const host = await rig.connect("tcp");
    const { start, name } = await rig.during(host.info());
    await rig.during(host.close());
    assert.deepEqual([start, name], [Mark.safe, "frontdesk"]);
    assert.deepEqual(rig.board.runtime.uplink!.announced, ["espressif"]);
    rig.board.powerOff();
  });

  it("is one of its own where none is configured; the password is from the key, and no console shows it", async () => {
    const rig = new Rig({
      board: "espruino-wifi",
      key: KEY,
      links: ["tcp"],
      config: { name: "ward", network: { accessPoint: true } },
    });
    await rig.run(3000);
    const password = accessPointPassword(KEY);
    assert.match(password, /^[a-z2-9]{12}$/);
    assert.deepEqual(rig.board.runtime.uplink!.accessPoint, { name: "ward", password });
    assert.deepEqual(rig.console.splice(0), ["access point ward"]);
    const host = await rig.during(connect(rig.transport("tcp"), { clock: rig.clock, key: KEY }));
    assert.equal((await rig.during(host.info())).name, "ward");
    await rig.during(host.close());
    rig.board.powerOff();
  });

  it("of its own is where a host gives it another one, which it joins and stays in", async () => {
    const config = { name: "ward", network: { accessPoint: true } };
    const rig = new Rig({ board: "esp32", key: KEY, links: ["tcp"], config });
    await rig.run(3000);
    // As devsock flash leaves it.
    rig.board.storage.write(LOGS[0]!, logEntry(Mark.good, 0), 0, LOG_BYTES);
    rig.board.storage.write(LOGS[0]!, Buffer.from([0, 0]), WHOLE);
    rig.board.powerCycle();
    await rig.run(3000);
    assert.equal(rig.board.runtime.uplink!.accessPoint!.name, "ward");
    const host = await rig.during(connect(rig.transport("tcp"), { clock: rig.clock, key: KEY }));
    const storage = new BoardStorage(host);
    const { links } = JSON.parse(Buffer.from(rig.board.storage.read("devsock.json")!).toString()) as Config;
    const next: Config = {
      ...{ board: "esp32", name: "ward", key: KEY.toString("hex"), links },
      network: { ssid: "lab", password: "of the lab" },
    };
    for (const file of filesOf(next, 1)) await rig.during(storage.put(file, () => {}));
    await rig.during(storage.start(2));
    await rig.during(host.close());
    await rig.run(5000);
    const { joins, accessPoint, announced } = rig.board.runtime.uplink!;
    assert.deepEqual([joins, accessPoint, announced.at(-1)], [1, undefined, "ward"]);
    const later = await rig.during(connect(rig.transport("tcp"), { clock: rig.clock, key: KEY }));
    assert.equal((await rig.during(later.info())).start, Mark.staged);
    assert.equal((await rig.during(new BoardStorage(later).list())).slots, 2);
    await rig.during(later.close());
    rig.board.powerCycle();
    await rig.run(5000);
    assert.equal(rig.board.runtime.uplink!.joins, 1);
    rig.board.powerOff();
  });

  it("without a key has a password that is new at each start, said on the console", async () => {
    const rig = new Rig({ board: "espruino-wifi", links: ["tcp"], config: { name: "ward", network: {} } });
    const passwords = [];
    for (let start = 0; start < 2; start++) {
      await rig.run(3000);
      const { password } = rig.board.runtime.uplink!.accessPoint!;
      assert.deepEqual(rig.console.splice(0), [`access point ward, password ${password}`]);
      passwords.push(password);
      rig.board.powerCycle();
    }
    assert.notEqual(passwords[0], passwords[1]);
    rig.board.powerOff();
  });

  it("is asked for an address again when its cable was out, and the link on UDP goes on", async () => {
    const rig = new Rig({ board: "pico-wiznet", links: ["udp"] });
    await rig.run(3000);
    const host = await rig.connect("udp");
    rig.unplug();
    await rig.run(5000);
    rig.plug();
    assert.equal((await rig.during(host.info())).board, "pico-wiznet");
    assert.equal(rig.board.runtime.uplink!.joins, 2);
    await rig.finish();
  });
});
