/**
 * The whole way once, without hardware: the real firmware on a simulated board, a simulated receipt printer on its
 * UART, and the sample receipt printed over TCP, UDP and a serial line. Beside it a picture of a simulated camera, and ten seconds of an ECG, from a
 * simulated sensor on its pins. This is what `npm start` runs.
 */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { coloursOf, halfBlocks } from "../host/cli/picture/half-blocks.js";
import { frame } from "../host/cli/trace-view/frame.js";
import { TraceHistory } from "../host/cli/trace-view/history.js";
import { connect, thumbnail } from "../host/index.js";
import type { SensorGap, SensorReading, SensorTable } from "../host/index.js";
import { startSimulator } from "../simulator/index.js";
import type { Simulator } from "../simulator/index.js";
import type { EscposPrinter } from "../simulator/peripheral/escpos/index.js";
import type { Paper } from "../simulator/peripheral/escpos/index.js";
import { ecgPaper } from "./ecg/paper.js";
import { sampleReceipt } from "./receipts/receipt.js";

const OUT = "out";

/** Of the ECG. */
const SECONDS = 10;

/** Seen from the compiled example or from its source. */
const find = (places: string[], file: string): string | undefined =>
  places.map((place) => fileURLToPath(new URL(place, import.meta.url))).find((place) => existsSync(`${place}${file}`));

/** Where the build puts the firmware, and what the simulated camera sees. */
const bundleDir = find(["../firmware/", "../dist/firmware/"], "linux.js");
const scene = find(["../test/images/", "../../test/images/"], "320x240-1.jpg");
if (!bundleDir) {
  console.error("the firmware is not built yet: run npm run build:firmware, then this again");
  process.exit(1);
}

const NEXT = `
The paper as a picture, the receipt's bytes and the camera's image are in ${OUT}/. What to try next:

  npx devsock sim --tcp 9180 --raw 9100             a board to play with; leave it running, and in another terminal:
  npx devsock ls tcp://127.0.0.1:9180               what hangs on it
  npx devsock print tcp://127.0.0.1:9180 ${OUT}/receipt.bin
  printf 'Hello\\n\\n\\n' | npx devsock print tcp://127.0.0.1:9180 -
  printf 'Hello\\n\\n\\n' | nc -N 127.0.0.1 9100      any program that prints to a network printer
  npx tsx examples/print-a-file.ts tcp://127.0.0.1:9180 README.md

  npx devsock sim --tcp 9181 --device ecg0=ad8232   a board with an ECG on its pins, and in another terminal:
  npx devsock watch tcp://127.0.0.1:9181 ecg0       its trace, live
  npx devsock record tcp://127.0.0.1:9181 ecg0 -o ecg.edf --seconds 30

  npx devsock sim --tcp 9182 --device camera0=vc0706,image=${OUT}/camera.jpg   a board with a camera, and in another terminal:
  npx devsock snapshot tcp://127.0.0.1:9182 -o picture.jpg
  npx devsock stream tcp://127.0.0.1:9182           its pictures for any browser
  npx devsock --help`;

const options = {
  board: "linux",
  devices: { printer0: "escpos", ecg0: "ad8232", camera0: `vc0706,image=${scene}320x240-1.jpg,boot=300` },
  ports: { tcp: 0, udp: 0 },
  bundleDir,
};

const simulator = await startSimulator({ ...options, serial: true }).catch((error: NodeJS.ErrnoException) => {
  if (error.code !== "ENOTSUP") throw error;
  console.log(`No serial line here (${error.message}).`);
  return startSimulator(options);
});

try {
  await printEverywhere(simulator);
  await takePicture(simulator);
  console.log(`\nAnd ${SECONDS} seconds of the ECG:`);
  showEcg(...(await readEcg(simulator)));
  console.log(NEXT);
} finally {
  await simulator.stop();
}

async function printEverywhere({ links, peripherals }: Simulator): Promise<void> {
  const printer = peripherals.printer0 as EscposPrinter;
  const receipt = sampleReceipt();
  console.log(
    `A board is on, with a receipt printer and a camera on its UARTs and an ECG on its pins. The receipt has ${receipt.length} bytes.\n`,
  );
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
}

async function takePicture({ links }: Simulator): Promise<void> {
  await using board = await connect(Object.values(links)[0]!);
  const start = performance.now();
  const image = await board.camera("camera0").snapshot();
  const seconds = (performance.now() - start) / 1000;
  const file = `${OUT}/camera.jpg`;
  writeFileSync(file, image.data);
  const colours = coloursOf(process.stdout, process.env);
  const small = colours && thumbnail(image.data);
  const { columns = 80, rows = 24 } = process.stdout;
  console.log(`\nA picture of the camera, ${image.width}x${image.height}, through a board that could not hold it:\n`);
  if (small) console.log(halfBlocks(small, { columns, rows: rows - 3 }, colours).join("\n"));
  console.log(`${image.data.length} bytes in ${seconds.toFixed(2)} s; ${file}`);
}

type Ecg = [items: (SensorReading | SensorGap)[], table: SensorTable];

async function readEcg({ links }: Simulator): Promise<Ecg> {
  await using board = await connect(Object.values(links)[0]!);
  const sensor = board.sensor("ecg0");
  const { table } = await sensor.describe();
  const items: (SensorReading | SensorGap)[] = [];
  for await (const item of sensor.samples()) {
    items.push(item);
    if (item.utc - items[0]!.utc >= SECONDS * 1000) break;
  }
  return [items, table];
}

function showEcg(items: (SensorReading | SensorGap)[], table: SensorTable): void {
  const history = new TraceHistory(SECONDS);
  for (const item of items) history.add(item);
  const lines = frame("ecg0", table, history, { columns: process.stdout.columns || 100, rows: 14 });
  writeFileSync(`${OUT}/ecg.png`, ecgPaper(items, SECONDS));
  console.log(`\n${lines.join("\n")}\nThe same on its usual paper: ${OUT}/ecg.png`);
}
