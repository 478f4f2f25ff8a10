/**
 * Pins for the real interpreter: levels and their edges, a converter that samples by itself, and one-wire. What interrupts would do on a board happens
 * here, at its time; the interpreter asks for it every few ms.
 */
import { realClock } from "./clock.js";
import type { DeviceConfig } from "./config.js";
import type { Request, StandIn } from "./espruino-stand-ins.js";
import { OneWireBus } from "./onewire.js";
import type { Peripheral } from "./peripheral/index.js";
import type { PinLines } from "./pins.js";
import { converted } from "./runtime/analog.js";
import type { Voltage } from "./runtime/analog.js";

const enum Operation {
  level,
  /** Edges of this pin are wanted from now on; or no longer. */
  watch,
  unwatch,
  /** How many bytes the next operation's answer has. */
  edges,
  takeEdges,
  /** The converter begins, at so many samples a second; it ends. */
  start,
  stop,
  samples,
  takeSamples,
  reset,
  write,
  read,
}

/** ms between two looks of the interpreter at what has happened. */
const LOOK_MS = 10;

/** Edges that wait for its look: as many as the event queue of a board takes. */
const MOST_EDGES = 170;

interface Edge {
  pin: number;
  level: boolean;
  at: number;
}

/** A converter that runs. */
interface Sampling {
  start: number;
  period: number;
  /** Samples of a buffer, and those that the interpreter has had. */
  buffer: number;
  taken: number;
}

export class EspruinoPins implements StandIn {
  private readonly names: readonly string[];
  private readonly levels = new Map<number, boolean>();
  private readonly watched = new Set<number>();
  private edges: Edge[] = [];
  private readonly voltages = new Map<number, Voltage>();
  private readonly running = new Map<number, Sampling>();
  private readonly wires = new Map<number, OneWireBus>();
  /** What was counted, until it is taken. */
  private ready: Buffer = Buffer.alloc(0);

  private constructor(private readonly hung: readonly { pins: Record<string, string>; peripheral: Peripheral }[]) {
    this.names = hung.flatMap(({ pins }) => Object.values(pins));
    for (const { pins, peripheral } of hung) {
      if (!("kind" in peripheral) || peripheral.kind !== "onewire") continue;
      peripheral.connect(realClock);
      this.wires.set(this.names.indexOf(pins["data"]!), new OneWireBus([peripheral]));
    }
  }

  /** @returns nothing where no peripheral hangs on a pin */
  static of(devices: Record<string, DeviceConfig> = {}, peripherals: Record<string, Peripheral>): EspruinoPins[] {
    const hung = Object.entries(devices).flatMap(([name, { pins }]) => {
      const peripheral = peripherals[name];
      return pins && peripheral && "kind" in peripheral ? [{ pins, peripheral }] : [];
    });
    return hung.length > 0 ? [new EspruinoPins(hung)] : [];
  }

  /** The board gets power: what was driven before is forgotten. */
  power(): void {
    this.watched.clear();
    this.running.clear();
    this.edges = [];
    for (const { pins, peripheral } of this.hung) {
      if (!("kind" in peripheral)) continue;
      if (peripheral.kind === "pins") peripheral.attach(this.linesOf(pins), realClock);
      else if (peripheral.kind === "i2c" && pins["int"] !== undefined) {
        const pin = this.names.indexOf(pins["int"]);
        this.drive(pin, true);
        peripheral.onInt = (level) => this.drive(pin, level);
      }
    }
  }

  text(p: number): string {
    const ask = (operation: Operation, count: number, data = '""', pin = "i"): string =>
      `q(${p},${operation},${pin},${count},${data})`;
    return [
      // Names, watches, and converters that run.
      `var P=${JSON.stringify(this.names)},W={},V=[],N=0,R=digitalRead;`,
      `function at(p){return P.indexOf(""+p)}`,
      `function u(s,i){return s.charCodeAt(i)<<8|s.charCodeAt(i+1)}`,
      `function take(o,i){var n=u(q(${p},o,i,2,""),0);return n?q(${p},o+1,i,n,""):""}`,
      `function look(){var d=take(${Operation.edges},0),t=getTime(),i,k,w,s;`,
      `for(i=0;i<d.length;i+=6){s=d.charCodeAt(i+1);for(k in W){w=W[k];`,
      `if(w.i==d.charCodeAt(i)&&(w.e=="both"||w.e==(s?"rising":"falling")))`,
      `w.f({state:!!s,time:t-(u(d,i+2)*65536+u(d,i+4))/1e6})}}`,
      `V.forEach(function(v){v.fill(take(${Operation.samples},v.i))})}`,
      // From the start on: what stands in for hardware takes no more of the memory while that works.
      `setInterval(look,${LOOK_MS});`,
      `global.pinMode=function(){};`,
      `global.digitalRead=function(p){var i=at(p);return i<0?R(p):${ask(Operation.level, 1)}.charCodeAt(0)};`,
      `global.setWatch=function(f,p,o){var i=at(p);${ask(Operation.watch, 0)};W[++N]={f:f,i:i,e:o.edge||"rising"};return N};`,
      `global.clearWatch=function(n){var i=W[n].i;delete W[n];${ask(Operation.unwatch, 0)}};`,
      `global.Waveform=function(n){this.buffer=new Uint16Array(n);this.buffer2=new Uint16Array(n);this.at=this.second=0};`,
      `Waveform.prototype={on:function(e,f){this.f=f},`,
      `startInput:function(p,r){var i=this.i=at(p);if(${ask(Operation.start, 1, 'r+","+this.buffer.length')}=="\\0")`,
      `throw new Error("Pin "+p+" doesn't have Analog input");V.push(this)},`,
      `stop:function(){var i=this.i;${ask(Operation.stop, 0)};V.splice(V.indexOf(this),1)},`,
      `fill:function(d){var s=this.second,k,b;for(k=0;k<d.length;k+=2){b=this.second?this.buffer2:this.buffer;`,
      `b[this.at++]=u(d,k);if(this.at==b.length){this.at=0;this.second=!this.second}}`,
      // That they changed places twice nobody can see.
      `if(s!=this.second&&this.f)this.f(s?this.buffer2:this.buffer)}};`,
      `global.OneWire=function(p){this.i=at(p)};`,
      `OneWire.prototype={reset:function(){var i=this.i;return !!${ask(Operation.reset, 1)}.charCodeAt(0)},`,
      `write:function(d){var i=this.i;${ask(Operation.write, 0, "String.fromCharCode(d)")}},skip:function(){this.write(204)},`,
      `read:function(n){return E.toUint8Array(q(${p},${Operation.read},this.i,n,""))}};`,
    ].join("");
  }

