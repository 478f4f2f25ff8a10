/** What answers on a board's buses, asked by the interpreter before the firmware runs. */
import type { Config } from "../config/index.js";
import { DevsockError } from "../errors.js";
import type { Repl } from "./repl.js";

/** I2C addresses that are not reserved. I2C-bus specification UM10204, 3.1.12. */
const FIRST = 0x08;
const LAST = 0x77;

/** @returns a line for each bus: `i2c0: 0x57, 0x5a` */
export async function searchBuses(repl: Repl, { buses = {}, devices = {} }: Config): Promise<string[]> {
  const lines: string[] = [];
  for (const [name, { port, pins = {}, bitrate }] of Object.entries(buses)) {
    if (!port.startsWith("I2C")) continue;
    const options = [
      ...Object.entries(pins).map(([signal, pin]) => `${signal}:new Pin(${JSON.stringify(pin)})`),
      ...(bitrate ? [`bitrate:${bitrate}`] : []),
    ];
    lines.push(await ask(repl, name, i2cSearch(port, `{${options.join()}}`)));
  }
  for (const [name, device] of Object.entries(devices))
    if (device.driver === "ds18b20")
      lines.push(await ask(repl, name, `new OneWire(new Pin(${JSON.stringify(device.pins.data)})).search()`));
  return lines;
}

function i2cSearch(port: string, options: string): string {
  return (
    `(function(b,f){b.setup(${options});for(var a=${FIRST};a<=${LAST};a++)try{b.readFrom(a,1);f.push("0x"+a.toString(16))}` +
    `catch(e){if(e.toString().indexOf("timeout")>=0)throw e}return f})(${port},[])`
  );
}

async function ask(repl: Repl, name: string, expression: string): Promise<string> {
  try {
    const found = (await repl.evaluate(expression)) as string[];
    return `${name}: ${found.length > 0 ? found.join(", ") : "nothing answers; check its wires and its power"}`;
  } catch (error) {
    if (!(error instanceof DevsockError) || error.code !== "EREMOTEIO") throw error;
    return `${name}: ${error.sentence}`;
  }
}
