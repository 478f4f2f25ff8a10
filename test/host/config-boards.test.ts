/** What one board's headers, interrupt lines and cable allow, and another's do not: refused before it is flashed, with what would be right. */
import assert from "node:assert/strict";
import { ConfigError, parseConfig } from "../../host/index.js";

const tcp = { links: { tcp: { port: 9180, insecure: true } } };
const wifi = { ...tcp, network: { ssid: "ward" } };

function faults(config: object): string[] {
  try {
    parseConfig(config);
  } catch (error) {
    // How many variables they take is measured anew with the firmware: config-memory.test.ts.
    const measured = /(?<=about )\d+(?= variables)/;
    if (error instanceof ConfigError)
      return error.faults.map(({ path, problem }) => `${path}: ${problem.replace(measured, "N")}`);
    throw error;
  }
  return [];
}

const ecg = (out: string, loPlus: string, loMinus: string): object => ({
  driver: "ad8232",
  pins: { out, loPlus, loMinus },
});

describe("a configuration for a board", () => {
  const cases: [string, object, string[]][] = [
    [
      "that holds no firmware, whatever else is wrong",
      { board: "esp8266", ...wifi, devices: { printer0: { driver: "escpos", uart: "Serial9", baud: 9600 } } },
      [
        "board: esp8266 holds no firmware: the smallest firmware takes about 1,050 of its 1,600 variables before anybody comes, and a session needs 1,060 more; use esp32 or esp32c3",
      ],
    ],
    [
      "whose pin can only be read",
      { board: "esp32", ...wifi, devices: { temp0: { driver: "ds18b20", pins: { data: "D34" } } } },
      ["devices.temp0.pins.data: D34 can only be read; choose a pin that can be written, too"],
    ],
    ["whose pin can only be read, read", { board: "esp32", ...wifi, devices: { ecg0: ecg("D34", "D35", "D25") } }, []],
    [
      "whose UART is the cable to a host",
      { board: "esp32c3", ...wifi, devices: { printer0: { driver: "escpos", uart: "Serial1", baud: 9600 } } },
      ["devices.printer0.uart: Serial1 is the cable to a host; free are Serial2"],
    ],
    [
      "that has no UART but the cable",
      { board: "microbit2", devices: { spo2: { driver: "nonin", uart: "Serial1" } } },
      ["devices.spo2.uart: Serial1 is the cable to a host; the board has no other"],
    ],
    [
      "whose usual pins are on no header",
      { board: "nucleo-f767", ...tcp, devices: { printer0: { driver: "escpos", uart: "Serial6", baud: 9600 } } },
      [
        "devices.printer0.uart: A11, a usual pin of Serial6, is on no header; name other pins",
        "devices.printer0.uart: A12, a usual pin of Serial6, is on no header; name other pins",
      ],
    ],
    [
      "two of whose pins share an interrupt line",
      { board: "nucleo-f411", ...tcp, devices: { ecg0: ecg("A0", "B1", "C1") } },
      ["devices.ecg0.pins.loMinus: C1 cannot be watched beside B1; choose a pin with another number"],
    ],
    [
      "one of whose pins the network has",
      { board: "mdbt42q", ...tcp, devices: { ecg0: ecg("D3", "D4", "D14") } },
      ["devices.ecg0.pins.loMinus: D14 is taken by the network; choose another pin"],
    ],
    [
      "with more pins to be watched than it has lines",
      {
        board: "mdbt42q",
        ...tcp,
        devices: {
          ecg0: ecg("D3", "D6", "D7"),
          ecg1: ecg("D4", "D8", "D9"),
          ecg2: ecg("D5", "D10", "D11"),
          ecg3: ecg("D28", "D18", "D19"),
          ecg4: ecg("D29", "D20", "D20"),
        },
      },
      [
        "devices.ecg4.pins.loPlus: mdbt42q can watch 8 pins at once, and this is one more; leave it out, or use another board",
        "devices.ecg4.pins.loMinus: D20 is taken by devices.ecg4.pins.loPlus; choose another pin",
      ],
    ],
    [
      "that has too few variables for all of its devices",
      {
        ...{ board: "mdbt42q", ...tcp },
        devices: {
          ecg0: ecg("D3", "D6", "D7"),
          temp0: { driver: "ds18b20", pins: { data: "D9" } },
          temp1: { driver: "ds18b20", pins: { data: "D10" } },
        },
      },
      [
        "devices: take about N variables with a host that reads all of them, and mdbt42q has 2950; what would fit: all but ecg0, or all but temp0, or all but temp1",
      ],
    ],
    [
      "that has enough for two",
      {
        ...{ board: "mdbt42q", ...tcp },
        devices: { ecg0: ecg("D3", "D6", "D7"), temp0: { driver: "ds18b20", pins: { data: "D9" } } },
      },
      [],
    ],
    [
      "without a converter",
      { board: "raspberrypi", ...tcp, devices: { ecg0: ecg("D17", "D18", "D19") } },
      ["devices.ecg0.pins.out: raspberrypi has no pin for that; remove it"],
    ],
    [
      "with a network and without keys",
      { board: "nucleo-f411", key: "00".repeat(32), links: { tcp: { port: 9180 } } },
      [
        "key: nucleo-f411 has no SHA256 and AES in its interpreter; remove it: whoever reaches the port or holds the cable is let in",
      ],
    ],
    [
      "with a network and without keys that lets in everybody by mistake",
      { board: "nucleo-f411", links: { tcp: { port: 9180 } } },
      ['links.tcp: lets in everybody who reaches the port: add "insecure": true'],
    ],
  ];
  for (const [name, config, found] of cases) it(name, () => assert.deepEqual(faults(config), found));
});
