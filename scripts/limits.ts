/** `npm run limits`: writes the table of boards in docs/limits.md from the firmware as it is built. */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { format } from "prettier";
import { boards, bundleOf } from "../boards/index.js";
import { detokenise } from "../boards/tokens.js";
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
  estimated: number;
  variables: number;
}

/** Of each build, as it lies in `dist/firmware`. */
export function buildFigures(): BuildFigures[] {
  return boards.flatMap((board) => {
    const { id, storage, variables } = board;
    if (board.refuses !== undefined) return [{ board: id, build: "", bytes: 0, storage, estimated: 0, variables }];
    return board.builds.map((each) => {
      const build = bundleOf(board, each);
      const image = readFileSync(new URL(`${build}.js`, FIRMWARE), "latin1");
      return { board: id, build, bytes: image.length, storage, estimated: estimatedOf(image), variables };
    });
  });
}

/** Of what is evaluated at the start, not of the parts in front of it. */
export function estimatedOf(image: string): number {
  const main = image.startsWith("/*") ? image.slice(image.indexOf("*/") + 2) : image;
  return atStart(detokenise(main));
}

/** What the page says now. */
export function listedFigures(): BuildFigures[] {
  const [, table = ""] = new RegExp(`${BEGIN}([^]*)${END}`).exec(readFileSync(PAGE, "utf8")) ?? [];
  const rows = table.trim().split("\n").slice(2);
  return rows.map((row) => {
    const [board, build, ...figures] = row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim().replace(/[`,]/g, ""));
    const [bytes, storage, , estimated, variables] = figures.map((figure) => Number(figure) || 0);
    return {
      ...{ board: board!, build: build === "none" ? "" : build! },
      ...{ bytes: bytes!, storage: storage!, estimated: estimated!, variables: variables! },
    };
  });
}

function table(): string {
  const written = (figure: number): string => figure.toLocaleString("en-US");
  const rows = buildFigures().map(({ board, build, bytes, storage, estimated, variables }) =>
    build === ""
      ? [`\`${board}\``, "none", "", written(storage), "", "", written(variables)]
      : [
          ...[`\`${board}\``, `\`${build}\``, written(bytes), written(storage)],
          ...[written(storage - bytes), written(estimated), written(variables)],
        ],
  );
  const head = ["board", "build", "bytes", "of Storage", "left", "variables at the start", "of"];
  const line = (cells: string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const page = readFileSync(PAGE, "utf8");
  const text = page.replace(new RegExp(`${BEGIN}[^]*${END}`), `${BEGIN}\n\n${table()}\n\n${END}`);
  writeFileSync(PAGE, await format(text, { parser: "markdown", printWidth: 120 }));
}
