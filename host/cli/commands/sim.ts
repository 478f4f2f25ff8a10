import { once } from "node:events";
import { Option } from "commander";
import type { Command } from "commander";
import type { Load, Simulator, SimulatorOptions } from "../../../simulator/index.js";
import { onInterrupt } from "../interrupt.js";
import { bus, device, integer, port, rawPort } from "../options.js";
import { printJson, printLines } from "../output.js";
import { simFailure } from "../sim-failure.js";
import { simSettings } from "../sim-settings.js";
import type { SimOptions } from "../sim-settings.js";

const HELP = `
Without any of --tcp, --udp, --serial, --raw, --http and --config the board offers TCP and UDP on port 9180, an emulated Pico a serial line.
Everything listens on 127.0.0.1 only. SIGTERM or Ctrl-C ends it.

Settings of a simulated printer or chip stand behind its kind: printer0=escpos,buffer=45,speed=2000, i2c0=24c02,address=81

Examples:
  devsock sim
  devsock sim --json --tcp 0 --udp 0 --serial --raw 0
  devsock sim --device camera0=vc0706 --tcp 9180 --http 8080
  devsock sim --board espruino-wifi --device printer0=escpos,buffer=45 --tcp 9180 --printer-log got.bin
  devsock sim --speed espruino-wifi --device printer0=escpos --device ecg0=ad8232
  ESPRUINO=/usr/local/bin/espruino devsock sim --runtime espruino --tcp 9180
  ESPRUINO_PICO=espruino_pico.bin PICO_BOOTROM=bootrom.bin devsock sim --runtime pico`;

export function addSim(program: Command): void {
  program
    .command("sim")
    .summary("run a simulated board with a simulated printer")
    .description("Runs the board's real firmware without hardware, with simulated peripherals on its UARTs.")
    .option(
      "--board <id>",
      'which board; "linux", or "pico" where that is emulated, unless the configuration says another',
    )
    .option("--config <file>", "the board's configuration, devsock.json, instead of one made from these options")
    .option("--device <name=kind>", "a peripheral, may be repeated (default: printer0=escpos)", device)
    .option("--bus <name=chip>", "a chip on an I2C or SPI bus, may be repeated: i2c0=24c02, spi0=w25q80", bus)
    .option("--tcp <port>", "offer the link over TCP; 0 is any port", port)
    .option("--udp <port>", "offer the link over UDP; 0 is any port", port)
    .option("--serial", "offer the link over a serial line, a pseudo terminal")
    .option("--raw <[device=]port>", "offer the raw port, as 9100 of network printers; may be repeated", rawPort)
    .option("--http <[device=]port>", "offer the board's own HTTP of a camera; may be repeated", rawPort)
    .option("--printer-log <file>", "write the exact bytes that the printer receives to a file")
    .option("--key-file <file>", "the board's key, in a file of mode 0600; without one everybody is let in")
    .option("--seed <n>", "start of all randomness", integer, 1)
    .addOption(
      new Option(
        "--runtime <which>",
        "who runs the firmware: devsock's own runtime, the program named by ESPRUINO, or an emulated Pico",
      )
        .choices(["simulated", "espruino", "pico"])
        .default("simulated"),
    )
    .option("--speed <id>", "let each callback take as long as on this board, whose queues fill meanwhile")
    .option("--json", "print one line of JSON when ready")
    .addHelpText("after", HELP)
    .action((options: SimOptions) => sim(options));
}

async function sim(options: SimOptions): Promise<void> {
  const interrupt = onInterrupt();
  try {
    const simulator = await start(await simSettings(options));
    const { links, endpoints } = simulator;
    if (options.json) printJson({ ready: true, links, endpoints });
    else printLines(describe(simulator));
    if (!interrupt.signal.aborted) await once(interrupt.signal, "abort");
    const load = simulator.load?.();
    await simulator.stop();
    if (load && options.json) printJson({ load });
    else if (load) printLines(wordsOf(load));
  } finally {
    interrupt.stop();
  }
}

async function start(options: SimulatorOptions): Promise<Simulator> {
  try {
    // Loaded only here: the other commands start faster without it.
    const { startSimulator } = await import("../../../simulator/index.js");
    return await startSimulator(options);
  } catch (error) {
    throw simFailure(error, options.printerLog);
  }
}

/** What a board at some speed had to do. */
function wordsOf({ shares, queue }: Load): string[] {
  const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
  const works = Object.entries(shares).sort(([, a], [, b]) => b - a);
  const busy = works.reduce((sum, [, share]) => sum + share, 0);
  return [
    `busy ${percent(busy)} of the time: ${works.map(([work, share]) => `${work} ${percent(share)}`).join(", ")}`,
    `event queue: ${queue.most} of ${queue.size} B at the most, ${queue.dropped} events dropped`,
  ];
}

function describe({ links, endpoints }: Simulator): string[] {
  const address = Object.values(links)[0];
  return [
    "the board is on; Ctrl-C ends it",
    ...Object.entries(links).map(([name, link]) => `  ${name.padEnd(8)} ${link}`),
    ...Object.entries(endpoints).flatMap(([name, { raw, http }]) => [
      ...(raw ? [`  ${name} raw ${raw.replace("tcp://", "port of ")}`] : []),
      ...(http ? [`  ${name} ${http}`] : []),
    ]),
    ...(address ? [`try: npx devsock ls '${address}'`] : []),
  ];
}
