/** `npm run timing`: writes docs/timing.md from the boards, the drivers' demands and the measured costs. */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { format } from "prettier";
import { boards, instructionsOf } from "../boards/index.js";
import type { BoardSpec } from "../boards/index.js";
import { costs } from "../boards/costs.js";
import { ALARM_EDGES, budgetOf, MOST_TIME, unitCost } from "../host/config/budget.js";
import type { DeviceConfig } from "../host/config/schema.js";
import { demands } from "../protocols/device/demand.js";

const PAGE = fileURLToPath(new URL("../docs/timing.md", import.meta.url));

/** Bits a second. */
const SPI = 4_000_000;

/** What the page says now. */
export async function timingPage(): Promise<string> {
  const real = boards.filter(({ mhz, builds }) => mhz > 0 && builds.length > 0);
  const text = [
    INTRODUCTION,
    "## Boards\n",
    ...table(
      ["board", "instructions a second", "queue, B", "room beside an alarm, B", "full at 115200 in"],
      real.map(boardRow),
    ),
    QUEUE,
    "## Devices\n",
    ...table(
      ["driver", "rate", "interrupts a second", "messages a second", "latest, ms", "what is lost then"],
      driverRows(),
    ),
    LATENCY,
    "## What they take\n",
    ...table(
      ["", ...Object.keys(demands).map((driver) => `\`${driver}\``)],
      [
        ["instructions of a unit", ...Object.keys(demands).map((driver) => String(unitCost(driver)))],
        ...real.map(costRow),
      ],
    ),
    COSTS,
  ].join("\n");
  return format(text, { parser: "markdown", printWidth: 120 });
}

function boardRow(board: BoardSpec): string[] {
  const { room } = budgetOf({ board: board.id }, board);
  return [
    `\`${board.id}\``,
    `${Math.round(instructionsOf(board) / 1e6)} million`,
    String(board.eventQueue),
    String(room),
    `${Math.round((1000 * board.eventQueue) / 11_520)} ms`,
  ];
}

function driverRows(): string[][] {
  return Object.entries(demands).map(([driver, demand]) => {
    const { units } = demand;
    const latency = demand.latency(units);
    const rounded = (value: number): string => String(Number(value.toPrecision(3)));
    return [
      `\`${driver}\``,
      String(units),
      rounded(demand.interrupts(units)),
      rounded(demand.messages(units)),
      latency === Infinity ? "any" : String(Math.round(latency)),
      demand.lost,
    ];
  });
}

/** ms that a message takes, and the share of the time. */
function costRow(board: BoardSpec): string[] {
  const buses = { spi0: { port: "SPI1", bitrate: SPI } };
  const cells = Object.keys(demands).map((driver) => {
    const device = { driver, uart: "", bus: "", spi: "spi0" } as unknown as DeviceConfig;
    const { message, time } = budgetOf({ board: board.id, buses, devices: { device } }, board).shares[0]!;
    return `${message.toFixed(0)} ms, ${demands[driver]!.waits ? "waits" : `${Math.round(time)} %`}`;
  });
  return [`\`${board.id}\``, ...cells];
}

function table(head: string[], rows: string[][]): string[] {
  const line = (cells: string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line), ""];
}

const INTRODUCTION = `# Timing

What each board has time for, and how long it may be late. \`npm run timing\` writes this page from \`boards/\`, \`protocols/device/demand.ts\` and \`boards/costs.ts\`; the host's check of a
configuration adds up the same figures and refuses what cannot be kept (\`devsock check FILE\`): no more than ${MOST_TIME} % of the board's time, room in the queue for ${ALARM_EDGES} edges of an alarm, and no device that
may wait longer than it can. A printer takes what is left.
`;

const QUEUE = `UARTs, watches and a converter's buffers share one queue between interrupts and the interpreter. A byte of a UART takes one byte of it, and what comes together two more for 63; an edge takes 6, buffers that changed
places 3. While the interpreter is busy nobody takes anything out. Counted from the interpreter's source: a full queue drops the event and says FIFO_FULL. What sends without being asked is counted for the longest that the board may be
busy: oximeters by their frames, a serial link by its window (\`window\` frames of \`serialPayload\` and 12 B), an analyser by one frame, a camera by the part that is asked for, a network behind a UART with flow control by three quarters of the queue, at which it is held. Printers are
spoken to and say 16 B unasked. Bytes of two UARTs that come by turns are an event each, and a serial link's keep the board busy by themselves (a frame 0.77 million instructions, a piece 26,500): where a link that is kept full
and the sensors would take more than ${MOST_TIME} % together, the whole window is counted.

\`test/host/config-load.test.ts\` runs the firmware at the speed of \`pico-wiznet\`, sensors recorded, a serial link to the board kept full, with an alarm's ${ALARM_EDGES} edges now and then: what is accepted loses no edge and drops nothing. Most bytes by the
budget, with the alarm's 96, and most that were seen: an ECG and a link at 9600 345 and 230 B, at 19200 455 and 310, at 38400 722 and 373; at 57600 1,079 are counted, of 1,020, and 656 were seen. With a Nonin as well the link may have 4800, 743 and 301; at 9600, which is refused, 974 were
seen, and from 19200 on events are dropped. So the budget is careful: it takes a link's work for one long turn, which is a turn for each frame.
On \`pico\` UARTs have no interrupts: 32 B are kept until the next turn.
`;

const LATENCY = `The longest that a board may be busy is the sum of one message of each device, the firmware's look at all that is open, a print job that begins (4.7 million instructions, where there is a printer; else 3.5 for what is loaded), and what a serial link has brought. From the drivers' sources: a converter's buffer of 300 ms may be late by another one but for a sample, the
MAX30102 keeps 15 samples behind its interrupt, a serial sensor's driver 512 B.
`;

const COSTS = `What a message takes, and what that is of the board's time. Counted on the real interpreter (\`npm run bench -- --only driver --write\`), from the driver's listener to the wire of a TCP link without a key, with one reader that records; in instructions of a Thumb-2 build, ${costs.scale} of the counted build's for each (docs/performance.md),
1.5 cycles an instruction: on the cores that are none of Thumb-2 (Xtensa of \`esp32\`, RISC-V of \`esp32c3\`) and on the Cortex-M7 of \`nucleo-f767\` that is an assumption. The firmware with one host takes ${costs.tick} every 50 ms, with each sensor ${costs.unread} more, a byte of a print job ${costs.printed}; with a key each message takes ${costs.sealed} more. Not counted: WiFi's own AT commands, a flash that is erased. An interrupt is
estimated at 500. A message's share of the wire of I2C, at 100 kHz, is in it, and of SPI, at ${SPI / 1e6} MHz.
`;

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(PAGE, await timingPage());
