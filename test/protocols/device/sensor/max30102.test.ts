import assert from "node:assert/strict";
import { max30102 } from "../../../../protocols/device/sensor/max30102.js";

function decode(hex: string): unknown[] {
  const { readings, events, damaged } = max30102.decoder(100).decode(Buffer.from(hex.replaceAll(" ", ""), "hex"), 0);
  assert.deepEqual([events, damaged], [[], []]);
  return readings.map(({ unit, values, why }) => [unit, ...values, why]);
}

describe("MAX30102 table", () => {
  const vectors: [string, string, unknown[]][] = [
    ["counts of 18 bits", "012345 023456", [0, 0x12345, 0x23456, ""]],
    ["the bits above them as nothing", "fd2345 fe3456", [0, 0x12345, 0x23456, ""]],
    ["one colour without light as a count", "000000 000001", [0, 0, 1, ""]],
    ["no light at all as no values", "000000 000000", [0, null, null, "no light"]],
    ["a colour at the converter's end as none", "03ffff 023456", [0, null, 0x23456, "saturated"]],
    ["the ones of a bus without a chip as none", "ffffff ffffff", [0, null, null, "saturated"]],
  ];
  for (const [name, hex, reading] of vectors) it(`takes ${name}`, () => assert.deepEqual(decode(hex), [reading]));

  it("gives a reading for each whole unit of a batch", () => {
    assert.deepEqual(decode("000001 000002 000003 000004 000005"), [
      [0, 1, 2, ""],
      [1, 3, 4, ""],
    ]);
  });
});
