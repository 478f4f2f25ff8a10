import assert from "node:assert/strict";
import { OneWireBus } from "../../simulator/onewire.js";
import { Ds18b20 } from "../../simulator/peripheral/sensor/ds18b20.js";
import { OneWirePin } from "../../simulator/pico/onewire.js";
import { onPico, programOn, resultOf } from "./rig.js";

onPico("one-wire on a pin of the emulated chip", function () {
  this.timeout(120_000);

  it("finds two thermometers by the bits of their ROMs, and reads each", () => {
    const devices = [
      new Ds18b20({ temperature: 36.5, serial: 0x1234 }),
      new Ds18b20({ temperature: -10.25, serial: 0x99 }),
    ];
    const rig = programOn(
      `setTimeout(function(){var w=new OneWire(D15),roms=w.search();w.reset();w.skip();w.write(0x44);setTimeout(function(){
         done(roms.map(function(r){w.select(r);w.write(0xbe);var b=w.read(9);return [r,(b[1]<<24>>16|b[0])/16]}))},800)},100)`,
    );
    const { machine } = rig;
    for (const device of devices) device.connect(machine.time);
    new OneWirePin(machine.pins, machine.time, "D15", new OneWireBus(devices));
    const rom = (i: number): string => Buffer.from(devices[i]!.rom).toString("hex");
    assert.deepEqual(resultOf(rig), [
      [rom(0), 36.5],
      [rom(1), -10.25],
    ]);
  });

  it("finds nobody on a wire without devices, and without its resistor", () => {
    const rig = programOn(
      `setTimeout(function(){done([D14,D15].map(function(p){var w=new OneWire(p);return [w.reset(),w.search().length]}))},100)`,
    );
    new OneWirePin(rig.machine.pins, rig.machine.time, "D15", new OneWireBus([]));
    assert.deepEqual(resultOf(rig), [
      [false, 0],
      [false, 0],
    ]);
  });
});
