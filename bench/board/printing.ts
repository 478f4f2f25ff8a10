/**
 * `driver.escpos.instr`: what a byte of a print job costs the board, from a TCP link without a key to the UART.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "../../host/index.js";
import { figure } from "../figure.js";
import type { Figure } from "../figure.js";
import type { Profile } from "./callgrind.js";
import { startCounted } from "./counted.js";
import type { Counted } from "./counted.js";
import { calledOf } from "./work.js";

/** Slow enough that the interpreter keeps up under valgrind: the line is asked for as often as on a board. */
const BAUD = 38_400;

/** Bytes of two jobs whose difference counts. */
const SHORT = 2_000;
const LONG = 12_000;

/** Longest run, in ms. */
const LIMIT_MS = 300_000;

/** The looks at the time are counted, to be taken off again. */
const SCRIPT =
  "var Qticks=0,Qevery=setInterval;var setInterval=function(f,n){n==50?Qevery(function(){Qticks++;f()},200):Qevery(f,4*n)};process.memory=function(){return{usage:0,total:5000}};";

/** @param code the firmware for the board "linux" @param scale `driver.scale` */
export async function printingFigure(espruino: string, code: string, scale: number): Promise<Figure> {
  const printer = { driver: "escpos", uart: "Serial1", baud: BAUD, answers: false, path: "/dev/null" };
  const config = (port: number): object => ({
    ...{ board: "linux", name: "bench", devices: { printer0: printer } },
    links: { tcp: { port, insecure: true } },
  });
  const storage = (port: number): Record<string, string> => ({
    "devsock.json": JSON.stringify(config(port)),
    devsock: code,
  });
  const counted = await startCounted(espruino, () => SCRIPT + code, storage, LIMIT_MS);
  try {
    const board = await connect(`tcp://127.0.0.1:${counted.port}`);
    const tick = await silence(counted);
    const print = async (bytes: number): Promise<number> => {
      const before = await ticks(counted);
      await counted.cut();
      // As on a board with its program in the flash that ids would fill.
      await board.printer("printer0").print(Buffer.alloc(bytes, "all bytes weigh the same\n"), { job: null });
      const work = workOf(await counted.cut());
      return work - tick * ((await ticks(counted)) - before);
    };
    await print(1);
    const short = await print(SHORT);
    const each = ((await print(LONG)) - short) / (LONG - SHORT);
    await board.close();
    return figure("driver.escpos.instr", each, "instructions/B", each / scale);
  } finally {
    await counted.stop();
  }
}

/**
 * The interpreter's Linux build has a thread that empties the transmit ring. `write` goes round and round while that is full, and under valgrind, which runs
 * one thread at a time, for as long as the thread is not let run: millions of instructions. On a board the ring has room, as the firmware asks for no more.
 */
function workOf(profile: Profile): number {
  return calledOf(profile).instructions - profile.arc("jsserialHardwareFunc", "jshTransmit").instructions;
}

async function ticks(counted: Counted): Promise<number> {
  return Number(await counted.say('print("<ticks>"+Qticks)', "<ticks>"));
}

/** What a look at the time costs while nothing happens. */
async function silence(counted: Counted): Promise<number> {
  await sleep(500);
  await counted.cut();
  await sleep(3000);
  const { calls, instructions } = calledOf(await counted.cut());
  return instructions / calls;
}
