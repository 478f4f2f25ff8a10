import assert from "node:assert/strict";
import { onPico, programOn, resultOf } from "./rig.js";

/** The interpreter has started its program by then, ms. */
const STARTED = 200;

onPico("the emulated chip", function () {
  this.timeout(120_000);

  it("runs a program to the same cycle again, and draws other random numbers from another seed", () => {
    const program = `var n=0,i=setInterval(function(){if(++n<20)return;clearInterval(i);done([E.hwRand(),getTime()])},7)`;
    const runs = [1, 1, 2].map((seed) => {
      const rig = programOn(program, { seed });
      return { result: resultOf<number[]>(rig), cycles: rig.machine.busyCycles };
    });
    assert.deepEqual(runs[0], runs[1]);
    assert.notEqual(runs[0]!.result[0], runs[2]!.result[0]);
  });

  it("keeps Storage over reboots of the program, its watchdog and power cycles, and begins its time anew", () => {
    const rig = programOn(
      `var s=require("Storage"),n=(s.readJSON("n",1)||0)+1;s.write("n",JSON.stringify(n));
       if(n==1)setTimeout(E.reboot,50);
       if(n==2){E.enableWatchdog(0.2,false);setTimeout(function(){while(true);},50)}
       if(n==4)setTimeout(function(){done([n,getTime()])},100)`,
    );
    const { machine } = rig;
    rig.run(1500);
    assert.equal(machine.boots, 3);
    machine.powerCycle();
    const [boots, seconds] = resultOf<[number, number]>(rig);
    assert.deepEqual([boots, machine.boots], [4, 4]);
    assert.ok(seconds > 0.1 && seconds < 0.3, `${seconds} s after the start`);
  });

  it("stands still while a sector of flash is erased: 45 ms, in which one edge is late and the others are lost", () => {
    const rig = programOn(
      `var e=[];setWatch(function(x){e.push(x.time*1000)},D14,{repeat:true,edge:"both"});setTimeout(function(){var a=getTime();
       require("Flash").erasePage(0x101ff000);var b=getTime();setTimeout(function(){done([a*1000,b*1000,e])},20)},400)`,
    );
    const { time, pins } = rig.machine;
    for (let i = 0; i < 20; i++) time.after(425 + i, () => pins.drive("D14", i % 2 === 0));
    const [before, after, edges] = resultOf<[number, number, number[]]>(rig);
    assert.ok(after - before > 45 && after - before < 47, `${after - before} ms`);
    assert.equal(edges.length, 1);
    assert.ok(edges[0]! > before + 45, `${edges[0]} ms`);
  });

  it("stamps edges in the interrupt: within 2 µs of the truth, whatever the program does meanwhile", () => {
    const EDGES = 40;
    const rig = programOn(
      `var e=[];setWatch(function(x){e.push([x.time,x.state]);for(var i=0;i<30;i++);if(e.length==${EDGES})done(e)},D14,{repeat:true,edge:"both"})`,
    );
    rig.run(STARTED);
    const { time, pins } = rig.machine;
    const truth = Array.from({ length: EDGES }, (_, i) => [STARTED + 10 + 1.037 * i, i % 2 === 0] as const);
    for (const [at, level] of truth) time.after(at - time.now(), () => pins.drive("D14", level));
    const seen = resultOf<[number, boolean][]>(rig);
    assert.deepEqual(
      seen.map(([, level]) => level),
      truth.map(([, level]) => level),
    );
    const errors = seen.map(([seconds], i) => seconds * 1e6 - truth[i]![0] * 1e3);
    for (const error of errors) assert.ok(error >= 0 && error <= 2, `${error.toFixed(1)} µs late`);
  });

  it("keeps 1,000 edges that are 200 µs apart; of those 40 µs apart the event queue drops some, and says FIFO_FULL", () => {
    const heard = [200, 40].map((us) => {
      const rig = programOn(
        `var n=0,g=[];E.on("errorFlag",function(x){g=g.concat(x);E.getErrorFlags()});
         setWatch(function(){n++},D14,{repeat:true,edge:"both"});setTimeout(function(){done([n,g])},1500)`,
      );
      rig.run(STARTED);
      const { time, pins } = rig.machine;
      for (let i = 0; i < 1000; i++) time.after((i * us) / 1000, () => pins.drive("D14", i % 2 === 0));
      return resultOf<[number, string[]]>(rig);
    });
    assert.deepEqual(heard[0], [1000, []]);
    const [count, flags] = heard[1]!;
    assert.ok(count > 500 && count < 1000, `${count} edges`);
    assert.ok(flags.includes("FIFO_FULL"), flags.join());
  });

  it("reads its own output, a pull, and what drives the pin", () => {
    const rig = programOn(
      `pinMode(D2,"output");D2.set();var o=[D2.read()];pinMode(D3,"input_pullup");o.push(D3.read());
       pinMode(D3,"input_pulldown");o.push(D3.read());pinMode(D4,"input");setTimeout(function(){done(o.concat(D4.read()))},300)`,
    );
    rig.run(STARTED);
    rig.machine.pins.drive("D4", true);
    assert.deepEqual(resultOf(rig), [true, true, false, true]);
    assert.equal(rig.machine.pins.level("D2"), true);
  });
});
