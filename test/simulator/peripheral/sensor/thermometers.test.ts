import assert from "node:assert/strict";
import { ds18b20 } from "../../../../protocols/device/sensor/ds18b20.js";
import { mlx90614 } from "../../../../protocols/device/sensor/mlx90614.js";
import { I2cBus } from "../../../../simulator/bus.js";
import { VirtualClock } from "../../../../simulator/clock.js";
import { OneWireBus } from "../../../../simulator/onewire.js";
import { Ds18b20, type Ds18b20Options } from "../../../../simulator/peripheral/sensor/ds18b20.js";
import { Mlx90614, type Mlx90614Options } from "../../../../simulator/peripheral/sensor/mlx90614.js";

function readWord(options: Mlx90614Options, command = 0x07): { chip: Mlx90614; read: () => Uint8Array } {
  const chip = new Mlx90614(options);
  chip.connect(new VirtualClock());
  const bus = new I2cBus([chip]);
  const read = (): Uint8Array => {
    assert.equal(bus.write(0x5a, Uint8Array.of(command), false), "done");
    return bus.read(0x5a, 3, true) as Uint8Array;
  };
  return { chip, read };
}

describe("simulated MLX90614", () => {
  it("gives the temperature that its table decodes", () => {
    for (const object of [-70, -0.01, 36.6, 382]) {
      const { read } = readWord({ object });
      const [reading] = mlx90614.decoder(1).decode(read(), 0).readings;
      assert.ok(Math.abs(reading!.values[0]! - object) <= 0.011, `${reading!.values[0]} for ${object}`);
    }
  });

  it("gives its own temperature, its address and its flags, each with a PEC", () => {
    assert.deepEqual([...readWord({ ambient: 28.01 }, 0x06).read().slice(0, 2)], [0xd2, 0x3a]);
    assert.equal(readWord({}, 0x2e).read()[0], 0x5a);
    assert.equal(readWord({}, 0xf0).read()[0], 0x10);
  });

  it("damages answers at the rate asked for, and each is told", () => {
    const { chip, read } = readWord({ errors: 0.1, seed: 3 });
    const decoder = mlx90614.decoder(1);
    let [values, damaged] = [0, 0];
    for (let i = 0; i < 1000; i++) {
      const decoded = decoder.decode(read(), 0);
      damaged += decoded.damaged.length;
      for (const reading of decoded.readings) {
        assert.deepEqual(reading.values, [36.61]);
        values++;
      }
    }
    assert.equal(values + damaged, chip.produced);
    assert.equal(damaged, chip.faults.damaged);
    assert.ok(damaged > 70 && damaged < 130);
  });

  it("has an error flag, is absent, or stuck", () => {
    const [reading] = mlx90614.decoder(1).decode(readWord({ fault: "error" }).read(), 0).readings;
    assert.deepEqual([reading!.values, reading!.why], [[null], "sensor error"]);
    assert.throws(() => readWord({ fault: "absent" }).read(), /nobody/);
    assert.throws(() => readWord({ fault: "stuck" }).read(), /stuck/);
  });
});

/** Thermometers on one wire, as a driver uses them. */
class Wire {
  readonly clock = new VirtualClock();
  readonly devices: Ds18b20[];
  readonly bus: OneWireBus;

  constructor(...options: Ds18b20Options[]) {
    this.devices = options.map((each) => new Ds18b20(each));
    for (const device of this.devices) device.connect(this.clock);
    this.bus = new OneWireBus(this.devices);
  }

  /** @param rom whom it is for; all, if left out */
  say(command: number, rom?: Uint8Array): boolean {
    const present = this.bus.reset();
    for (const byte of rom ? [0x55, ...rom] : [0xcc]) this.bus.write(byte);
    this.bus.write(command);
    return present;
  }

  read(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => this.bus.read());
  }

  value(rom?: Uint8Array): unknown {
    this.say(0xbe, rom);
    const { readings, damaged } = ds18b20.decoder(1).decode(this.read(9), 0);
    const [reading] = readings;
    return reading ? (reading.values[0] ?? reading.why) : damaged[0]!.cause;
  }
}

