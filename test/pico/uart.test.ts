import assert from "node:assert/strict";
import { Damage } from "../../simulator/pico/pl011.js";
import { onPico, programOn, resultOf } from "./rig.js";
import type { PicoRig } from "./rig.js";

const BAUD = 57_600;
const DEVICE = { board: "pico", devices: { uart0: { driver: "escpos", uart: "Serial1", baud: BAUD } } };
/** Serial1 is set up by then, and drops no NULs any more, ms. */
const STARTED = 300;
const FIFO = 32;

const SETUP = `Serial1.setup(${BAUD},{tx:D0,rx:D1,errors:true});`;

/** Notes all that comes, and is done `ms` after the start. */
function listening(busy: string, ms = 900): string {
  return `var d="",c=[],f=0,p=0;Serial1.on("data",function(x){d+=x;c.push(x.length);${busy}});Serial1.on("framing",function(){f++});
    Serial1.on("parity",function(){p++});${SETUP}setTimeout(function(){done({d:d,c:c,f:f,p:p,flags:E.getErrorFlags()})},${ms})`;
}

interface Heard {
  d: string;
  c: number[];
  f: number;
  p: number;
  flags: string[];
}

function listener(busy = ""): PicoRig {
  const rig = programOn(listening(busy), { config: DEVICE });
  rig.run(STARTED);
  return rig;
}

function text(length: number): Buffer {
  return Buffer.from(Array.from({ length }, (_, i) => String.fromCharCode(97 + (i % 26))).join(""));
}

onPico("the emulated chip's UART", function () {
  this.timeout(120_000);

  it("brings what fits its FIFO between two looks of the interpreter, in pieces of a few bytes", () => {
    const rig = listener();
    const sent = text(500);
    rig.board.wires["uart0"]!.peripheral.write(sent);
    const heard = resultOf<Heard>(rig);
    assert.equal(heard.d, sent.toString());
    assert.ok(Math.max(...heard.c) <= FIFO, `${Math.max(...heard.c)}`);
    assert.equal(rig.machine.uarts[0]!.overruns, 0);
  });

  it("keeps what its FIFO holds and loses what comes then; the interpreter drops the next byte, too, and says nothing", () => {
    const rig = listener("for(var i=0;i<200;i++);");
    const sent = text(500);
    rig.board.wires["uart0"]!.peripheral.write(sent);
    const { d, c, flags } = resultOf<Heard>(rig);
    const { overruns } = rig.machine.uarts[0]!;
    assert.ok(overruns > 100, `${overruns} overruns`);
    assert.deepEqual(flags, []);
    // Behind each piece of a full FIFO, less a byte that was dropped from it, bytes are missing: that is what a driver can know.
    let at = 0;
    let holes = 0;
    for (const length of c) {
      at += length;
      if (d.length > at && (d.charCodeAt(at) - d.charCodeAt(at - 1) + 26) % 26 !== 1) {
        holes++;
        assert.ok(length >= FIFO - 1, `${length} bytes before a hole`);
      }
    }
    assert.ok(holes > 0);
    assert.equal(sent.length - d.length, overruns + holes);
  });

  it("tells damaged bytes: framing and parity; a break and an overrun are dropped", () => {
    const rig = listener();
    const [uart] = rig.machine.uarts;
    for (const damage of [Damage.framing, Damage.parity, Damage.break, Damage.overrun, 0]) {
      uart!.receive(0x41, damage);
      rig.run(20);
    }
    const { d, f, p } = resultOf<Heard>(rig);
    assert.deepEqual([d, f, p], ["AAA", 1, 1]);
  });

  it("drops NULs for 100 ms after setup", () => {
    const rig = programOn(listening(""), { config: DEVICE });
    const { peripheral } = rig.board.wires["uart0"]!;
    rig.run(80);
    peripheral.write(Buffer.from("a\0b"));
    rig.run(200);
    peripheral.write(Buffer.from("c\0d"));
    assert.equal(resultOf<Heard>(rig).d, "abc\0d");
  });

  it("hears nothing but framing errors of a line at another speed, and the log says so", () => {
    const lines: string[] = [];
    const config = { board: "pico", devices: { uart0: { driver: "escpos", uart: "Serial1", baud: 9600 } } };
    const rig = programOn(listening(""), { config, log: (line) => void lines.push(line) });
    rig.run(STARTED);
    rig.board.wires["uart0"]!.peripheral.write(text(20));
    const { f } = resultOf<Heard>(rig);
    assert.equal(f, 20);
    assert.match(lines.join(), /^Serial1 runs at 57\d\d\d bits a second and its line at 9600: what passes is garbled$/);
  });

  it("sends at the line's speed, and holds the program until all but its FIFO is on the wire", () => {
    const sent = text(300);
    const rig = programOn(`${SETUP}var a=getTime();Serial1.write("${sent.toString()}");done((getTime()-a)*1000)`, {
      config: DEVICE,
    });
    const got: Buffer[] = [];
    rig.board.wires["uart0"]!.peripheral.onData((data) => void got.push(Buffer.from(data)));
    const held = resultOf<number>(rig);
    rig.run(100);
    assert.equal(Buffer.concat(got).toString(), sent.toString());
    const wire = ((sent.length - FIFO) * 10_000) / BAUD;
    assert.ok(held > wire - 1 && held < wire + 3, `${held} ms for ${wire} ms of wire`);
  });
});
