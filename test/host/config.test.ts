import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { boards } from "../../boards/index.js";
import { DRIVERS } from "../../host/config/devices.js";
import { ConfigError, configJsonSchema, parseConfig } from "../../host/config/index.js";

const KEY = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

const desk = {
  board: "linux",
  name: "frontdesk",
  key: KEY,
  links: { tcp: { port: 9180 }, udp: { port: 9180 }, serial: { uart: "Serial2", baud: 230400, path: "/dev/pts/3" } },
  devices: { printer0: { driver: "escpos", uart: "Serial1", baud: 115200, flow: "xonxoff", path: "/dev/pts/4" } },
  endpoints: [{ service: "raw", device: "printer0", port: 9100, busy: "wait", idle: 60, backlog: 4 }],
};

const pico = {
  board: "pico-wiznet",
  devices: {
    printer0: {
      driver: "escpos",
      uart: "Serial1",
      baud: 115200,
      flow: "rtscts",
      pins: { tx: "B6", rx: "B7", cts: "A8" },
    } as Record<string, unknown>,
  },
};

const wifi = {
  board: "espruino-wifi",
  devices: { printer0: { driver: "escpos", uart: "Serial1", baud: 115200 } },
  buses: {
    i2c0: { port: "I2C1", bitrate: 400_000, pins: { scl: "B8", sda: "B9" } },
    spi0: { port: "SPI1", mode: 0, order: "msb", cs: ["A4", "A1"] },
  },
};

const ecg = {
  board: "espruino-wifi",
  devices: { ecg0: { driver: "ad8232", rate: 250, pins: { out: "A0", loPlus: "A5", loMinus: "B10" } } },
};

/** Whatever a test changes of a configuration. */
type Loose = { [key: string]: any };

function faults(source: unknown): string[] {
  try {
    parseConfig(source);
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    assert.equal(error.code, "EINVAL");
    return error.faults.map(({ path, problem }) => (path ? `${path}: ${problem}` : problem));
  }
  return [];
}

function changed(base: object, change: (config: Loose) => void): Loose {
  const config = structuredClone(base) as Loose;
  change(config);
  return config;
}

/** Those that hold a firmware. */
const BOARDS = boards
  .filter(({ builds }) => builds.length > 0)
  .map(({ id }) => id)
  .join(", ");