describe("simulated DS18B20", () => {
  it("has the value of power-on until a conversion is over, 750 ms later", async () => {
    const wire = new Wire({ temperature: 36.5625 });
    assert.equal(wire.value(), "power-on value");
    assert.equal(wire.say(0x44), true);
    assert.equal(wire.bus.read(), 0);
    await wire.clock.run(749);
    assert.equal(wire.bus.read(), 0);
    await wire.clock.run(1);
    assert.equal(wire.bus.read(), 0xff);
    assert.equal(wire.value(), 36.5625);
    wire.devices[0]!.temperature = -10.125;
    assert.equal(wire.value(), 36.5625);
    wire.say(0x44);
    await wire.clock.run(750);
    assert.equal(wire.value(), -10.125);
    assert.equal(wire.devices[0]!.produced, 4);
  });

  it("converts faster with fewer bits, as its scratchpad then says", async () => {
    const wire = new Wire({ temperature: 20.9 });
    wire.say(0x4e);
    for (const byte of [0x4b, 0x46, 0x1f]) wire.bus.write(byte);
    wire.say(0x44);
    await wire.clock.run(94);
    assert.equal(wire.value(), 20.5);
  });

  it("is found by its ROM, and answers to it alone", async () => {
    const wire = new Wire({ serial: 2, temperature: 20 }, { serial: 1, temperature: 30 });
    const roms = wire.bus.search();
    assert.deepEqual(
      roms.map(([family, serial]) => [family, serial]),
      [
        [0x28, 2],
        [0x28, 1],
      ],
    );
    wire.say(0x44);
    await wire.clock.run(750);
    assert.deepEqual(
      roms.map((rom) => wire.value(rom)),
      [20, 30],
    );
  });

  it("says its ROM when it is alone", () => {
    for (const [fault, family] of [
      ["none", 0x28],
      ["wrong", 0x10],
    ] as const) {
      const wire = new Wire({ serial: 7, fault });
      wire.bus.reset();
      wire.bus.write(0x33);
      assert.deepEqual(wire.read(8), wire.devices[0]!.rom);
      assert.equal(wire.devices[0]!.rom[0], family);
    }
  });

  it("is a DS18S20 with `wrong`: half degrees, no configuration, and no number for who takes it for a DS18B20", async () => {
    const wire = new Wire({ fault: "wrong", temperature: -25.25 });
    assert.equal(wire.value(), "no scratchpad");
    wire.say(0xbe);
    assert.deepEqual([...wire.read(8)], [0xaa, 0x00, 0x4b, 0x46, 0xff, 0xff, 0x0c, 0x10]);
    wire.say(0x4e);
    for (const byte of [0x4b, 0x46]) wire.bus.write(byte);
    wire.say(0x44);
    await wire.clock.run(750);
    assert.equal(wire.value(), "no scratchpad");
    wire.say(0xbe);
    // The data sheet's own example: -25.0 °C.
    assert.deepEqual([...wire.read(5)], [0xce, 0xff, 0x4b, 0x46, 0xff]);
  });

  it("damages scratchpads at the rate asked for, and each is told", async () => {
    const wire = new Wire({ errors: 0.1, temperature: 36.5 });
    wire.say(0x44);
    await wire.clock.run(750);
    const values = Array.from({ length: 500 }, () => wire.value());
    const { produced, faults } = wire.devices[0]!;
    assert.deepEqual(new Set(values), new Set([36.5, "CRC"]));
    assert.equal(values.filter((value) => value === "CRC").length, faults.damaged);
    assert.equal(produced, 500);
  });

  it("is absent, on a wire that is held low, breaks down as it converts, or was unplugged: never a number", async () => {
    assert.equal(new Wire({ fault: "absent" }).bus.reset(), false);
    assert.equal(new Wire({ fault: "absent" }).value(), "CRC");
    const stuck = new Wire({ fault: "stuck" });
    assert.equal(stuck.bus.reset(), true);
    assert.equal(stuck.value(), "no scratchpad");
    const weak = new Wire({ fault: "brownout" });
    weak.say(0x44);
    await weak.clock.run(750);
    assert.equal(weak.value(), "power-on value");
    const away = new Wire({ unplugged: [{ from: 1000, ms: 500 }] });
    away.say(0x44);
    await away.clock.run(800);
    assert.equal(away.value(), 36.5);
    await away.clock.run(400);
    assert.equal(away.bus.reset(), false);
    await away.clock.run(400);
    assert.equal(away.value(), "power-on value");
  });
});
