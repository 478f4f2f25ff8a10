import assert from "node:assert/strict";
import dgram from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SerialPort } from "serialport";
import { startSimulator, type Simulator, type SimulatorOptions } from "../../simulator/index.js";
import { putFirmware } from "../support/other-firmware.js";

/** A firmware that only passes bytes on: the raw port prints, the links echo. */
const FIRMWARE = `
  var config = require("Storage").readJSON("devsock.json"), links = config.links;
  var printer = config.devices.printer0;
  global[printer.uart].setup(printer.baud, { path: printer.path });
  require("net").createServer(function (c) {
    c.on("data", function (d) { global[printer.uart].write(d) });
  }).listen(config.endpoints[0].port);
  if (links.tcp) require("net").createServer(function (c) { c.on("data", function (d) { c.write(d) }) }).listen(links.tcp.port);
  if (links.udp) {
    var u = require("dgram").createSocket("udp4");
    u.on("message", function (d, from) { u.send(d, from.port, from.address) });
    u.bind(links.udp.port);
  }
  if (links.serial) {
    var s = global[links.serial.uart];
    s.on("data", function (d) { s.write(d) });
    s.setup(links.serial.baud, { path: links.serial.path });
  }
  print("up");`;

const directory = mkdtempSync(join(tmpdir(), "devsock-simulator-"));
putFirmware(directory, { "linux.js": FIRMWARE, "linux.boot.js": 'require("devsock")' });

const base: SimulatorOptions = {
  board: "linux",
  devices: { printer0: "escpos" },
  ports: { tcp: 0, udp: 0, raw: { printer0: 0 } },
  serial: true,
  bundleDir: directory,
};

function portOf(address: string): number {
  return Number(new URL(address).port);
}

async function echoed(address: string): Promise<string> {
  const client = net.connect(portOf(address), "127.0.0.1");
  client.write("hello");
  const [data] = (await once(client, "data")) as [Buffer];
  client.destroy();
  return data.toString();
}

describe("startSimulator", () => {
  after(() => rmSync(directory, { recursive: true }));
  let simulator: Simulator | undefined;
  afterEach(async () => {
    await simulator?.stop();
    simulator = undefined;
  });

  it("offers a board on real sockets and a terminal, and logs what the printer receives", async function () {
    if (process.platform === "win32") this.skip();
    const printerLog = join(directory, "printer.bin");
    const lines: string[] = [];
    simulator = await startSimulator({ ...base, printerLog, log: (line) => void lines.push(line) });
    const { links, endpoints } = simulator;
    assert.match(links.udp!, /^udp:\/\/127\.0\.0\.1:\d+$/);
    assert.match(links.serial!, /^serial:\/.*\?baud=230400$/);
    assert.equal(await echoed(links.tcp!), "hello");

    const datagrams = dgram.createSocket("udp4");
    datagrams.send("datagram", portOf(links.udp!), "127.0.0.1");
    assert.equal(String(((await once(datagrams, "message")) as [Buffer])[0]), "datagram");
    datagrams.close();

    const port = new SerialPort({ path: /^serial:(.*)\?/.exec(links.serial!)![1]!, baudRate: 230_400 });
    port.write("over the cable");
    let back = "";
    while (back.length < 14) back += String(((await once(port, "data")) as [Buffer])[0]);
    assert.equal(back, "over the cable");
    await new Promise<void>((resolve) => port.close(() => resolve()));

    const job = net.connect(portOf(endpoints.printer0!.raw!), "127.0.0.1");
    job.end("on paper\n");
    while (readFileSync(printerLog).length < 9) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(readFileSync(printerLog, "latin1"), "on paper\n");
    assert.ok((await simulator.memory()).usage < 1000);
    assert.deepEqual(lines, ["up"]);
  });

  it("keeps its ports over a power cycle, and frees them when it stops", async () => {
    simulator = await startSimulator({ ...base, serial: false });
    const { tcp } = simulator.links;
    await simulator.powerCycle();
    assert.equal(await echoed(tcp!), "hello");
    await simulator.stop();
    simulator = await startSimulator({ ...base, serial: false, ports: { tcp: portOf(tcp!), raw: { printer0: 0 } } });
    assert.equal(simulator.links.tcp, tcp);
    assert.equal(simulator.links.udp, undefined);
  });

  const wrong: [string, Partial<SimulatorOptions>, string, RegExp][] = [
    ["a board that there is not", { board: "toaster" }, "EINVAL", /no board toaster: choose linux/],
    ["a board whose firmware was not built", { board: "pico-wiznet", serial: false }, "ENOENT", /build:firmware/],
    ["a peripheral that there is not", { devices: { printer0: "laser" } }, "EINVAL", /choose escpos/],
    ["a setting that there is not", { devices: { printer0: "escpos,colour=1" } }, "EINVAL", /it has buffer/],
    ["a value that is none", { devices: { printer0: "escpos,buffer=big" } }, "EINVAL", /big/],
    ["the real interpreter without its path", { runtime: "espruino" }, "EINVAL", /set ESPRUINO/],
  ];
  for (const [what, options, code, message] of wrong)
    it(`refuses ${what}`, async () => {
      await assert.rejects(startSimulator({ ...base, ...options }), { code, message });
    });

  it("refuses a firmware that was damaged since it was built, as devsock flash does", async () => {
    const spoilt = mkdtempSync(join(tmpdir(), "devsock-spoilt-"));
    putFirmware(spoilt, { "linux.js": FIRMWARE, "linux.boot.js": 'require("devsock")' });
    try {
      writeFileSync(join(spoilt, "linux.js"), FIRMWARE.slice(1));
      await assert.rejects(startSimulator({ ...base, bundleDir: spoilt }), {
        code: "EIO",
        message: /linux\.js has \d+ B, and was built with \d+; build it again/,
      });
    } finally {
      rmSync(spoilt, { recursive: true });
    }
  });

  it("refuses a port in use, and leaves nothing open", async () => {
    const other = net.createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as net.AddressInfo;
    await assert.rejects(startSimulator({ ...base, ports: { tcp: port, raw: { printer0: 0 } } }), {
      code: "EADDRINUSE",
      message: /choose another port, or 0 for any/,
    });
    other.close();
  });
});
