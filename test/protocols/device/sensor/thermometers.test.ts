import assert from "node:assert/strict";
import { ds18b20 } from "../../../../protocols/device/sensor/ds18b20.js";
import { mlx90614 } from "../../../../protocols/device/sensor/mlx90614.js";
import type { Decoded, SensorTable } from "../../../../protocols/device/sensor/index.js";

function decode(table: SensorTable, hex: string): Decoded {
  return table.decoder(1).decode(Buffer.from(hex.replaceAll(" ", ""), "hex"), 0);
}

function only(table: SensorTable, hex: string): { value: number | null; why: string } | string {
  const { readings, damaged } = decode(table, hex);
  assert.equal(readings.length + damaged.length, 1);
  const [reading] = readings;
  return reading ? { value: reading.values[0]!, why: reading.why } : damaged[0]!.cause;
}

describe("MLX90614 table", () => {
  const vectors: [string, string, number | null, string][] = [
    ["the data sheet's example", "d23a30", 28.01, ""],
    ["a body", "303c4b", 35.01, ""],
    ["the least", "ad2702", -70.01, ""],
    ["the most", "ff7fab", 382.19, ""],
    ["below the least", "ac2717", null, "out of range"],
    ["nothing while the EEPROM is written", "000006", null, "out of range"],
    ["the error flag", "d2bab9", null, "sensor error"],
  ];
  for (const [name, hex, value, why] of vectors)
    it(`decodes ${name}`, () => assert.deepEqual(only(mlx90614, hex), { value, why }));

  it("gives no value for any single bit that is wrong, but damage", () => {
    for (let bit = 0; bit < 24; bit++) {
      const unit = Buffer.from("d23a30", "hex");
      unit[bit >> 3]! ^= 1 << (bit & 7);
      assert.equal(only(mlx90614, unit.toString("hex")), "PEC");
    }
  });

  it("numbers the units of a batch, damaged ones with them", () => {
    const { readings, damaged } = decode(mlx90614, "d23a30 d23a31 d23a30");
    assert.deepEqual(
      readings.map(({ unit }) => unit),
      [0, 2],
    );
    assert.deepEqual(damaged, [{ unit: 1, cause: "PEC" }]);
  });
});

describe("DS18B20 table", () => {
  const vectors: [string, string, number | null, string][] = [
    ["+25.0625", "9101 4b46 7fff 0c10 70", 25.0625, ""],
    ["+125", "d007 4b46 7fff 0c10 f4", 125, ""],
    ["-0.5", "f8ff 4b46 7fff 0c10 c3", -0.5, ""],
    ["-55", "90fc 4b46 7fff 0c10 4f", -55, ""],
    ["at nine bits, without what is below them", "9701 4b46 1fff 0c10 73", 25, ""],
    ["the value of power-on", "5005 4b46 7fff 0c10 1c", null, "power-on value"],
    ["what no such sensor measures", "e007 4b46 7fff 0c10 08", null, "out of range"],
  ];
  for (const [name, hex, value, why] of vectors)
    it(`decodes ${name}`, () => assert.deepEqual(only(ds18b20, hex), { value, why }));

  it("takes the zeros of a bus that is held low, whose CRC is right, for damage", () => {
    assert.equal(only(ds18b20, "00".repeat(9)), "no scratchpad");
    assert.equal(only(ds18b20, "ff".repeat(9)), "CRC");
  });

  it("gives no value for any single bit that is wrong, but damage", () => {
    for (let bit = 0; bit < 72; bit++) {
      const unit = Buffer.from("91014b467fff0c1070", "hex");
      unit[bit >> 3]! ^= 1 << (bit & 7);
      assert.equal(only(ds18b20, unit.toString("hex")), "CRC");
    }
  });
});