describe("configuration", () => {
  it("takes a good one, as text and as an object, and changes nothing", () => {
    assert.deepEqual(parseConfig(desk), desk);
    assert.deepEqual(parseConfig(ecg), ecg);
    assert.deepEqual(parseConfig(JSON.stringify(desk)), desk);
    assert.deepEqual(parseConfig(`\uFEFF${JSON.stringify(desk)}`), desk);
    assert.deepEqual(parseConfig(pico), pico);
    assert.deepEqual(parseConfig({ board: "espruino-wifi" }), { board: "espruino-wifi" });
  });

  it("needs no key for a serial link, nor for network links that say they are insecure", () => {
    const serial = changed(desk, (c) => (delete c["key"], delete c["links"].tcp, delete c["links"].udp));
    assert.deepEqual(faults(serial), []);
    const open = changed(desk, (c) => {
      delete c["key"];
      c["links"].tcp.insecure = c["links"].udp.insecure = c["links"].serial.trusted = true;
    });
    assert.deepEqual(faults(open), []);
  });

  it("needs no terminal device and no wireless network when simulated", () => {
    const simulated = changed(desk, (c) => delete c["devices"].printer0.path);
    assert.match(faults(simulated)[0]!, /^devices\.printer0\.path: is missing: give the terminal device/);
    assert.deepEqual(parseConfig(simulated, { simulated: true }), simulated);
    const wireless = { board: "espruino-wifi", links: { tcp: { port: 9180, insecure: true } } };
    assert.match(faults(wireless)[0]!, /^network\.ssid: is missing: give the name of the wireless network/);
    assert.deepEqual(parseConfig(wireless, { simulated: true }), wireless);
  });

  it("refuses one that is for another board", () => {
    assert.throws(() => parseConfig(desk, { board: "pico-wiznet" }), /board: is linux, but the board is pico-wiznet/);
  });

  it("lists every fault at once, each on its line", () => {
    const bad = changed(desk, (c) => {
      c["links"].tcp.port = 70000;
      c["devices"].printer0.bauds = 9600;
      delete c["endpoints"][0].device;
    });
    assert.throws(() => parseConfig(bad), {
      code: "EINVAL",
      message: [
        "EINVAL: the configuration is not right:",
        "  links.tcp.port: must be a port from 1 to 65535, not 70000",
        '  devices.printer0.bauds: is unknown; did you mean "baud"?',
        '  endpoints[0].device: is missing: give the name of a device under "devices"',
      ].join("\n"),
    });
  });

  it("lists faults of shape and broken rules together, each once and under its own number", () => {
    const bad = changed(desk, (c) => {
      c["links"].serial.baud = "fast";
      c["devices"].printer1 = { ...c["devices"].printer0, path: "/dev/pts/5" };
      c["endpoints"].unshift({ service: "raw", device: "printer0", port: 0 });
      c["endpoints"].push({ service: "raw", device: "printer9", port: 9100 });
    });
    assert.deepEqual(faults(bad), [
      'links.serial.baud: must be a speed in bits a second from 1 to 10000000, not "fast"',
      "endpoints[0].port: must be a port from 1 to 65535, not 0",
      "devices.printer1.uart: Serial1 is taken by devices.printer0; free are Serial2, Serial3, Serial4, Serial5, Serial6",
      "endpoints[2].port: port 9100 is taken by endpoints[1]; choose another",
      "endpoints[2].device: there is no device printer9; there are printer0, printer1",
    ]);
  });

  const onDesk: [string, (config: Loose) => void, string][] = [
    ["an unknown board", (c) => (c["board"] = "pic"), `board: must be a board: ${BOARDS}, not "pic"`],
    ["no board", (c) => delete c["board"], `board: is missing: give a board: ${BOARDS}`],
    [
      "a name with a space",
      (c) => (c["name"] = "front desk"),
      'name: must be 1 to 32 letters, digits and hyphens, not "front desk"',
    ],
    [
      "what no JSON holds",
      (c) => (c["links"].tcp = Symbol("x")),
      'links.tcp: must be an object with a "port", not Symbol(x)',
    ],
    ["a mistyped key at the top", (c) => (c["device"] = c["devices"]), 'device: is unknown; did you mean "devices"?'],
    [
      "a key like no other",
      (c) => (c["links"].bluetooth = {}),
      "links.bluetooth: is unknown; known here are tcp, udp, serial",
    ],
    ["a port of 0", (c) => (c["links"].udp.port = 0), "links.udp.port: must be a port from 1 to 65535, not 0"],
    [
      "a port that is text",
      (c) => (c["endpoints"][0].port = "9100"),
      'endpoints[0].port: must be a port from 1 to 65535, not "9100"',
    ],
    ["a link that is a number", (c) => (c["links"].tcp = 9180), 'links.tcp: must be an object with a "port", not 9180'],
    [
      "an unknown driver",
      (c) => (c["devices"].printer0.driver = "zpl"),
      `devices.printer0.driver: must be the name of a driver: ${DRIVERS}, not "zpl"`,
    ],
    [
      "an unknown flow control",
      (c) => (c["devices"].printer0.flow = "xon"),
      'devices.printer0.flow: must be "none", "xonxoff", "rtscts" or "dtrdsr", not "xon"',
    ],
    [
      "a device name with a colon",
      (c) => (c["devices"]["p:1"] = { ...c["devices"].printer0, uart: "Serial3", path: "/dev/pts/9" }),
      "devices.p:1: must be named by up to 16 small letters, digits and hyphens, a letter first",
    ],
    [
      "an endpoint of a device that is not there",
      (c) => (c["endpoints"][0].device = "printer1"),
      "endpoints[0].device: there is no device printer1; there are printer0",
    ],
    [
      "two endpoints on one port",
      (c) => c["endpoints"].push({ ...c["endpoints"][0] }),
      "endpoints[1].port: port 9100 is taken by endpoints[0]; choose another",
    ],
    [
      "an endpoint on the link's port",
      (c) => (c["endpoints"][0].port = 9180),
      "endpoints[0].port: port 9180 is taken by links.tcp; choose another",
    ],
    [
      "one UART for two",
      (c) => (c["devices"].printer0.uart = "Serial2"),
      "devices.printer0.uart: Serial2 is taken by links.serial; free are Serial1, Serial3, Serial4, Serial5, Serial6",
    ],
    [
      "one terminal for two",
      (c) => (c["devices"].printer0.path = "/dev/pts/3"),
      "devices.printer0.path: /dev/pts/3 is taken by links.serial; name another terminal device",
    ],
    [
      "a UART that the board lacks",
      (c) => (c["devices"].printer0.uart = "Serial7"),
      "devices.printer0.uart: linux has no UART Serial7; it has Serial1, Serial2, Serial3, Serial4, Serial5, Serial6",
    ],
    [
      "a speed that the board lacks",
      (c) => (c["devices"].printer0.baud = 12345),
      "devices.printer0.baud: linux does not run at 12345; choose among 1200, 2400, 4800, 9600, 19200, 38400, 57600, " +
        "115200, 230400, 460800, 500000, 576000, 921600, 1000000",
    ],
    [
      "hardware flow control on a board without pins",
      (c) => (c["devices"].printer0.flow = "rtscts"),
      'devices.printer0.flow: linux has no pins for rtscts; use "xonxoff" or "none"',
    ],
    [
      "a network on a computer",
      (c) => (c["network"] = { ssid: "shop" }),
      "network: linux has the network of its computer; remove it",
    ],
    [
      "pins on a board without pins",
      (c) => (c["devices"].printer0.pins = { tx: "B6" }),
      "devices.printer0.pins.tx: linux has no pins; remove it",
    ],
  ];

  const onKeys: typeof onDesk = [
    [
      "a network link without a key",
      (c) => {
        delete c["key"];
        delete c["links"].udp;
      },
      'links.tcp: lets in everybody who reaches the port: give the board a "key" (devsock key new), or its file with --key-file, or add "insecure": true',
    ],
    [
      "a link that is insecure beside a key",
      (c) => (c["links"].udp.insecure = true),
      'links.udp.insecure: stands beside a "key": remove one of the two',
    ],
    [
      "a key that is too short, without showing it",
      (c) => (c["key"] = KEY.slice(1)),
      "key: must be 64 hexadecimal digits: make a key with: devsock key new",
    ],
    ["a mistyped key", (c) => ((c["Key"] = KEY), delete c["key"]), 'Key: is unknown; did you mean "key"?'],
    [
      "trust in a network",
      (c) => (c["links"].tcp.trusted = true),
      "links.tcp.trusted: is unknown; known here are port, insecure",
    ],
  ];

  const ofEcg: [string, (config: Loose) => void, string][] = [
    [
      "a rate that the sensor has not",
      (c) => (c["devices"].ecg0.rate = 5000),
      "devices.ecg0.rate: must be a number of readings a second from 50 to 1000, not 5000",
    ],
    [
      "a sensor without its output",
      (c) => delete c["devices"].ecg0.pins.out,
      'devices.ecg0.pins.out: is missing: give the name of a pin, such as "B6"',
    ],
    [
      "an output on a pin without a converter",
      (c) => (c["devices"].ecg0.pins.out = "B3"),
      "devices.ecg0.pins.out: the converter cannot use B3 as out; it can use A0, A1, A4, A5, A6, A7, B0, B1",
    ],
    [
      "two leads on one interrupt line",
      (c) => (c["devices"].ecg0.pins.loMinus = "B5"),
      "devices.ecg0.pins.loMinus: B5 cannot be watched beside A5; choose a pin with another number",
    ],
    [
      "what only another driver has",
      (c) => (c["devices"].ecg0.baud = 9600),
      "devices.ecg0.baud: is unknown; known here are driver, rate, pins",
    ],
    [
      "a pin nearly right",
      (c) => (c["devices"].ecg0.pins.lominus = "B1"),
      'devices.ecg0.pins.lominus: is unknown; did you mean "loMinus"?',
    ],
    [
      "a raw port for a sensor",
      (c) => {
        c["network"] = { ssid: "clinic" };
        c["endpoints"] = [{ service: "raw", device: "ecg0", port: 9100 }];
      },
      "endpoints[0].device: ecg0 is no printer; a raw port is for one, and hosts reach the others over a link",
    ],
  ];

  const onPico: [string, (config: Loose) => void, string][] = [
    [
      "sockets of the board's network where the firmware has none",
      (c) => (c["inet"] = true),
      "inet: pico-wiznet has no room for sockets of its network in its firmware; remove it",
    ],
    [
      "a pin that the board lacks",
      (c) => (c["devices"].printer0.pins.cts = "C9"),
      "devices.printer0.pins.cts: pico-wiznet has no pin C9; it has A0, A1, A2, A3, A4, A5, A6, A7, A8, A10, B1, B3, " +
        "B4, B5, B6, B7, B8, B9, B10, B13, B14, B15",
    ],
    [
      "a pin that the UART cannot use",
      (c) => (c["devices"].printer0.pins.tx = "A2"),
      "devices.printer0.pins.tx: Serial1 cannot use A2 as tx; it can use B6",
    ],
    [
      "one pin for two wires",
      (c) => (c["devices"].printer0.pins.cts = "B7"),
      "devices.printer0.pins.cts: B7 is taken by devices.printer0.pins.rx; choose another pin",
    ],
    [
      "two watched pins on one interrupt line",
      (c) =>
        (c["devices"].printer1 = {
          driver: "escpos",
          uart: "Serial2",
          baud: 9600,
          flow: "dtrdsr",
          pins: { cts: "B8" },
        }),
      "devices.printer1.pins.cts: B8 cannot be watched beside A8; choose a pin with another number",
    ],
    [
      "hardware flow control without its pin",
      (c) => delete c["devices"].printer0.pins.cts,
      "devices.printer0.pins.cts: is missing: rtscts needs the pin on which the device says that it is ready",
    ],
    [
      "a wireless network on Ethernet",
      (c) => (c["network"] = { ssid: "shop", ip: "10.0.0.7" }),
      "network.ssid: pico-wiznet is on Ethernet; remove it",
    ],
    [
      "an address that is none",
      (c) => (c["network"] = { ip: "10.0.0.256" }),
      'network.ip: must be an IPv4 address, not "10.0.0.256"',
    ],
    [
      "a terminal on a board with pins",
      (c) => (c["devices"].printer0.path = "/dev/ttyS0"),
      "devices.printer0.path: pico-wiznet has pins, no terminal devices; remove it",
    ],
    [
      "a speed beyond the board",
      (c) => (c["devices"].printer0.baud = 3000000),
      "devices.printer0.baud: pico-wiznet runs from 1200 to 1000000 bits a second, not at 3000000",
    ],
    [
      "more TCP ports than the board can listen on",
      (c) => {
        c["board"] = "espruino-wifi";
        c["network"] = { ssid: "shop", password: "open sesame" };
        c["links"] = { tcp: { port: 9180, insecure: true } };
        c["endpoints"] = [{ service: "raw", device: "printer0", port: 9100 }];
      },
      "endpoints: espruino-wifi can listen on 1 TCP port at once, and 2 are asked for; remove endpoints, or links.tcp",
    ],
  ];

  it("leaves names that begin other addresses", () => {
    const named = changed(desk, (c) => ((c["devices"].program = c["devices"].printer0), delete c["devices"].printer0));
    delete named["endpoints"];
    assert.deepEqual(faults(named), ["devices.program: begins other addresses; choose another name"]);
  });

  const onBuses: [string, (config: Loose) => void, string][] = [
    [
      "a port that the board lacks",
      (c) => (c["buses"].i2c0.port = "I2C4"),
      "buses.i2c0.port: espruino-wifi has no port I2C4; it has I2C1, I2C2, I2C3, SPI1, SPI2, SPI3",
    ],
    [
      "a port for two buses",
      (c) => (c["buses"].spi1 = { port: "SPI1", cs: ["B1"], pins: { sck: "B3" } }),
      "buses.spi1.port: SPI1 is taken by buses.spi0; choose another port",
    ],
    [
      "no port",
      (c) => delete c["buses"].i2c0.port,
      'buses.i2c0.port: is missing: give the name of a port, such as "I2C1" or "SPI1"',
    ],
    [
      "a usual pin that a UART uses",
      (c) => delete c["buses"].i2c0.pins,
      "buses.i2c0.port: B6, a usual pin of I2C1, is taken by devices.printer0.uart; name other pins|buses.i2c0.port: B7, a usual pin of I2C1, is taken by devices.printer0.uart; name other pins",
    ],
    [
      "a pin for two buses",
      (c) => (c["buses"].spi0.cs = ["A4", "B9"]),
      "buses.spi0.cs[1]: B9 is taken by buses.i2c0.pins.sda; choose another pin",
    ],
    [
      "a pin that the port cannot use",
      (c) => (c["buses"].i2c0.pins.scl = "B10"),
      "buses.i2c0.pins.scl: I2C1 cannot use B10 as scl; it can use B6, B8",
    ],
    [
      "one pin of two",
      (c) => delete c["buses"].i2c0.pins.sda,
      "buses.i2c0.pins.sda: is missing: name all pins that are used, or none for the usual ones",
    ],
    [
      "a pin of the other kind",
      (c) => (c["buses"].i2c0.pins.mosi = "A0"),
      "buses.i2c0.pins.mosi: is not for I2C1; remove it",
    ],
    ["chip selects on I2C", (c) => (c["buses"].i2c0.cs = ["B1"]), "buses.i2c0.cs: is for SPI; remove it"],
    [
      "I2C that is too fast",
      (c) => (c["buses"].i2c0.bitrate = 1_000_000),
      "buses.i2c0.bitrate: I2C runs at up to 400000 bits a second, not at 1000000",
    ],
    [
      "a mode that SPI has not",
      (c) => (c["buses"].spi0.mode = 4),
      "buses.spi0.mode: must be a mode of SPI from 0 to 3, not 4",
    ],
    [
      "a device's name",
      (c) => (c["buses"].printer0 = { port: "I2C3" }),
      "buses.printer0: there is a device of this name; choose another",
    ],
    ["a mistyped key", (c) => (c["buses"].i2c0.bitrat = 1), 'buses.i2c0.bitrat: is unknown; did you mean "bitrate"?'],
    [
      "pins of the network",
      (c) => {
        c["board"] = "pico-wiznet";
        c["buses"] = { spi0: { port: "SPI1", pins: { sck: "B3", miso: "A6", mosi: "A7" } } };
      },
      "buses.spi0.pins.sck: B3 is taken by the network; choose another pin",
    ],
    [
      "a bus on a PC",
      (c) => {
        c["board"] = "linux";
        delete c["devices"];
        c["buses"] = { i2c0: { port: "I2C1" } };
      },
      "buses.i2c0.port: I2C1 is a stub in the interpreter's Linux build; only a simulated board has it",
    ],
  ];

  it("takes buses on the pins that are left, and simulated ones on a PC", () => {
    assert.deepEqual(parseConfig(wifi), wifi);
    const simulated = { board: "linux", buses: { i2c0: { port: "I2C1" }, spi0: { port: "SPI2", mode: 3 } } };
    assert.deepEqual(parseConfig(simulated, { simulated: true }), simulated);
  });

  for (const [name, change, found] of onBuses)
    it(`names the place and the remedy on buses: ${name}`, () =>
      assert.deepEqual(faults(changed(wifi, change)).sort(), found.split("|")));

  for (const [base, cases] of [
    [desk, onDesk],
    [desk, onKeys],
    [pico, onPico],
    [ecg, ofEcg],
  ] as const)
    for (const [name, change, fault] of cases)
      it(`names the place and the remedy: ${name}`, () => assert.deepEqual(faults(changed(base, change)), [fault]));

  const texts: [string, string, string][] = [
    ["nothing", "", "line 1, column 1: the text ends too early: a value is expected here: text needs double quotes"],
    ["a missing comma", '{\n  "board": "linux"\n  "name": "x"\n}', 'line 3, column 3: "," or "}" is expected here'],
    [
      "a comma too many",
      '{\n  "board": "linux",\n}',
      'line 3, column 1: a name in double quotes is expected here, or "}"',
    ],
    ["an open brace", '{ "board": "linux"', 'line 1, column 19: the text ends too early: "," or "}" is expected here'],
    ["a bare word", '{ "board": linux }', "line 1, column 12: a value is expected here: text needs double quotes"],
    [
      "a comment",
      '{ // the desk\n"board": "linux" }',
      'line 1, column 3: a name in double quotes is expected here, or "}"',
    ],
    [
      "a name twice",
      '{ "board": "linux",\n "board": "linux" }',
      'line 2, column 2: "board" stands twice in one object; remove one',
    ],
    ["two documents", '{ "board": "linux" } {}', "line 1, column 22: nothing more may follow here; remove it"],
    [
      "a line break in a text",
      '{ "board": "li\nnux" }',
      "line 1, column 12: this text has no closing quote on its line, or a bad \\ escape",
    ],
  ];
  for (const [name, text, fault] of texts)
    it(`finds the line and column: ${name}`, () => assert.deepEqual(faults(text), [fault]));

  it("takes the same texts as JSON.parse", () => {
    const good = ["[1, -0.5e3, null, true]", '{"a":{"b":[{}]}}', '"\\u00e9\\n"', " 0 ", "[]"];
    const bad = ["01", "[1,]", "{a:1}", "'a'", "+1", "[1 2]", "nul", '"\\x"', ".5", "1.", "[", "}"];
    for (const text of [...good, ...bad]) {
      const ours = faults(text).some((fault) => fault.startsWith("line "));
      const theirs = (() => {
        try {
          JSON.parse(text);
          return false;
        } catch {
          return true;
        }
      })();
      assert.equal(ours, theirs, text);
    }
  });

  it("knows of a board without a network and without keys that its link is a cable", () => {
    const config = {
      board: "pico",
      key: "00".repeat(32),
      links: { tcp: { port: 9180 }, udp: { port: 9180 }, serial: { uart: "Serial1", baud: 115200 } },
      devices: { printer0: { driver: "escpos", uart: "USB", baud: 9600 } },
    };
    assert.deepEqual(faults(config).sort(), [
      "devices.printer0.uart: USB is the cable to a host; free are Serial2",
      "endpoints: pico has no network; remove endpoints, and links.tcp",
      "key: pico has no SHA256 and AES in its interpreter; remove it: whoever holds the cable is let in",
      "links.udp: pico has no network; use a serial link",
    ]);
    const right = { ...config, key: undefined, links: { serial: { uart: "USB", baud: 1_000_000 } }, devices: {} };
    assert.deepEqual(faults(JSON.parse(JSON.stringify(right))), []);
  });

  it("has a current schema in docs/", () => {
    const file = new URL("../../docs/config.schema.json", import.meta.url);
    assert.equal(
      readFileSync(file, "utf8"),
      `${JSON.stringify(configJsonSchema(), undefined, 2)}\n`,
      "docs/config.schema.json is out of date; run: npm run schema",
    );
  });
});