  answer({ operation, address: pin, count, data }: Request): Uint8Array {
    const done = (...bytes: number[]): Uint8Array => Uint8Array.of(0, ...bytes);
    const counted = (bytes: Buffer): Uint8Array => {
      this.ready = bytes;
      return done(bytes.length >> 8, bytes.length & 0xff);
    };
    switch (operation as Operation) {
      case Operation.level:
        return done(this.levels.get(pin) ? 1 : 0);
      case Operation.watch:
        this.watched.add(pin);
        return done();
      case Operation.unwatch:
        this.watched.delete(pin);
        return done();
      case Operation.edges:
        return counted(this.takeEdges());
      case Operation.samples:
        return counted(this.takeSamples(pin));
      case Operation.takeEdges:
      case Operation.takeSamples:
        return Buffer.concat([done(), this.ready]);
      case Operation.start:
        if (!this.voltages.has(pin)) return done(0);
        this.begin(pin, Buffer.from(data).toString());
        return done(1);
      case Operation.stop:
        this.running.delete(pin);
        return done();
      case Operation.reset:
        return done(this.wires.get(pin)?.reset() ? 1 : 0);
      case Operation.write:
        for (const byte of data) this.wires.get(pin)?.write(byte);
        return done();
      case Operation.read:
        return done(...Array.from({ length: count }, () => this.wires.get(pin)?.read() ?? 0xff));
    }
  }

  /** Pins by their roles in the configuration. */
  private linesOf(pins: Record<string, string>): PinLines {
    const at = (role: string, use: (pin: number) => void): void => {
      if (pins[role] !== undefined) use(this.names.indexOf(pins[role]));
    };
    return {
      supply: (role, voltage) => at(role, (pin) => void this.voltages.set(pin, voltage)),
      drive: (role, level) => at(role, (pin) => this.drive(pin, level)),
      // What hangs on a PC's interpreter follows no pin of it.
      follow: () => {},
    };
  }

  private drive(pin: number, level: boolean | undefined = true): void {
    if (this.levels.get(pin) === level) return;
    this.levels.set(pin, level);
    if (this.watched.has(pin) && this.edges.length < MOST_EDGES) this.edges.push({ pin, level, at: realClock.now() });
  }

  /** Each with its pin, its level, and how many µs ago it was. */
  private takeEdges(): Buffer {
    const now = realClock.now();
    const taken = this.edges.map(({ pin, level, at }) => {
      const bytes = Buffer.of(pin, level ? 1 : 0, 0, 0, 0, 0);
      bytes.writeUInt32BE(Math.round((now - at) * 1000), 2);
      return bytes;
    });
    this.edges = [];
    return Buffer.concat(taken);
  }

  /** @param text samples a second, and samples of a buffer */
  private begin(pin: number, text: string): void {
    const [rate, buffer] = text.split(",").map(Number) as [number, number];
    this.running.set(pin, { start: realClock.now(), period: 1000 / rate, buffer, taken: 0 });
  }

  /**
   * What the converter has taken since the last look, 16 bits each, of the moments at which it was due. One buffer at the most: a computer that was
   * busy elsewhere is not a board that was.
   */
  private takeSamples(pin: number): Buffer {
    const sampling = this.running.get(pin);
    if (!sampling) return Buffer.alloc(0);
    const { start, period, buffer, taken } = sampling;
    const due = Math.min(taken + buffer, Math.floor((realClock.now() - start) / period));
    const samples = Buffer.alloc((due - taken) * 2);
    for (let i = taken; i < due; i++)
      samples.writeUInt16BE(converted(this.voltages.get(pin)!(start + (i + 1) * period)), (i - taken) * 2);
    sampling.taken = due;
    return samples;
  }
}
