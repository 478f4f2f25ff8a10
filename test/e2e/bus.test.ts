import assert from "node:assert/strict";
import { DEV_BAUD, SOCK_RAW, SOCK_STREAM } from "../../host/index.js";
import type { Board, Bus } from "../../host/index.js";
import { decodeAnswer } from "../../protocols/index.js";
import { Eeprom } from "../../simulator/peripheral/memory/eeprom.js";
import { SerialFlash } from "../../simulator/peripheral/memory/flash.js";
import { linkKinds, Rig, withFirmware } from "./rig.js";
import type { RigOptions } from "./rig.js";

const EEPROM = 0x50;
const READ_ID = Buffer.of(0x9f);

function rigWith(options: RigOptions = {}): Rig {
  return new Rig({ config: { buses: { i2c0: { port: "I2C1" }, spi0: { port: "SPI1" } } }, ...options });
}

/** A driver on the board: it has the bus for two transactions that must not be parted, with a pause between them. */
const DRIVER = `
var bus = $buses.i2c0;
function measure(pause) {
  if (!bus.take(function () {
    bus.transfer(0x50, "\\x00A", 0);
    setTimeout(function () {
      var read = bus.transfer(0x50, "\\x00", 1);
      print("driver read " + read + bus.failure);
      bus.release();
    }, pause);
  })) print("driver may not wait");
}
`;

/** The timer goes on, so that the board's memory is the same before and after. */
function driver(pause: number): RigOptions {
  const start = `var n = 0; setInterval(function () { if (++n == 20) measure(${pause}) }, 100);`;
  return {
    program: { files: { driver: DRIVER + start }, start: `require("driver");` },
    chips: { i2c0: [new Eeprom()] },
  };
}

