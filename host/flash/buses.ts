/** What answers on a board's buses, asked by the interpreter before the firmware runs. */
import type { BoardSpec } from "../../boards/index.js";
import { demands } from "../../protocols/device/demand.js";
import { i2cOf } from "../config/budget.js";
import type { Config } from "../config/index.js";
import { DevsockError } from "../errors.js";
import type { Repl } from "./repl.js";

/** I2C addresses that are not reserved. I2C-bus specification UM10204, 3.1.12. */
const FIRST = 0x08;
const LAST = 0x77;

/**
 * A bus is searched for so many s: an STM32 waits for each address where nobody answers for as long as its loop takes for 2,000,000 steps, and does nothing else
 * meanwhile. Source: src/jshardware.h, WAIT_UNTIL.
 */
const SEARCH = 6;

/** @returns a line for each bus: `i2c0: 0x57, 0x5a` */
export async function searchBuses(
  repl: Repl,
  { buses = {}, devices = {} }: Config,
  { buses: ports }: Pick<BoardSpec, "buses">,
): Promise<string[]> {
  const lines: string[] = [];
  for (const [name, { port, pins = {}, bitrate }] of Object.entries(buses)) {
    if (!port.startsWith("I2C")) continue;
    const options = [
      ...Object.entries(pins).map(([signal, pin]) => `${signal}:new Pin(${JSON.stringify(pin)})`),
      ...(bitrate ? [`bitrate:${bitrate}`] : []),
    ];
    // Where its chips should be is asked first.
    const own = Object.values(devices).flatMap((device) =>
      i2cOf(device) === name ? (demands[device.driver]?.bus?.address ?? []) : [],
    );
    const [scl, sda] = ["scl", "sda"].map(
      (signal) => (pins as Record<string, string>)[signal] ?? ports[port]?.[signal]?.[0],
    );
    lines.push(
      await ask<Found>(repl, name, i2cSearch(port, `{${options.join()}}`, own), (answer) =>
        answer.held ? heldLow(port, scl, sda) : foundOf(answer),
      ),
    );
  }
  for (const [name, device] of Object.entries(devices))
    if (device.driver === "ds18b20")
      lines.push(
        await ask<string[]>(
          repl,
          name,
          `new OneWire(new Pin(${JSON.stringify(device.pins.data)})).search()`,
          (found) => (found.length > 0 ? found.join(", ") : NOTHING),
        ),
      );
  return lines;
}

function foundOf({ found, asked }: Found): string {
  const addresses = found.sort((a, b) => a - b).map((address) => `0x${address.toString(16)}`);
  const left = LAST - FIRST + 1 - asked;
  const rest = left > 0 ? `; ${left} addresses more were not asked, as this board waits long where nobody answers` : "";
  return (addresses.length > 0 ? addresses.join(", ") : NOTHING) + rest;
}

const NOTHING = "nothing answers; check its wires and its power";

function heldLow(port: string, scl: string | undefined, sda: string | undefined): string {
  const where = scl !== undefined && sda !== undefined ? ` (SCL ${scl}, SDA ${sda})` : "";
  return (
    `${port}${where} is held low. Both wires need a pull-up to 3.3 V, of 2.2 to 10 kΩ, which most modules have; check that none is swapped, or touches ground. ` +
    "A chip that hangs lets go when its supply is taken away and given back"
  );
}

interface Found {
  found: number[];
  /** How many addresses. */
  asked: number;
  held: boolean;
}

/** How the interpreters of an RP2040, an ESP32 and an STM32, which makes no START, say that a line is low. */
const HELD = [": timeout", "bus is busy", "BUSY", "I2C device not responding"];

function i2cSearch(port: string, options: string, own: readonly number[]): string {
  // What nobody acknowledged has no STOP: as in firmware/io/bus.ts the next one begins with the bus set up anew.
  const one =
    `function q(x){n++;try{b.readFrom(x,1);f.push(x)}catch(e){` +
    `e=e.toString();h=${JSON.stringify(HELD)}.some(function(w){return e.indexOf(w)>=0});b.setup(s)}}`;
  const all =
    `b.setup(s);t=getTime()+${SEARCH};for(a=0;a<o.length&&!h;a++)q(o[a]);` +
    `for(a=${FIRST};a<=${LAST}&&!h&&getTime()<t;a++)if(o.indexOf(a)<0)q(a);return{found:f,asked:n,held:h}`;
  return `(function(b,s,o,f,n,h,t,a){${one}${all}})(${port},${options},${JSON.stringify(own)},[],0,false)`;
}

async function ask<T>(repl: Repl, name: string, expression: string, describe: (answer: T) => string): Promise<string> {
  try {
    return `${name}: ${describe((await repl.evaluate(expression)) as T)}`;
  } catch (error) {
    if (!(error instanceof DevsockError) || error.code !== "EREMOTEIO") throw error;
    return `${name}: ${error.sentence}`;
  }
}
