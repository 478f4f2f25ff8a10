/**
 * The whole way once, without hardware: the real firmware on a simulated board, a simulated receipt printer on its
 * UART, and the sample receipt printed over TCP, UDP and a serial line. This is what `npm start` runs.
 */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { connect } from "../host/index.js";
import { startSimulator } from "../simulator/index.js";
import type { Simulator } from "../simulator/index.js";
import type { EscposPrinter } from "../simulator/peripheral/escpos/index.js";
import type { Paper } from "../simulator/peripheral/escpos/index.js";
import { sampleReceipt } from "./receipts/receipt.js";

const OUT = "out";

/** Where the build puts the firmware, seen from the compiled example or from its source. */
const bundleDir = ["../firmware/", "../dist/firmware/"]
  .map((place) => fileURLToPath(new URL(place, import.meta.url)))
  .find((place) => existsSync(`${place}linux.js`));
if (!bundleDir) {
  console.error("the firmware is not built yet: run npm run build:firmware, then this again");
  process.exit(1);
}

const NEXT = `
The paper as a picture and the receipt's bytes are in ${OUT}/. What to try next:

  npx devsock sim --tcp 9180 --raw 9100             a board to play with; leave it running, and in another terminal:
  npx devsock ls tcp://127.0.0.1:9180               what hangs on it
  npx devsock print tcp://127.0.0.1:9180 ${OUT}/receipt.bin
  printf 'Hello\\n\\n\\n' | npx devsock print tcp://127.0.0.1:9180 -
  printf 'Hello\\n\\n\\n' | nc -N 127.0.0.1 9100      any program that prints to a network printer
  npx tsx examples/print-a-file.ts tcp://127.0.0.1:9180 README.md
  npx devsock --help`;

const options = { board: "linux", devices: { printer0: "escpos" }, ports: { tcp: 0, udp: 0 }, bundleDir };

const simulator = await startSimulator({ ...options, serial: true }).catch((error: NodeJS.ErrnoException) => {
  if (error.code !== "ENOTSUP") throw error;
  console.log(`No serial line here (${error.message}).`);
  return startSimulator(options);
});

try {
  await printEverywhere(simulator);
} finally {
  await simulator.stop();
}

async function printEverywhere({ links, peripherals }: Simulator): Promise<void> {
  const printer = peripherals.printer0 as EscposPrinter;
  const receipt = sampleReceipt();
  console.log(`A board is on, with a receipt printer on its UART. The receipt has ${receipt.length} bytes.\n`);
  mkdirSync(OUT, { recursive: true });
  writeFileSync(`${OUT}/receipt.bin`, receipt);
  let first: Paper | undefined;
  for (const [link, address] of Object.entries(links)) {
    const top = printer.paper.length;
    await using board = await connect(address);
    const { taken, durationMs, status } = await board.printer("printer0").print(receipt);
    while (!printer.idle) await new Promise((resolve) => setTimeout(resolve, 10));
    const paper = printer.paper.from(top);
    if (!first) console.log(paper.text());
    const same = !first || paper.png().equals(first.png());
    first ??= paper;
    const file = `${OUT}/receipt-${link}.png`;
    writeFileSync(file, paper.png());
    const how = `${taken} bytes in ${(durationMs / 1000).toFixed(2)} s, printer ${status.summary}`;
    console.log(`${link.padEnd(6)} ${address}\n       ${how}; ${file}${same ? "" : ", and it DIFFERS from the first"}`);
    if (!same) process.exitCode = 1;
  }
  console.log(NEXT);
}
