/** `driver.scale`: how many instructions of a PC's build are one of a board's. */
import { startCounted } from "./counted.js";

/**
 * What some of the language costs on a Thumb-2 build made for size with 5000 variables, counted once in an emulator: a turn of an empty loop, and what stands in
 * it. The build for a PC takes more than twice as many, for all of them about alike.
 */
const THUMB: readonly { readonly op: string; readonly thumb: number }[] = [
  { op: "", thumb: 6076 },
  { op: "x=x+1", thumb: 4144 },
  { op: "o.a", thumb: 1462 },
  { op: "s.charCodeAt(0)", thumb: 9612 },
  { op: "E.CRC32(s)", thumb: 128 * 512 },
  { op: "JSON.stringify(j)", thumb: 37_361 },
  { op: "a.push(1);a.shift()", thumb: 20_033 },
];

const TURNS = 200;

export async function scaleOf(espruino: string): Promise<number> {
  const loops = THUMB.map(({ op }, i) => `function g${i}(n){for(var i=0;i<n;i++){${op};}}`);
  const names =
    "var x=0,o={a:1},a=[],j={a:1,b:2,c:3,d:4,e:5,f:6},s=E.toString(new Uint8Array(512));setInterval(function(){},1e6);";
  const counted = await startCounted(espruino, () => names + loops.join(""));
  try {
    const turns = async (i: number, n: number): Promise<number> => {
      await counted.cut();
      await counted.say(`g${i}(${n});print("<ok>")`, "<ok>");
      return (await counted.cut()).arc("jsiIdle", "jsiHandleIOEventForConsole").instructions;
    };
    const costs: number[] = [];
    for (const i of THUMB.keys()) costs.push(((await turns(i, 2 * TURNS)) - (await turns(i, TURNS))) / TURNS);
    const ratios = THUMB.map(({ thumb }, i) => (costs[i]! - (i > 0 ? costs[0]! : 0)) / thumb);
    return Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
  } finally {
    await counted.stop();
  }
}
