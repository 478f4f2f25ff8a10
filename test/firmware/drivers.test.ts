import assert from "node:assert/strict";
import { withFirmware } from "../e2e/rig.js";
import { driverProgram, interpreters } from "./driver-program.js";

/** A MAX30102 that `measure`s so many samples, and `meanwhile` as many more between the question how many wait and their reading. */
const CHIP = `
var produced=0,gone=0,lost=0,told=0,meanwhile=0;
function measure(n){while(n--){produced++;if(produced-gone==17){told=1;level=0}if(produced-gone>32){gone++;lost++}}}
var bus={failure:"",take:function(f){f();return true},release:function(){},transfer:function(to,w,n){
  var r=w.charCodeAt(0),s;
  if(n==1)return r==255?"\\x15":"\\0";
  if(r==0&&n==7){s=String.fromCharCode(told?0x80:0,0,0,0,produced&31,Math.min(31,lost),gone&31);told=0;level=1;return s}
  if(r==7){print("read",n/6);measure(meanwhile);meanwhile=0;gone+=n/6;lost=0;return "x".repeat(n)}
  return ""}};
`;

/** A converter into whose buffers `sample` puts so many numbers, one each 20 ms; `flip` tells that one is full, and that buffer alone. */
const CONVERTER = `
var wave,full,taken=0;
var Waveform=function(n){wave=this;this.buffer=new Uint16Array(n);this.buffer2=new Uint16Array(n);
  this.on=function(e,f){full=f};this.startInput=function(){};this.stop=function(){}};
function sample(n){for(;n>0;n--){(Math.floor(taken/15)%2?wave.buffer2:wave.buffer)[taken%15]=(taken+1)<<4;taken++;now=100+taken/50}}
function flip(second){full(second?wave.buffer2:wave.buffer)}
`;

/** An oximeter's own looks, each at a time and with the board's, and steps one after the other with the interpreter's work between them. */
const LOOKS = `
var glance,every=setInterval;
var setInterval=function(f){glance=f;return 1};
function look(at){now=at;glance();if(feed.ontick)feed.ontick(1000*at)}
function steps(all){every(function(){if(all.length)all.shift()()},5)}
`;

