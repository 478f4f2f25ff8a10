/**
 * The sensors of `driver.*`, as text for the interpreter: what its Linux build has stubs for, and events in steps of board time. A fake counts its calls,
 * so that what it costs beyond a native function can be taken off again.
 */

/** ms of the board's time in one step: its own look at all that is open. */
export const STEP_MS = 50;

export interface Sensor {
  readonly driver: string;
  readonly device: Readonly<Record<string, unknown>>;
  /** What happens in a step: calls of `Qf`, the driver's listener. `k` counts steps. */
  readonly events: string;
  /** Units in a second. */
  readonly units: number;
  /** Steps in which a whole number of messages come. */
  readonly steps: number;
  /** Units that come at once. */
  readonly batch: number;
  /** Units of a reading. */
  readonly perReading: number;
}

const path = "/dev/null";

/** So many times a step, not a whole number. */
const often = (perStep: number, call: string): string => `for(Qx+=${perStep};Qx>=1;Qx--)${call}`;

/** Half of them, and the other half behind a driver's own look. */
const halves = (perStep: number, call: string): string => {
  const half = often(perStep / 2, call);
  return `${half};Qglance();${half}`;
};

export const SENSORS: readonly Sensor[] = [
  {
    driver: "ad8232",
    device: { rate: 250, pins: { out: "D1", loPlus: "D2", loMinus: "D3" } },
    events: "if(k%6==5){Qnow=Qbuffers[(k/6|0)&1];Qnow.fill(33000);Qf(Qnow)}",
    ...{ units: 250, steps: 60, batch: 75, perReading: 1 },
  },
  {
    driver: "max30102",
    device: { bus: "i2c0", rate: 100, pins: { int: "D4" } },
    // What was there at the last interrupt has been read.
    events: "for(Qx+=5/17;Qx>=1;Qx--){Qstatus[6]=Qstatus[4];Qstatus[4]=Qstatus[4]+17&31;Qf(Qedge)}",
    ...{ units: 100, steps: 68, batch: 17, perReading: 1 },
  },
  { driver: "mlx90614", device: { bus: "i2c0", rate: 10 }, events: "", units: 10, steps: 40, batch: 1, perReading: 1 },
  { driver: "ds18b20", device: { pins: { data: "D5" } }, events: "", units: 1, steps: 80, batch: 1, perReading: 1 },
  {
    driver: "nonin",
    device: { uart: "Serial2", path },
    events: halves(3.75, 'Serial2.inject("\\x01\\x80\\x01\\x00\\x82")'),
    ...{ units: 375, steps: 68, batch: 5, perReading: 5 },
  },
  {
    driver: "cms50",
    device: { uart: "Serial3", path },
    events: halves(3, 'Serial3.inject("\\x85\\x20\\x05\\x46\\x61")'),
    ...{ units: 300, steps: 68, batch: 5, perReading: 5 },
  },
  {
    driver: "analyser",
    device: { uart: "Serial4", path },
    events: often(3, 'Serial4.inject("1H|\\\\^&|||Host^1")'),
    ...{ units: 960, steps: 40, batch: 48, perReading: 1 },
  },
];

/** By the variable that counts their calls. */
export const FAKES: Readonly<Record<string, string>> = {
  Qa: "getTime()",
  Qb: "digitalRead(0)",
  Qc: 'I2C1.writeTo(1,"\\0")',
  Qd: "I2C1.readFrom(1,3)",
  Qg: "Qw.reset()",
  Qh: "Qw.write(1,true)",
  Qi: "Qw.skip()",
  Qj: "Qw.read(9)",
};

/** A native function in their place. */
export const NATIVE = "isNaN(1)";

/** Goes before the firmware's text. */
export const FAKE_TEXT = [
  `var ${Object.keys(FAKES).join("=0,")}=0,QT=getTime(),Qx=0,k=0,Qlisten={},Qtick,Qseldom,Qw;`,
  "var getTime=function(){Qa++;return QT};",
  "var digitalRead=function(){Qb++;return 1};",
  "var pinMode=function(){},clearWatch=function(){};",
  // The firmware's own look, and one of a driver in the middle between two of those.
  "var Qglance=isNaN,setInterval=function(f,n){if(n<50)Qglance=f;else if(n==50)Qtick=f;else Qseldom=f;return n},clearInterval=function(){Qglance=isNaN};",
  "process.memory=function(){return{usage:0,total:5000}};",
  'var setWatch=function(f,p){Qlisten[p==D4?"max30102":"leads"]=f;return 1};',
  "var Qnow,Qbuffers=[new Uint16Array(75),new Uint16Array(75)];",
  // It begins with its first buffer whenever it is made.
  "var Waveform=function(){k=-1;this.buffer=Qbuffers[0];this.buffer2=Qbuffers[1]};",
  "Waveform.prototype={on:function(e,f){Qlisten.ad8232=f},startInput:function(){},stop:function(){}};",
  "var OneWire=function(){};OneWire.prototype={reset:function(){Qg++;return 1},write:function(){Qh++},skip:function(){Qi++},read:function(){Qj++;return Qscratch}};",
  "Qw=new OneWire();",
  "var I2C1={setup:function(){},writeTo:function(){Qc++},readFrom:function(a,n){Qd++;return n==7?Qstatus:n==3?Qword:n==1?Qfound():Qfifo}};",
  // A MAX30102 is asked for its part number before it begins, with an empty FIFO.
  "function Qfound(){Qstatus[4]=Qstatus[6]=0;return Qpart}",
  // Without a line. What comes to them the interpreter keeps by itself.
  ...["Serial2", "Serial3", "Serial4"].map((port) => `${port}.setup=${port}.write=function(){};`),
  "var Qedge={time:QT},Qstatus=new Uint8Array([128,0,0,0,17,0,0]),Qword=new Uint8Array([210,58,48]),",
  "Qpart=new Uint8Array([21]),Qfifo=new Uint8Array(102).fill(1),Qscratch=new Uint8Array([80,5,75,70,127,255,12,16,28]);",
  // Steps run from timers, with time for the network behind them: it is the program that is counted, and not the console.
  "var Qe=function(){};",
  `function Qstep(){QT+=${STEP_MS / 1000};Qedge.time=QT;k++;Qe();Qtick();if(k%10==0)Qseldom();Qglance();setTimeout(Qsay,4)}`,
  'function Qsay(){print("<step>")}',
].join("");
