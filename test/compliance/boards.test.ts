/** What every board's file has to keep, whichever board it is: a new one is tried without a line here. */
import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { boards, bundleOf } from "../../boards/index.js";
import type { BoardSpec } from "../../boards/index.js";
import { features } from "../../boards/features.js";
import { connect, parseConfig } from "../../host/index.js";
import { estimatedOf } from "../../scripts/limits.js";
import { startSimulator } from "../../simulator/index.js";

const firmware = fileURLToPath(new URL("../../dist/firmware", import.meta.url));

/** Bytes of Storage that a configuration takes, twice, with the entries of the files. */
const CONFIGURATION = 512;
/** Share of the variables that the program may take at the start: the rest is for devices, connections and jobs. */
const AT_START = 0.4;

/** src/jsvar.h: bytes of a variable by how many there are at the most. */
const BLOCKS: readonly [most: number, bytes: number][] = [
  [2047, 12],
  [8191, 13],
  [16383, 14],
  [Infinity, 16],
];
/** Chunks of the interpreter's network drivers, and of a USB cable. */
const CHUNKS = [536, 268, 64];
/** scripts/build_platform_config.py, and what boards say instead. */
const EVENT_QUEUES = [256, 512, 1024, 4096];
const TRANSMIT_RINGS = [32, 128, 256];
/** JsNetUDPPacketHeader. */
const DATAGRAM_HEADER = 8;

const words = (text = ""): string[] => text.split(" ").filter(Boolean);
const repeated = (list: readonly string[]): string[] => list.filter((each, i) => list.indexOf(each) !== i);
const beyond = (list: readonly string[], whole: readonly string[]): string[] =>
  list.filter((each) => !whole.includes(each));

describe("boards", () => {
  it("have names of their own", () => {
    assert.deepEqual(repeated(boards.map(({ id }) => id)), []);
    assert.deepEqual(repeated(boards.map(({ title }) => title)), []);
    for (const { id } of boards) assert.match(id, /^[a-z][a-z0-9-]{1,31}$/);
  });

  for (const board of boards) describe(board.id, () => complies(board));
});

