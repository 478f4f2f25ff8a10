/** `npm run wiring`: writes docs/wiring/, a page for each board with how each device is wired to it, from the boards' files. */
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { format } from "prettier";
import { boards } from "../boards/index.js";
import type { BoardSpec } from "../boards/index.js";
import { ConfigError, parseConfig } from "../host/config/index.js";
import { DEVICES } from "../boards/wiring/devices.js";
import type { DeviceWiring } from "../boards/wiring/devices.js";
import { linked, place } from "../boards/wiring/place.js";

const PAGES = new URL("../docs/wiring/", import.meta.url);

/** What a WIZnet hangs on where its board does not say: the interpreter's own choice on an STM32. */
const OWN_SPI = { port: "SPI3", sck: "B3", miso: "B4", mosi: "B5" };

/** What each page says now, by the name of its file. */
export async function wiringPages(): Promise<Map<string, string>> {
  const wired = boards.filter(({ builds, pins, paths }) => builds.length > 0 && pins !== "" && !paths);
  const pages = new Map<string, string>();
  for (const board of wired) pages.set(`${board.id}.md`, await tidy(boardPage(board)));
  const rows = wired.map(({ id, title }) => `- [${title}](${id}.md)`);
  pages.set("README.md", await tidy([INDEX, ...rows].join("\n")));
  return pages;
}

function tidy(text: string): Promise<string> {
  return format(text, { parser: "markdown", printWidth: 120 });
}

function boardPage(board: BoardSpec): string {
  return [
    `# Wiring of ${board.title}`,
    "`npm run wiring` writes this page from `boards/`. Each section is one device by itself, in a place that `devsock check` accepts; of more at once it says which pins are in each other's way.",
    suppliesOf(board),
    ...networkOf(board),
    ...DEVICES.map((device) => section(board, device)),
  ].join("\n\n");
}

function suppliesOf({ power, pins, interrupts }: BoardSpec): string {
  const { v3, v5, only3V3 } = power!;
  const bears =
    only3V3 === "all"
      ? "No pin bears more than 3.3 V."
      : `Inputs bear 5 V${only3V3 ? `, but for ${only3V3.split(" ").join(", ")}` : ""}.`;
  const lines = interrupts.byNumber
    ? "Two pins of one number (A0 and B0) cannot both be watched."
    : `Up to ${interrupts.lines} pins can be watched.`;
  const five = v5 ? `5 V at \`${v5}\` while it is on its cable` : "no 5 V";
  return `Its headers have 3.3 V at \`${v3}\`, ${five}, and GND, which every device shares. ${bears} ${lines} Pins: ${pins.split(" ").join(", ")}.`;
}

function networkOf({ network, power }: BoardSpec): string[] {
  if (network.module !== "WIZnet") return [];
  const { port, sck, miso, mosi } = network.spi ?? OWN_SPI;
  return [
    "## Network",
    `The WIZnet module is on ${port}, which is its own:`,
    table([
      ["MOSI", mosi, "to the module"],
      ["MISO", miso, "from the module"],
      ["SCK", sck, "clock"],
      ["CS", network.cs!, "select, low"],
      ["3V3", power!.v3, "up to 150 mA"],
      ["GND", "GND", ""],
    ]),
  ];
}

function section(board: BoardSpec, device: DeviceWiring): string {
  const { title, page, driver, notes } = device;
  const lines = [`## ${title}`, `[${driver}](../devices/${page}.md)`];
  const placed =
    driver === "escpos" && !prints(board)
      ? "Its firmware has no printers: its Storage has no room for them."
      : place(board, device);
  if (typeof placed === "string") return [...lines, `Not here. ${placed}`].join("\n\n");
  const fault = refusal({ ...linked(board), ...placed.config });
  if (fault) return [...lines, `Not here: ${fault}.`].join("\n\n");
  const wires = device.terminals.map(({ name, signal, what }) => [name, placed.pins[signal]!, what]);
  const on = placed.ports.length > 0 ? `On ${placed.ports.join(" and ")}. ` : "";
  return [
    ...lines,
    table([...wires, ...supply(board, device), ["GND", "GND", ""]]),
    `${on}${notes}${levels(board, device, placed.pins["rx"])}`,
    `\`\`\`json\n${JSON.stringify(placed.config)}\n\`\`\``,
  ].join("\n\n");
}

function prints({ builds }: BoardSpec): boolean {
  return builds.some(({ features }) => features.includes("printers"));
}

/** What the check of configurations says of its load, without figures; whatever else it says is a fault of the place. */
function refusal(config: object): string | undefined {
  try {
    parseConfig(config);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const others = error.faults.filter(({ problem }) => !problem.includes("what would fit:"));
    if (others.length > 0) throw error;
    return "it takes more of the board's time, or of its queue beside its link, than there is: `devsock check` says how much";
  }
  return undefined;
}

function supply({ power }: BoardSpec, { supply: from }: DeviceWiring): string[][] {
  if (from === "own") return [];
  if (from === "v5") return [["5 V", power!.v5 || "a supply of its own", ""]];
  return [["3.3 V", power!.v3, ""]];
}

/** Of a line with 5 V: whether the pin bears it. */
function levels({ power }: BoardSpec, { fiveVolts }: DeviceWiring, rx?: string): string {
  if (!fiveVolts || rx === undefined) return "";
  const { only3V3 } = power!;
  return only3V3 === "all" || only3V3.split(" ").includes(rx)
    ? ` Its TX may have 5 V, and ${rx} bears 3.3: 1 kΩ from TX to ${rx}, and 2 kΩ from there to GND.`
    : ` Its TX may have 5 V: ${rx} bears them.`;
}

function table(rows: string[][]): string {
  const line = (cells: string[]): string => `| ${cells.join(" | ")} |`;
  return [line(["device", "board", ""]), line(["---", "---", "---"]), ...rows.map(line)].join("\n");
}

const INDEX = `# Wiring

A page for each board, with how each device is wired to it. A \`linux\` and a \`raspberrypi\` have terminal devices instead of pins: a USB cable with the device's levels, and its \`path\` in the configuration.
`;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  mkdirSync(PAGES, { recursive: true });
  for (const [name, text] of await wiringPages()) writeFileSync(new URL(name, PAGES), text);
}
