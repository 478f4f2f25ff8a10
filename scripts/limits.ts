/** `npm run limits`: writes the table of boards in docs/limits.md from the firmware as it is built, and from what was measured of it (boards/variables.ts). */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { format } from "prettier";
import { boards, bundleOf, modulesOf } from "../boards/index.js";
import { detokenise } from "../boards/tokens.js";
import { variables as known } from "../boards/variables.js";
import type { Measured } from "../boards/measured.js";
import { atStart } from "./firmware/measure.js";

const PAGE = new URL("../docs/limits.md", import.meta.url);
const FIRMWARE = new URL("../dist/firmware/", import.meta.url);
const BEGIN = "<!-- boards -->";
const END = "<!-- /boards -->";

export interface BuildFigures {
  board: string;
  /** "" of a board that holds none. */
  build: string;
  bytes: number;
  storage: number;
  /** Variables at the start, as estimated from the text. */
  estimated: number;
  variables: number;
  measured: Measured;
}

/** Of each build, as it lies in `dist/firmware`. */
export function buildFigures(): BuildFigures[] {
  return boards.flatMap((board): BuildFigures[] => {
    const { id, storage, variables } = board;
    const none = { board: id, build: "", bytes: 0, storage, estimated: 0, variables, measured: {} };
    if (board.refuses !== undefined) return [none];
    return board.builds.map((each) => {
      const build = bundleOf(board, each);
      const image = readFileSync(new URL(`${build}.js`, FIRMWARE), "latin1");
      const measured = known[build] ?? {};
      return { ...none, build, bytes: image.length, estimated: estimatedOf(image), measured };
    });
  });
}

/** Of what is evaluated at the start, not of the parts in front of it. */
export function estimatedOf(image: string): number {
  const main = image.startsWith("/*") ? image.slice(image.indexOf("*/") + 2) : image;
  return atStart(detokenise(main));
}

/** Of the modules that these drivers' devices load, in bytes. */
export function moduleBytesOf(board: string, drivers: readonly string[]): number {
  const devices = Object.fromEntries(drivers.map((driver) => [driver, { driver }]));
  return modulesOf({ devices }).reduce(
    (sum, module) => sum + readFileSync(new URL(`${board}.${module}.js`, FIRMWARE)).length,
    0,
  );
}

const HEAD = [
  ...["board", "build", "bytes", "of Storage", "left", "with"],
  ...["idle", "busy", "of", "left, busy", "idle from RAM", "busy from RAM"],
];

/** The cells of a build's row. */
export function rowOf({ board, build, bytes, storage, variables, measured }: BuildFigures): string[] {
  const written = (figure: number | undefined): string => figure?.toLocaleString("en-US") ?? "";
  if (build === "") {
    const row = HEAD.map(() => "");
    row.splice(0, 2, `\`${board}\``, "none");
    row[HEAD.indexOf("of Storage")] = written(storage);
    row[HEAD.indexOf("of")] = written(variables);
    return row;
  }
  const flash = measured.storage;
  return [
    ...[`\`${board}\``, `\`${build}\``, written(bytes), written(storage), written(storage - bytes)],
    ...[flash?.drivers.join(", ") ?? "", written(flash?.idle), written(flash?.busy), written(variables)],
    ...[written(flash && variables - flash.busy), written(measured.ram?.idle), written(measured.ram?.busy)],
  ];
}

/** The cells of the page's rows as it is. */
export function listedRows(): string[][] {
  const [, table = ""] = new RegExp(`${BEGIN}([^]*)${END}`).exec(readFileSync(PAGE, "utf8")) ?? [];
  const lines = table.trim().split("\n").slice(2);
  return lines.map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

function table(): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(HEAD), line(HEAD.map(() => "---")), ...buildFigures().map((figures) => line(rowOf(figures)))].join("\n");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const page = readFileSync(PAGE, "utf8");
  const text = page.replace(new RegExp(`${BEGIN}[^]*${END}`), `${BEGIN}\n\n${table()}\n\n${END}`);
  writeFileSync(PAGE, await format(text, { parser: "markdown", printWidth: 120 }));
}