function complies(board: BoardSpec): void {
  const { id, network, uarts, buses } = board;
  const pins = words(board.pins);
  const ports: [string, Readonly<Record<string, readonly string[]>>][] = [
    ...Object.entries(uarts).map(([name, { tx, rx }]): [string, Record<string, readonly string[]>] => [
      name,
      { tx, rx },
    ]),
    ...Object.entries(buses),
  ];

  it("is named as its interpreter names it", () => assert.match(board.interpreter, /^[A-Z][A-Z0-9_]+$/));

  it("has figures that its interpreter's family allows", () => {
    const { variables, variableBytes, chunk, eventQueue, transmitRing } = board;
    assert.equal(variableBytes, BLOCKS.find(([most]) => variables <= most)![1]);
    assert.ok(CHUNKS.includes(chunk), `chunk ${chunk}`);
    assert.ok(EVENT_QUEUES.includes(eventQueue), `event queue ${eventQueue}`);
    assert.ok(TRANSMIT_RINGS.includes(transmitRing), `transmit ring ${transmitRing}`);
    assert.equal(board.datagram, network.sockets > 0 ? chunk - DATAGRAM_HEADER : 0);
    assert.ok(board.sessions >= 1 && board.window >= 2);
    assert.ok(board.drift > 0 && board.drift <= 0.02);
  });

  it("has a network that is whole, or a cable", () => {
    const { module, sockets, servers, clients } = network;
    if (sockets === 0) {
      assert.deepEqual([module, servers, clients], ["", 0, 0]);
      assert.ok(Object.values(uarts).length > 0, "nobody would reach it");
      return;
    }
    assert.ok(servers > 0 && servers <= sockets && clients > 0 && clients <= sockets);
    if (module !== "WIZnet") return;
    const { spi, cs } = network;
    assert.ok(spi !== undefined && cs, "spi and cs are named for each WIZnet");
    const hangs = [...(spi ? [spi.sck, spi.miso, spi.mosi] : ["B3", "B4", "B5"]), cs];
    assert.deepEqual(hangs.sort(), words(network.pins).sort());
  });

  it("has each pin once, and no others in its lists", () => {
    assert.deepEqual(repeated(pins), []);
    const only3V3 = board.power?.only3V3 === "all" ? "" : board.power?.only3V3;
    for (const list of [board.analog, board.inputs, network.pins, only3V3])
      assert.deepEqual([...beyond(words(list), pins), ...repeated(words(list))], []);
    assert.equal(board.power === undefined, pins.length === 0);
  });

  it("has for each signal of a port a pin on its headers, and usual ones that two UARTs do not share", () => {
    for (const [port, signals] of ports)
      for (const [signal, able] of Object.entries(signals)) {
        assert.deepEqual(repeated(able), [], `${port} ${signal}`);
        // But for its usual one, which must be named otherwise then, all are on a header.
        assert.deepEqual(beyond(able.slice(1), pins), [], `${port} ${signal}`);
        const usable = able.filter((pin) => pins.includes(pin) && !words(network.pins).includes(pin));
        if (able.length > 0) assert.ok(usable.length > 0, `${port} has no pin for ${signal}`);
      }
    const usual = Object.values(uarts).flatMap(({ tx, rx }) => [tx[0], rx[0]].filter((pin) => pin !== undefined));
    assert.deepEqual(repeated(usual), []);
    assert.deepEqual(
      usual.filter((pin) => words(network.pins).includes(pin)),
      [],
    );
    for (const pin of words(board.inputs))
      for (const [port, signals] of ports)
        for (const [signal, able] of Object.entries(signals))
          assert.ok(["rx", "miso"].includes(signal) || !able.includes(pin), `${port} drives ${pin} as ${signal}`);
  });

  it("has builds with features that there are, or says why it has none", () => {
    const { builds, refuses } = board;
    assert.equal(builds.length === 0, refuses !== undefined);
    assert.deepEqual(repeated(builds.map(({ name }) => name)), []);
    if (builds.length > 0) assert.equal(builds[0]!.name, "");
    for (const build of builds) {
      assert.deepEqual([...beyond(build.features, Object.keys(features)), ...repeated(build.features)], []);
      if (network.sockets === 0)
        for (const feature of ["raw", "udp", "inet", "http"] as const)
          assert.ok(!build.features.includes(feature), `${feature} needs a network`);
    }
  });

  if (board.refuses !== undefined) {
    it("is refused with what would do instead", async () => {
      assert.throws(() => parseConfig({ board: id, devices: {} }), /holds no firmware: .*; use /);
      await assert.rejects(startSimulator({ board: id, bundleDir: firmware }), { code: "EINVAL", message: /; use / });
      const others = boards.filter(({ refuses }) => refuses === undefined).map((other) => other.id);
      assert.ok(
        words(board.refuses).some((word) => others.includes(word.replace(/[,;]/g, ""))),
        "names a board that holds one",
      );
    });
    return;
  }

  it("has room for each of its builds: a configuration fits beside it, and three fifths of the variables are left", () => {
    for (const build of board.builds) {
      const name = bundleOf(board, build);
      const { size } = statSync(join(firmware, `${name}.js`));
      assert.ok(size <= board.storage - CONFIGURATION, `${name}: ${size} of ${board.storage} B`);
      const estimated = estimatedOf(readFileSync(join(firmware, `${name}.js`), "latin1"));
      assert.ok(estimated < AT_START * board.variables, `${name}: ${estimated} of ${board.variables} variables`);
    }
  });

  it("runs in the simulator, and says which board it is", async function () {
    this.timeout(20_000);
    const simulator = await startSimulator({
      ...{ board: id, bundleDir: firmware },
      // A sensor on I2C finds pins beside the first UART's.
      devices: { ...(board.builds[0]!.features.includes("printers") && { printer0: "escpos" }), temp0: "mlx90614" },
      ...(network.sockets > 0 ? { ports: { tcp: 0 } } : { serial: true }),
    });
    try {
      const { tcp, serial } = simulator.links;
      const host = await connect((tcp ?? serial)!);
      const info = await host.info();
      assert.equal(info.board, id);
      for await (const item of host.sensor("temp0").samples()) {
        assert.equal(item.kind, "reading");
        break;
      }
      await host.close();
    } finally {
      await simulator.stop();
    }
  });
}
