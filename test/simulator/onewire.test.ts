import assert from "node:assert/strict";
import { OneWireBus } from "../../simulator/onewire.js";
import { Ds18b20, type Ds18b20Options } from "../../simulator/peripheral/sensor/ds18b20.js";
import { run, type TestBoard } from "./board.js";

/** Runs a program with thermometers on pin D5; its lines after so many ms. */
async function lines(program: string, ms: number, ...thermometers: Ds18b20Options[]): Promise<string[]> {
  const board: TestBoard = run("");
  const devices = thermometers.map((options) => new Ds18b20(options));
  for (const device of devices) device.connect(board.clock);
  board.runtime.oneWire.attach("D5", new OneWireBus(devices));
  board.runtime.run(`var wire = new OneWire(D5);\n${program}`);
  await board.clock.run(ms);
  board.runtime.stop();
  return board.lines;
}

describe("simulated interpreter: one-wire", () => {
  it("reads a thermometer", async () => {
    const program = `
      print(wire.reset()); wire.skip(); wire.write(0x44, true);
      setTimeout(function () { wire.reset(); wire.skip(); wire.write([0xBE]); print(wire.read(9)[0], wire.read()) }, 760)`;
    assert.deepEqual(await lines(program, 900, { temperature: 21.5 }), ["true", "88 255"]);
  });

  it("finds thermometers and selects one", async () => {
    const program = `
      var found = wire.search(); print(found.length, found[0].substr(0, 4));
      wire.reset(); wire.skip(); wire.write(0x44);
      setTimeout(function () { wire.select(found[1]); wire.write(0xBE); print(wire.read(1)[0]) }, 800);
      try { wire.select("28") } catch (e) { print(e.message) }`;
    const expected = ["2 2802", 'Invalid OneWire device address "28"', "224"];
    assert.deepEqual(
      await lines(program, 1000, { serial: 1, temperature: 30 }, { serial: 2, temperature: 20 }),
      expected,
    );
  });

  it("hears nobody on a wire without one, and takes its time", async () => {
    const program = `
      var start = getTime(); print(wire.reset(), wire.read(2).join(), wire.search().length);
      var other = new OneWire(D6); print(other.reset());
      start = getTime(); wire.read(100); print(Math.round((getTime() - start) * 1000))`;
    assert.deepEqual(await lines(program, 200, { fault: "absent" }), ["false 255,255 0", "false", "53"]);
  });
});
