import assert from "node:assert/strict";
import { hostname } from "node:os";
import {
  DEV_BAUD,
  DEV_BREAK,
  DEV_DTR,
  DEV_FLOW,
  DEV_LEASE,
  DEV_RATE,
  DEV_RTS,
  DEV_SIZE,
  SOCK_DGRAM,
  SOCK_RAW,
} from "../../host/index.js";
import { Eeprom } from "../../simulator/peripheral/memory/eeprom.js";
import { Mlx90614 } from "../../simulator/peripheral/sensor/mlx90614.js";
import { receipt } from "./payloads.js";
import { Rig, withFirmware } from "./rig.js";

/** A board with pins: RTS and DTR are wired, and the UART's own are named. */
function pinned(): Rig {
  const device = { flow: "none", uart: "Serial1", pins: { tx: "B6", rx: "B7", dtr: "A0", rts: "A1" } };
  const options = { board: "espruino-wifi", links: ["tcp"] as const };
  return new Rig({ ...options, device, printer: { flow: "none" } });
}

describe("end to end: SOL_DEVICE", function () {
  this.timeout(20_000);
  withFirmware();

  it("RTS and DTR follow their pins, where the configuration has them", async () => {
    const rig = pinned();
    const lines: string[] = [];
    rig.board.wires["printer0"]!.peripheral.onLine((line, level) => lines.push(`${line}=${level}`));
    await rig.run(2000);
    const socket = await rig.during((await rig.connect("tcp")).connect("printer0", { type: SOCK_RAW }));
    for (const name of [DEV_RTS, DEV_DTR]) {
      assert.equal(await rig.during(socket.getOption(name)), 1, "on while the board is there");
      await rig.during(socket.setOption(name, "0"));
      assert.equal(await rig.during(socket.getOption(name)), 0);
      await rig.during(socket.setOption(name, "1"));
    }
    assert.deepEqual(lines, ["rts=false", "rts=true", "dtr=false", "dtr=true"]);
    socket.close();
    await rig.finish();
  });

  it("a break holds the line low for its time, and not while bytes are on their way; the next job prints", async () => {
    const rig = pinned();
    await rig.run(2000);
    const host = await rig.connect("tcp");
    const socket = await rig.during(host.connect("printer0", { type: SOCK_RAW }));
    await rig.rejected(socket.setOption(DEV_BREAK, "1000"), "EINVAL", /1 to 500 ms/);
    await rig.during(socket.setOption(DEV_BREAK, "250"));
    await rig.rejected(socket.setOption(DEV_BREAK, "250"), "EBUSY", /on their way/);
    await rig.run(1000);
    const { breaks } = rig.board.wires["printer0"]!;
    assert.equal(breaks.length, 1);
    // its end waits for what the board does just then
    assert.ok(breaks[0]! > 249 && breaks[0]! < 300, `${breaks[0]} ms`);
    const job = host.printer("printer0").print(receipt());
    await rig.run(50);
    await rig.rejected(socket.setOption(DEV_BREAK, "10"), "EBUSY", /on their way/);
    assert.equal((await rig.during(job)).taken, receipt().length);
    rig.assertPrinted(receipt());
    socket.close();
    await rig.finish();
  });

  it("what the board has no pin for, or no driver, is ENOPROTOOPT", async () => {
    const rig = new Rig();
    const socket = await rig.during((await rig.connect("tcp")).connect("printer0", { type: SOCK_RAW }));
    for (const name of [DEV_RTS, DEV_DTR, DEV_BREAK, DEV_RATE, DEV_SIZE])
      await rig.rejected(socket.setOption(name, "1"), "ENOPROTOOPT", /it has baud, parity, stopbits, flow and lease/);
    socket.close();
    await rig.finish();
  });

  it("flow control is set while the board runs: without it XOFF holds nothing, and an XOFF before is forgotten", async () => {
    const rig = new Rig({ printer: { busyOn: "offline" } });
    const host = await rig.connect("tcp");
    const socket = await rig.during(host.connect("printer0", { type: SOCK_RAW }));
    await rig.during(socket.setOption(DEV_FLOW, "none"));
    assert.equal(await rig.during(socket.getOption(DEV_FLOW)), "none");
    rig.printer.setCover(true);
    await rig.run(500);
    assert.equal((await rig.during(host.printer("printer0").status())).busy, false);
    rig.printer.setCover(false);
    await rig.run(500);
    await rig.during(socket.setOption(DEV_FLOW, "xonxoff"));
    rig.printer.setCover(true);
    await rig.run(500);
    assert.equal((await rig.during(host.printer("printer0").status())).busy, true);
    await rig.during(socket.setOption(DEV_FLOW, "none"));
    assert.equal((await rig.during(host.printer("printer0").status())).busy, false);
    await rig.rejected(socket.setOption(DEV_FLOW, "rtscts"), "EINVAL", /need the pin cts/);
    rig.printer.setCover(false);
    socket.close();
    await rig.finish();
  });
});

