import assert from "node:assert/strict";
import vm from "node:vm";
import { instrument } from "../../simulator/runtime/costs/instrument.js";
import { COSTS } from "../../simulator/runtime/costs/index.js";
import { Names } from "../../simulator/runtime/costs/names.js";
import { run, type TestBoard } from "./board.js";

/** Instructions a second: 0.1 ms are 10,000. */
const INSTRUCTIONS = 100_000_000;

/** What runs free of charge, or at the speed of a board. */
function board(program: string, instructions = INSTRUCTIONS): TestBoard {
  return run(program, { limits: { instructions, eventQueue: 1024 } });
}

/** ms that `text` takes once it is called. */
async function time(text: string, before = ""): Promise<number> {
  const { clock, lines } = board(`${before}function f(a,b,c){${text}}
    setTimeout(function () { var t = getTime(); f(1,2,3); print(1000 * (getTime() - t)) }, 10)`);
  await clock.run(5000);
  return Number(lines[0]);
}

describe("simulated interpreter: what a program costs", () => {
  it("a program with its charges does what it did", () => {
    const program = `var out=[];function f(a){if(a>2)return "x"+a;else if(a<0){out.push("-")}else out.push(a);
      for(var i=0;i<a;i++)if(i%2)continue;else{out.push(i);if(i>5)break}
      switch(a){case 0:out.push("zero");case 1:out.push("one");break;default:out.push("more")}
      try{if(a==2)throw 1;out.push(2)}catch(e){out.push("caught")}finally{out.push("end")}
      var j=3;do{j--;if(j==1)continue}while(j>0);while(j<2)j++;for(var k in{p:1,q:2})out.push(k);
      return a&&(j||1)?a+1:{v:a,g:function(){return this.v}}.g()}
      for(var n=-1;n<5;n++)out.push(f(n));a=1;a+=2;if(a)if(!a)out.push("never");else out.push(a);out.join()`;
    const charged = instrument(program, new Names(), {
      charge: () => "n$++",
      strings: { joined: "same$", appended: "same$", added: "same$" },
    });
    const context = vm.createContext({ n$: 0, same$: (value: unknown) => value });
    assert.equal(vm.runInContext(charged, context), vm.runInNewContext(program));
    assert.ok((context["n$"] as number) > 100);
  });

  it("each turn of a loop takes its time, and what a branch does not run less than what it runs", async () => {
    const turns = async (count: number): Promise<number> => time(`for(var i=0;i<${count};i++)a=b+c`);
    const [none, some, more] = [await turns(0), await turns(50), await turns(100)];
    assert.ok(Math.abs(more - some - (some - none)) < 0.05 * some, `${none} ${some} ${more}`);
    const [taken, passed] = [await time("if(a)b=b+c*c+b*c"), await time("if(!a)b=b+c*c+b*c")];
    assert.ok(taken > passed + 0.05, `${taken} ${passed}`);
  });

  it("names behind many others take longer, and bytes that a function of the interpreter's goes over", async () => {
    const many = Array.from({ length: 300 }, (_, i) => `g${i}=${i};`).join("");
    const names = [
      await time("first;first;first;", `first=1;${many}`),
      await time("last;last;last;", `${many}last=1;`),
    ];
    assert.ok(names[1]! - names[0]! > (3 * 250 * COSTS.operations.passed) / 100_000, names.join());
    // A string's methods are sought in `String`, wherever that was named first.
    const calls = "s.charAt(0);s.charAt(0);s.charAt(0)";
    const kinds = [await time(calls, `var s="",o=String;${many}`), await time(calls, `var s="";${many}var o=String;`)];
    assert.ok(kinds[1]! - kinds[0]! > (3 * 250 * COSTS.operations.passed) / 100_000, kinds.join());
    const sums = [await time("E.CRC32(s)", 's="abc";'), await time("E.CRC32(s)", `s="${"x".repeat(2000)}";`)];
    assert.ok(Math.abs(sums[1]! - sums[0]! - (1997 * COSTS.natives["E.CRC32"]!.each!) / 100_000) < 0.1, sums.join());
    const sends = [await time("SPI1.send(s)", 's="";'), await time("SPI1.send(s)", `s=["x",{data:0,count:999}];`)];
    assert.ok(sends[1]! - sends[0]! > (1000 * COSTS.natives["SPI.send"]!.each!) / 100_000, sends.join());
  });

  it("a function made of a text takes what it does when it is called, and its text nothing before", async () => {
    const made = async (text: string): Promise<number> => time("g=Function(t)", `var g,t=${JSON.stringify(text)};`);
    const [short, long] = [await made(""), await made("print(1);".repeat(200))];
    assert.ok(short > COSTS.natives["Function"]!.base / 100_000 && Math.abs(long - short) < 0.01, `${short} ${long}`);
    const called = await time("g(2)", 'var g=Function("a","for(var i=0;i<50;i++)a=a+a");');
    assert.ok(called > 1, `${called}`);
  });

  it("a queue fills while a callback computes, byte by byte and beside an edge, and overflows as on a board", async () => {
    const computes = (turns: number): string => `var got=0;
      E.on("errorFlag",function(flags){print(flags.join())});
      setWatch(function(e){print("edge "+(e.time>0))},D1,{repeat:true});
      Serial1.on("data",function(d){got+=d.length});Serial1.setup(115200);
      setTimeout(function(){for(var i=0;i<${turns};i++)got=got+0},5);
      setTimeout(function(){print(got)},900)`;
    const fill = async (turns: number): Promise<TestBoard> => {
      const made = board(computes(turns));
      made.wire.peripheral.write(new Uint8Array(4000));
      made.clock.after(60, () => made.runtime.pins.drive("D1", true));
      await made.clock.run(1000);
      return made;
    };
    const keeps = await fill(300);
    assert.deepEqual(keeps.lines, ["edge true", "4000"]);
    assert.ok(keeps.runtime.mostQueued > 400, `${keeps.runtime.mostQueued} B`);
    const loses = await fill(1500);
    assert.deepEqual(loses.lines.slice(0, 2), ["FIFO_FULL", "New interpreter error: FIFO_FULL"]);
    assert.equal(Number(loses.lines.at(-1)), 4000 - loses.runtime.counters.dropped);
  });

  it("says what the time went to, and a board whose instructions nobody has counted is charged by the callback", async () => {
    const program = "setInterval(function(){for(var i=0;i<20;i++);},10)";
    const charged = board(program);
    await charged.clock.run(1000);
    assert.ok(charged.runtime.spent.timer! > 200, JSON.stringify(charged.runtime.spent));
    const flat = board(program, 0);
    await flat.clock.run(1000);
    assert.ok(flat.runtime.spent.timer! < 30, JSON.stringify(flat.runtime.spent));
  });
});