describe("end to end: transactions on buses", function () {
  this.timeout(20_000);
  withFirmware();

  for (const kind of linkKinds)
    it(`${kind}: an EEPROM is written and read back, with a repeated START, up to the longest transaction`, async () => {
      const chip = new Eeprom();
      chip.memory.forEach((_, i) => (chip.memory[i] = i ^ 0x5a));
      const rig = rigWith({ chips: { i2c0: [chip] } });
      const bus = (await rig.connect(kind)).bus("i2c0");
      // Eight bytes are a page: its address wraps.
      await rig.during(bus.transfer({ address: EEPROM, write: Buffer.from("\x0cabcdefgh") }));
      await rig.run(10);
      const page = await rig.during(bus.transfer({ address: EEPROM, write: Buffer.of(8), read: 8 }));
      assert.equal(page.toString(), "efghabcd");
      // The chip's own pointer goes on from there.
      assert.deepEqual([...(await rig.during(bus.transfer({ address: EEPROM, read: 2 })))], [0x10 ^ 0x5a, 0x11 ^ 0x5a]);
      const most = await rig.during(bus.transfer({ address: EEPROM, write: Buffer.of(0), read: 254 }));
      assert.ok(most.equals(chip.memory.subarray(0, 254)));
      await rig.finish();
    });

  it("SPI moves bytes both ways, and selects one chip of two", async () => {
    const [first, second] = [new SerialFlash(), new SerialFlash()];
    const config = { buses: { spi0: { port: "SPI1", bitrate: 4_000_000, cs: ["A4", "B9"] } } };
    const device = { uart: "Serial1", pins: { tx: "B6", rx: "B7" } };
    const options = { board: "espruino-wifi", links: ["tcp"] as const, device, config };
    const rig = new Rig({ ...options, chips: { spi0: [first, second] } });
    await rig.run(2000);
    const bus = (await rig.connect("tcp")).bus("spi0");
    assert.deepEqual([...(await rig.during(bus.transfer({ write: READ_ID, read: 3 })))], [0xef, 0x40, 0x14]);
    const both = await rig.during(bus.transfer({ chip: 1, write: Buffer.of(0x9f, 0, 0, 0) }));
    assert.deepEqual([...both], [0xff, 0xef, 0x40, 0x14], "as many bytes come as go");
    await rig.during(bus.transfer({ chip: 1, write: Buffer.of(0x06) }));
    await rig.during(bus.transfer({ chip: 1, write: Buffer.from("\x02\0\0\x10data", "latin1") }));
    await rig.run(5);
    const read = Buffer.from("\x03\0\0\x10", "latin1");
    assert.equal(String(await rig.during(bus.transfer({ chip: 1, write: read, read: 4 }))), "data");
    assert.deepEqual([...(await rig.during(bus.transfer({ chip: 0, write: read, read: 2 })))], [0xff, 0xff]);
    await rig.rejected(bus.transfer({ chip: 2, write: READ_ID }), "ENXIO", /no chip 2/);
    await rig.finish();
  });

  it("what fails says why: nobody there, a chip that is busy, a bus that is held", async () => {
    const chip = new Eeprom();
    const rig = rigWith({ chips: { i2c0: [chip] } });
    const bus = (await rig.connect("tcp")).bus("i2c0");
    await rig.rejected(bus.transfer({ address: 0x51, read: 1 }), "ENXIO", /no chip answers at address 81/);
    await rig.rejected(bus.transfer({ address: 0x51, write: "x" }), "ENXIO", /no chip answers/);
    await rig.during(bus.transfer({ address: EEPROM, write: "\0x" }));
    await rig.rejected(bus.transfer({ address: EEPROM, read: 1 }), "ENXIO", /no chip answers/);
    await rig.run(5000);
    chip.stuck = true;
    await rig.rejected(bus.transfer({ address: EEPROM, write: "\0", read: 1 }), "ETIMEDOUT", /the bus is held low/);
    chip.stuck = false;
    assert.equal(String(await rig.during(bus.transfer({ address: EEPROM, write: "\0", read: 1 }))), "x");
    await rig.finish();
  });

  it("a request that makes no sense, another type and another name are refused", async () => {
    const rig = rigWith();
    const host = await rig.connect("tcp");
    const socket = await rig.during(host.connect("i2c0", { type: SOCK_RAW }));
    for (const [request, failure] of [
      ["", /^EINVAL: a transaction is an address/],
      ["P", /^EINVAL/],
      ["P\0", /^EINVAL/],
      ["P\xff" + "x", /^EMSGSIZE: a transaction has 255/],
      ["\xd0\x01", /^EINVAL: an address on I2C is 0 to 127$/],
    ] as const) {
      const answer = await rig.during(socket.transact(Buffer.from(request, "latin1")));
      assert.match(decodeAnswer(answer!).failure, failure);
    }
    socket.close();
    const bus = host.bus("i2c0");
    await rig.rejected(bus.transfer({ address: 200, read: 1 }), "EINVAL", /no address/);
    await rig.rejected(bus.transfer({ address: 1 }), "EINVAL", /writes or reads/);
    await rig.rejected(bus.transfer({ address: 1, read: 256 }), "EMSGSIZE", /255/);
    await rig.rejected(host.connect("i2c0", { type: SOCK_STREAM }), "ESOCKTNOSUPPORT", /i2c0 is a bus/);
    await rig.rejected(host.connect("i2c0:raw", { type: SOCK_RAW }), "ESOCKTNOSUPPORT", /without a service/);
    await rig.rejected(host.bus("i2c9").transfer({ address: 1, read: 1 }), "ENODEV", /it has printer0, i2c0, spi0/);
    await rig.finish();
  });

  it("a driver has the bus for as long as its transactions belong together, and two hosts wait", async () => {
    const rig = rigWith(driver(500));
    const hosts = [await rig.connect("tcp"), await rig.connect("udp")];
    await rig.until(() => rig.clock.now() > 2100);
    const write = (host: Board): Promise<Buffer> =>
      host.bus("i2c0").transfer({ address: EEPROM, write: Buffer.from("\0B") });
    const start = rig.clock.now();
    const first = rig.during(write(hosts[0]!));
    await first;
    assert.ok(rig.clock.now() - start > 300, "it waited for the driver");
    await rig.run(10);
    await rig.during(write(hosts[1]!));
    assert.match(rig.console.splice(0).join(), /driver read A$/);
    await rig.finish();
  });

  it("a driver that keeps the bus too long fails transactions, which leaves nothing behind; so does leaving", async () => {
    const rig = rigWith(driver(20_000));
    const host = await rig.connect("tcp");
    await rig.until(() => rig.clock.now() > 2100);
    const gone = await rig.during(host.connect("i2c0", { type: SOCK_RAW }));
    gone.send(Buffer.from("P\x01"));
    await rig.run(100);
    gone.destroy();
    const bus = host.bus("i2c0");
    await rig.rejected(bus.transfer({ address: EEPROM, read: 1 }), "ETIMEDOUT", /a driver has had i2c0 for 5 s/);
    await rig.run(15_000);
    assert.match(rig.console.splice(0).join(), /driver read A$/);
    assert.equal((await rig.during(bus.transfer({ address: EEPROM, read: 1 }))).length, 1);
    await rig.finish();
  });

  it("eight may wait for a bus, not one more", async () => {
    const rig = rigWith(driver(1000));
    const hosts = [await rig.connect("tcp"), await rig.connect("udp")];
    await rig.until(() => rig.clock.now() > 2100);
    const buses: Bus[] = Array.from({ length: 10 }, (_, i) => hosts[i % 2]!.bus("i2c0"));
    const settled = await rig.during(
      Promise.allSettled(buses.map((bus) => bus.transfer({ address: EEPROM, write: "\0", read: 1 }))),
    );
    const failed = settled.flatMap((each) => (each.status === "rejected" ? [String(each.reason)] : []));
    assert.equal(failed.length, 2, failed.join());
    for (const text of failed) assert.match(text, /EAGAIN: too many wait for i2c0/);
    rig.console.length = 0;
    await rig.finish();
  });
});

describe("end to end: buses on the smallest board", function () {
  this.timeout(20_000);
  withFirmware();

  it("are there, beside a lease and settings of the line", async () => {
    const config = { buses: { i2c0: { port: "I2C1", pins: { scl: "B8", sda: "B9" } } } };
    const rig = new Rig({ board: "pico-wiznet", links: ["tcp"], config, chips: { i2c0: [new Eeprom()] } });
    await rig.run(2000);
    const host = await rig.connect("tcp");
    assert.deepEqual([...(await rig.during(host.bus("i2c0").transfer({ address: EEPROM, read: 1 })))], [0xff]);
    const socket = await rig.during(host.connect("printer0", { type: SOCK_RAW }));
    assert.equal(await rig.during(socket.getOption(DEV_BAUD)), 115_200);
    // Its network has one client for a port: the rig's own end would ask for two.
    await rig.during(host.close());
    assert.deepEqual(rig.console, []);
  });
});
