import assert from "node:assert/strict";
import { withFirmware } from "../e2e/rig.js";
import { driverProgram, interpreters } from "./driver-program.js";

/** A MAX30102 with as many samples in its FIFO as `fifo` says, which tells of them once: `told`. */
const CHIP = `
var fifo=0,told=0;
var bus={failure:"",take:function(f){f();return true},release:function(){},transfer:function(to,w,n){
  var r=w.charCodeAt(0),s;
  if(n==1)return r==255?"\\x15":"\\0";
  if(r==0&&n==7){s=String.fromCharCode(told?0x80:0,0,0,0,fifo&31,0,0);told=0;return s}
  if(r==7){print("read",n/6);fifo-=n/6;return "x".repeat(n)}
  return ""}};
`;

for (const [name, run] of interpreters)
  describe(`drivers by themselves on ${name}`, function () {
    withFirmware();
    this.timeout(30_000);

    it("max30102: an interrupt whose samples a tick has read already reads nothing", async () => {
      const lines = await run(
        driverProgram(
          "max30102",
          `${CHIP}
          open(feed,{bus:"i2c0",pins:{int:"D4"}},{buses:{i2c0:bus}});
          print("start",feed.start());
          fifo=17;told=1;level=0;now=101;
          feed.ontick(101000);
          level=1;
          watches[1]({time:100.9});
          fifo=17;told=1;now=102;
          watches[1]({time:101.5});`,
        ),
      );
      assert.deepEqual(lines, ["start ", "read 17", "batch 17 101 0", "read 17", "batch 17 101.5 0"]);
    });

    it("ad8232: a converter that cannot be started leaves no watches, however often somebody tries", async () => {
      const lines = await run(
        driverProgram(
          "ad8232",
          `var Waveform=function(){this.buffer2={fill:function(){}};this.on=function(){};this.startInput=function(){throw new Error("no converter")}};
          open(feed,{pins:{out:"A0",loPlus:"D2",loMinus:"D3"}});
          for(var i=0;i<5;i++)print(feed.start().substr(0,4),Object.keys(watches).length);`,
        ),
      );
      assert.deepEqual(lines, Array(5).fill("EIO: 0"));
    });
  });