describe("end to end: leases", function () {
  this.timeout(20_000);
  withFirmware();

  it("keep others out for their time, say who and how long, and are renewed and given back", async () => {
    const rig = new Rig();
    const [holder, other] = [await rig.connect("tcp"), await rig.connect("udp")];
    const socket = await rig.during(holder.connect("printer0", { type: SOCK_RAW }));
    const others = await rig.during(other.connect("printer0", { type: SOCK_RAW }));
    assert.equal(await rig.during(socket.getOption(DEV_LEASE)), 0);
    await rig.during(socket.setOption(DEV_LEASE, "10"));
    assert.equal(await rig.during(socket.getOption(DEV_LEASE)), 10);
    const print = other.printer("printer0").print(receipt());
    const refused = await rig.rejected(print, "EBUSY", /^EBUSY: printer0 is leased to .* for (9|10) s more/);
    assert.ok(refused.message.includes(hostname().slice(0, 32)));
    await rig.rejected(others.setOption(DEV_LEASE, "5"), "EBUSY", /is leased to/);
    await rig.rejected(others.getOption(DEV_LEASE), "EBUSY", /is leased to/);
    const answer = await rig.during(others.transact(Buffer.from("\0\0\0\0")));
    assert.match(String(answer).slice(1), /^EBUSY: printer0 is leased/);
    const client = rig.dial().write("raw");
    await rig.until(() => client.closed !== "no");
    // The holder itself prints, on another socket of its own.
    assert.equal((await rig.during(holder.printer("printer0").print(receipt()))).taken, receipt().length);
    await rig.during(socket.setOption(DEV_LEASE, "20"));
    await rig.run(12_000);
    await rig.rejected(other.printer("printer0").print(receipt()), "EBUSY", /is leased/);
    assert.equal((await rig.during(other.printer("printer0").status())).jobs, 0, "its state is for everybody");
    await rig.run(10_000);
    assert.equal((await rig.during(other.printer("printer0").print(receipt()))).taken, receipt().length);
    await rig.during(socket.setOption(DEV_LEASE, "20"));
    await rig.during(socket.setOption(DEV_LEASE, "0"));
    assert.equal((await rig.during(other.printer("printer0").print(receipt()))).taken, receipt().length);
    await rig.rejected(socket.setOption(DEV_LEASE, "4000"), "EINVAL", /1 to 3600 seconds/);
    rig.assertPrinted(receipt(), receipt(), receipt());
    socket.close();
    others.close();
    await rig.finish({ refused: 1 });
  });

  it("end with the holder's socket, and with a host that vanishes; none is given over others' jobs", async () => {
    const rig = new Rig();
    const [holder, other] = [await rig.connect("serial"), await rig.connect("udp")];
    const job = other.printer("printer0").print(Buffer.alloc(20_000, 65));
    await rig.run(100);
    const socket = await rig.during(holder.connect("printer0", { type: SOCK_RAW }));
    await rig.rejected(socket.setOption(DEV_LEASE, "10"), "EBUSY", /has jobs or readers of others/);
    await rig.during(job);
    await rig.during(socket.setOption(DEV_LEASE, "3600"));
    socket.close();
    await rig.run(1000);
    assert.equal((await rig.during(other.printer("printer0").print(receipt()))).taken, receipt().length);
    const again = await rig.during(holder.connect("printer0", { type: SOCK_RAW }));
    await rig.during(again.setOption(DEV_LEASE, "3600"));
    await rig.rejected(other.printer("printer0").print(receipt()), "EBUSY", /is leased/);
    rig.board.wires["serial"]!.unplug();
    await rig.run(60_000);
    rig.board.wires["serial"]!.plug();
    assert.equal((await rig.during(other.printer("printer0").print(receipt()))).taken, receipt().length);
    await rig.finish({ timeouts: 1 });
  });

  it("are there for buses, too", async () => {
    const config = { buses: { i2c0: { port: "I2C1" } } };
    const rig = new Rig({ config, chips: { i2c0: [new Eeprom()] } });
    const [holder, other] = [await rig.connect("tcp"), await rig.connect("udp")];
    const before = other.bus("i2c0");
    await rig.during(before.transfer({ address: 0x50, read: 1 }));
    const socket = await rig.during(holder.connect("i2c0", { type: SOCK_RAW }));
    await rig.during(socket.setOption(DEV_LEASE, "5"));
    await rig.rejected(before.transfer({ address: 0x50, read: 1 }), "EBUSY", /i2c0 is leased to/);
    await rig.rejected(other.bus("i2c0").transfer({ address: 0x50, read: 1 }), "EBUSY", /i2c0 is leased to/);
    await rig.during(holder.bus("i2c0").transfer({ address: 0x50, read: 1 }));
    await rig.rejected(socket.getOption(DEV_BAUD), "ENOPROTOOPT", /it has lease/);
    await rig.run(6000);
    await rig.during(before.transfer({ address: 0x50, read: 1 }));
    socket.close();
    await rig.finish();
  });

  it("are not there for a sensor that others read, and keep them away from one that nobody does", async () => {
    const config = { buses: { i2c0: { port: "I2C1" } } };
    const devices = { skin: { driver: "mlx90614", bus: "i2c0" } };
    const rig = new Rig({ config, devices, peripherals: { skin: new Mlx90614() } });
    const [holder, other] = [await rig.connect("tcp"), await rig.connect("udp")];
    const samples = (host: typeof holder): ReturnType<typeof holder.connect<typeof SOCK_DGRAM>> =>
      host.connect("skin:samples", { type: SOCK_DGRAM });
    const [mine, theirs] = [await rig.during(samples(holder)), await rig.during(samples(other))];
    await rig.rejected(mine.setOption(DEV_LEASE, "5"), "EBUSY", /^EBUSY: skin has jobs or readers of others/);
    theirs.close();
    await rig.run(500);
    await rig.during(mine.setOption(DEV_LEASE, "5"));
    await rig.rejected(samples(other), "EBUSY", /skin is leased to/);
    await rig.during(mine.setOption(DEV_LEASE, "0"));
    (await rig.during(samples(other))).close();
    mine.close();
    await rig.finish();
  });
});