for (const [name, run] of interpreters)
  describe(`drivers by themselves on ${name}`, function () {
    withFirmware();
    this.timeout(30_000);

    it("max30102: a look leaves an edge that is in the queue yet its time, and where one is lost says that somebody looked", async () => {
      const lines = await run(
        driverProgram(
          "max30102",
          `${CHIP}
          open(feed,{bus:"i2c0",pins:{int:"D4"}},{buses:{i2c0:bus},busy:{alarm:0}});
          print("start",feed.onstart());
          now=101;
          measure(18);
          feed.ontick(101000);
          now=101.005;
          watches[1]({time:100.99});
          setTimeout(function(){
            now=102;
            measure(18);
            feed.ontick(102000);
            setTimeout(function(){
              now=103;
              measure(17);
              watches[1]({time:101.99});
              watches[1]({time:102.5});
            },5);
          },5);`,
        ),
        100,
      );
      assert.deepEqual(lines, [
        "start ",
        ...["read 17", "batch 17 100.99 0"],
        ...["read 19", "batch 19 102 1"],
        ...["read 17", "batch 17 102.5 0"],
      ]);
    });

    it("max30102: of what is read late the interrupt's part has its time, and all that is lost is counted, until the first is read", async () => {
      const lines = await run(
        driverProgram(
          "max30102",
          `${CHIP}
          open(feed,{bus:"i2c0",pins:{int:"D4"}},{buses:{i2c0:bus},busy:{alarm:0}});
          print("start",feed.onstart());
          now=101;
          measure(31);
          watches[1]({time:100.8});
          now=102;
          measure(32);
          meanwhile=1;
          watches[1]({time:101.8});
          now=103;
          measure(37);
          meanwhile=1;
          watches[1]({time:102.8});
          now=104;
          measure(100);
          watches[1]({time:103.8});
          now=105;
          measure(3);
          watches[1]({time:104.5});
          now=107.8;
          measure(280);
          watches[1]({time:105.1});
          now=112;
          measure(420);
          watches[1]({time:107.9});`,
        ),
      );
      assert.deepEqual(lines, [
        "start ",
        ...["read 31", "batch 17 100.8 0", "batch 14 101 1"],
        ...["read 32", "gap 1 DEVICE_FIFO 102", "batch 16 101.8 0", "batch 16 102.01 1"],
        ...["read 32", "gap 6 DEVICE_FIFO 103", "batch 11 102.8 0", "batch 21 103.01 1"],
        // The chip counts no further than 31: its places and the time say how many more there were.
        ...["read 32", "gap 68 DEVICE_FIFO 104", "batch 32 104 1"],
        ...["read 3", "batch 3 105 1"],
        ...["read 32", "gap 248 DEVICE_FIFO 107.8", "batch 32 107.8 1"],
        // But not of so many that its clock and the board's are as far apart as it has places.
        ...["read 32", "gap -1 DEVICE_FIFO 112", "batch 32 112 1"],
      ]);
    });

    it("nonin: a batch ends with what was there at a look, which says how late it was, or with a silence", async () => {
      const lines = await run(
        driverProgram(
          "nonin",
          `${LOOKS}
          var send=function(n){while(n--)LoopbackB.write("\\x01\\x80\\x01\\x00\\x82")};
          open(feed,{uart:"LoopbackA"},{});
          feed.onstart();
          steps([function(){send(18);LoopbackB.write("\\x01\\x80\\x01\\x00\\x82\\x01")},
          function(){look(100.0257)},
          function(){send(8)},
          function(){look(100.052);print("waits")},
          function(){send(12)},
          function(){look(100.0779)},
          function(){send(2)},
          function(){look(100.102)},
          function(){look(100.1275);print("waits")},
          function(){look(100.153)}]);`,
        ),
        200,
      );
      const batches = ["batch 96 100.0257 1", "waits", "batch 100 100.0779 6", "waits", "batch 10 100.102 255"];
      assert.deepEqual(lines, batches);
    });

    it("nonin: where bytes are lost while something holds, what the device says next is told all the same", async () => {
      const lines = await run(
        driverProgram(
          "nonin",
          `${LOOKS}
          var lost=false,send=function(n,s){while(n--)LoopbackB.write("\\x01"+String.fromCharCode(s,1,0,(s+2)&255))};
          feed.event=function(e){print(e.name,e.on)};
          open(feed,{uart:"LoopbackA"},{overran:function(){var was=lost;lost=false;return was}});
          feed.onstart();
          steps([function(){send(18,0xc0)},
          function(){look(100.05)},
          function(){send(18,0xc0)},
          function(){lost=true;look(100.1)},
          function(){send(1,0xc0)},
          function(){look(100.15)},
          function(){send(4,0xc8)},
          function(){look(100.2)},
          function(){send(1,0xc0)},
          function(){look(100.25)}]);`,
        ),
        200,
      );
      assert.deepEqual(
        lines.filter((line) => !/^(batch|gap)/.test(line)),
        ["probe off true", "alarm true", "alarm false"],
      );
    });

    it("ad8232: a converter that cannot be started leaves no watches, however often somebody tries", async () => {
      const lines = await run(
        driverProgram(
          "ad8232",
          `var Waveform=function(){this.buffer2={fill:function(){}};this.on=function(){};this.startInput=function(){throw new Error("no converter")}};
          open(feed,{pins:{out:"A0",loPlus:"D2",loMinus:"D3"}},{busy:{alarm:0}});
          for(var i=0;i<5;i++)print(feed.onstart().substr(0,4),Object.keys(watches).length);`,
        ),
      );
      assert.deepEqual(lines, Array(5).fill("EIO: 0"));
    });

    it("ad8232: samples come as they were, those without an electrode apart, and those that nobody can be sure of as a gap", async () => {
      const lines = await run(
        driverProgram(
          "ad8232",
          `${CONVERTER}
          level=0;feed.rate=50;feed.gap=function(n,c,at){print("gap",n,c,at.toFixed(2))};
          open(feed,{pins:{out:"A0",loPlus:"D2",loMinus:"D3"}},{busy:{alarm:0}});
          feed.batch=function(d,n,at,f){print(n,(d.charCodeAt(0)>>4)|(d.charCodeAt(1)<<4),(d.charCodeAt(2*n-2)>>4)|(d.charCodeAt(2*n-1)<<4),at.toFixed(2),f)};
          print("start",feed.onstart());
          var todo=[
            // A buffer of 300 ms that is told 60 ms late.
            function(){sample(18);flip(0)},
            // LO+ goes off 70 ms into the next one, and is back 60 ms later: both are told behind it.
            function(){sample(15);watches[1]({state:true,time:100.37});watches[1]({state:false,time:100.43});flip(1)},
            // The board is busy for three buffers.
            function(){sample(45);flip(0)},
            function(){sample(15);flip(1)},
            // The queue was full: nobody knows what the electrodes did.
            function(){sample(15);flip(0);feed.onfault("FIFO_FULL")}
          ];
          (function next(){var f=todo.shift();if(f){f();setTimeout(next,0)}})();`,
        ),
      );
      assert.deepEqual(lines, [
        "start ",
        "15 1 15 100.30 0",
        // At once, and that it is back with its buffer.
        "event lead LO+ off true",
        "event lead LO+ off false",
        // 19 to 21, and one on either side.
        "2 16 17 100.34 0",
        "5 18 22 100.44 1",
        "8 23 30 100.60 0",
        "gap 45 ADC_OVERRUN 100.60",
        "15 76 90 101.80 0",
        "15 91 105 102.10 4",
      ]);
    });

    it("ds18b20: a conversion a second, its scratchpad when it is ready, and what was due meanwhile as a gap", async () => {
      const lines = await run(
        driverProgram(
          "ds18b20",
          `var there=1,last=0,OneWire=function(){
            this.reset=function(){return there};this.skip=function(){};
            this.write=function(c){if(c==0x44){print("convert",now.toFixed(2));last=now}};
            this.read=function(n){if(n==1)return new Uint8Array([0x28]);print("read",n,now-last>=0.75);return new Uint8Array(n)}};
          open(feed,{pins:{data:"D5"}});
          feed.batch=function(d,n,at){print("batch",d.length,n,at.toFixed(2))};
          print("start",feed.onstart());
          function tick(at){now=at;feed.ontick(at*1000)}
          tick(100);tick(100.7);tick(100.8);tick(101);tick(105.2);there=0;tick(106);tick(107);there=1;tick(108);`,
        ),
      );
      assert.deepEqual(lines, [
        "start ",
        "convert 100.00",
        "read 9 true",
        "batch 9 1 100.75",
        "convert 101.00",
        "read 9 true",
        "batch 9 1 101.75",
        "gap 3 BOARD_BUSY 105.2",
        "convert 105.20",
        "gap 1 ENXIO 106",
        "gap 1 ENXIO 106",
        "gap 1 ENXIO 107",
        "convert 108.00",
      ]);
    });
  });
