import assert from "node:assert/strict";
import type { I2cChip } from "../../simulator/bus.js";
import { SerialFlash } from "../../simulator/peripheral/memory/flash.js";
import { onPico, programOn, resultOf } from "./rig.js";

/** 256 registers behind a pointer, as most sensors have them. */
class Registers implements I2cChip {
  readonly kind = "i2c";
  readonly address = 0x57;
  stuck = false;
  /** It does not acknowledge data. */
  refuses = false;
  readonly bytes = Uint8Array.from({ length: 256 }, (_, i) => i ^ 0xa5);
  stops = 0;
  private at = 0;
  private pointed = false;

  connect(): void {}

  start(reading: boolean): boolean {
    if (!reading) this.pointed = false;
    return true;
  }

  write(byte: number): boolean {
    if (this.pointed) this.bytes[this.at++ & 0xff] = byte;
    else this.at = byte;
    this.pointed = true;
    return !this.refuses;
  }

  read(): number {
    return this.bytes[this.at++ & 0xff]!;
  }

  stop(): void {
    this.stops++;
  }
}

const I2C = { board: "pico", buses: { i2c0: { port: "I2C1" } } };

/** `t(f)` notes what a call gives, or the error's words, and how many ms it took. */
const TIMED = `var o=[];function t(f){var a=getTime(),r;try{r=f()}catch(e){r=e.message}o.push([r,(getTime()-a)*1000])}`;

type Timed = [unknown, number][];

onPico("buses of the emulated chip", function () {
  this.timeout(120_000);

  it("I2C reads registers behind a repeated START, in the time that the bits take", () => {
    const chip = new Registers();
    const rig = programOn(
      `${TIMED}I2C1.setup({scl:D9,sda:D8,bitrate:400000});
       t(function(){I2C1.writeTo(0x57,[9,1,2,3])});
       t(function(){I2C1.writeTo({address:0x57,stop:false},8);return E.toString(I2C1.readFrom(0x57,5))});
       t(function(){I2C1.writeTo({address:0x57,stop:false},0);return I2C1.readFrom(0x57,96).length});done(o)`,
      { config: I2C, chips: { i2c0: [chip] } },
    );
    const [, five, many] = resultOf<Timed>(rig);
    assert.deepEqual([...Buffer.from(five![0] as string, "latin1")], [8 ^ 0xa5, 1, 2, 3, 12 ^ 0xa5]);
    assert.equal(many![0], 96);
    assert.equal(chip.stops, 3);
    const wire = (99 * 9) / 400;
    assert.ok(many![1] > wire && many![1] < wire + 2, `${many![1]} ms for ${wire} ms of wire`);
  });

  it("I2C fails where nobody acknowledges, gives a held bus up after 50 ms, and goes on when it is let go", () => {
    const chip = new Registers();
    chip.stuck = true;
    const rig = programOn(
      `${TIMED}I2C1.setup({scl:D9,sda:D8,bitrate:400000});t(function(){I2C1.writeTo(0x57,0)});t(function(){I2C1.readFrom(0x57,2)});
       setTimeout(function(){t(function(){I2C1.writeTo(0x22,0)});t(function(){I2C1.readFrom(0x22,1)});
       t(function(){I2C1.writeTo(0x57,1);return I2C1.readFrom(0x57,1)[0]});done(o)},500)`,
      { config: I2C, chips: { i2c0: [chip] } },
    );
    rig.machine.time.after(400, () => (chip.stuck = false));
    const results = resultOf<Timed>(rig);
    assert.deepEqual(
      results.map(([result]) => result),
      [
        "jshI2CWrite: timeout",
        "jshI2CRead: timeout",
        "jshI2CWrite: I2C I/O error",
        "jshI2CRead: I2C I/O error",
        1 ^ 0xa5,
      ],
    );
    for (const [, ms] of results.slice(0, 2)) assert.ok(ms > 50 && ms < 56, `${ms} ms`);
  });

  it("I2C tells nothing of a byte of data that is not acknowledged", () => {
    const chip = new Registers();
    chip.refuses = true;
    const rig = programOn(
      `${TIMED}I2C1.setup({scl:D9,sda:D8});t(function(){return I2C1.writeTo(0x57,[1,2,3])});done(o)`,
      {
        config: I2C,
        chips: { i2c0: [chip] },
      },
    );
    const [[result] = []] = resultOf<Timed>(rig);
    assert.deepEqual([result, chip.bytes[1], chip.stops], [null, 1 ^ 0xa5, 1]);
  });

  it("SPI moves bytes both ways to the chip that is selected, of a string and of parts", () => {
    const chips = [new SerialFlash(), new SerialFlash()];
    const rig = programOn(
      `SPI1.setup({sck:D18,miso:D16,mosi:D19,baud:1000000});D5.set();D6.set();
       done([D5,D6,D7].map(function(cs){return E.toString(SPI1.send(cs==D6?["\\x9f",{data:0,count:3}]:"\\x9f\\0\\0\\0",cs))}))`,
      { config: { board: "pico", buses: { spi0: { port: "SPI1", cs: ["D5", "D6"] } } }, chips: { spi0: chips } },
    );
    const hex = resultOf<string[]>(rig).map((text) => Buffer.from(text, "latin1").toString("hex"));
    assert.deepEqual(hex, ["ffef4014", "ffef4014", "ffffffff"]);
  });

  it("analogRead gives the voltage of its moment, in 4,096 steps", () => {
    const rig = programOn(
      `var o=[],i=setInterval(function(){o.push([getTime(),analogRead(D26),analogRead(D27)]);if(o.length==20){clearInterval(i);done(o)}},11)`,
    );
    const volts = (ms: number): number => 1.65 + 1.2 * Math.sin(ms / 50);
    rig.machine.voltages.drive("D26", { voltage: volts });
    rig.machine.voltages.drive("D27", { voltage: () => 5 });
    for (const [seconds, part, over] of resultOf<[number, number, number][]>(rig)) {
      assert.ok(Math.abs(part * 3.3 - volts(seconds * 1000)) < 0.02, `${part * 3.3} V at ${seconds} s`);
      assert.equal(over.toFixed(6), (4095 / 4096).toFixed(6));
    }
  });

  it("a Waveform fills two buffers in turn, without a hole, at 989 samples a second where 1,000 are asked for", () => {
    const BUFFERS = 6;
    const rig = programOn(
      `var w=new Waveform(100,{doubleBuffer:true,bits:16}),o=[];w.on("buffer",function(b){o.push([getTime()].concat(b.slice()));
       if(o.length==${BUFFERS}){w.stop();done(o)}});w.startInput(D26,1000,{repeat:true})`,
    );
    rig.machine.voltages.drive("D26", { voltage: (ms) => ms * 0.003 });
    const buffers = resultOf<number[][]>(rig);
    const rates = buffers.slice(1).map(([at], i) => 100 / (at! - buffers[i]![0]!));
    for (const rate of rates) assert.ok(rate > 980 && rate < 995, `${rate} samples a second`);
    const samples = buffers.flatMap(([, ...values]) => values);
    // 16 bits, of which the converter gives 12: a ramp of 3 V a second is 3.8 steps of 16 a sample.
    for (const [i, value] of samples.slice(1).entries()) {
      const step = (value - samples[i]!) / 16;
      assert.ok(step >= 3 && step <= 5, `${step} steps between samples ${i} and ${i + 1}`);
    }
  });
});
