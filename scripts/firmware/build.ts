/** One board's firmware: compiled, bundled, checked and written. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { manifestName } from "../../boards/built.js";
import type { Manifest } from "../../boards/built.js";
import { boards as known, bundleOf } from "../../boards/index.js";
import type { Build } from "../../boards/index.js";
import { bundle } from "./bundle.js";
import type { Form } from "./bundle.js";
import { compile } from "./compile.js";
import type { Compiled } from "./compile.js";
import { fill } from "./later.js";
import type { Split } from "./later.js";
import { lintBundle } from "./lint.js";
import { atStart, count } from "./measure.js";
import type { Cost } from "./measure.js";
import { onPc } from "./on-pc.js";
import { overlayTexts } from "./overlays.js";
import { tokenise } from "./tokenise.js";

/** Name of the program in the board's Storage. */
export const PROGRAM = "devsock";

/** The boot file: all of the program stays in flash behind it. */
export const BOOT = `eval(require("Storage").read("${PROGRAM}"));\n`;

/** Its end where there are slots. */
const BOOT_SLOT = `;eval(require("Storage").read("${PROGRAM}"+$_b.s));\n`;

/** What becomes of a module: programs on the board ask for `sockets` by `require`; the others are the program's own, and it keeps no more of them than it uses. */
export function formOf(name: string): Form {
  return name === "sockets" ? "module" : { name, number: Object.keys(MODULES).indexOf(name) };
}

/** Modules in Storage beside it, by name: for programs on the board, and what only some configurations need. */
export const MODULES: Readonly<Record<string, string>> = {
  sockets: "firmware/sockets.ts",
  sensors: "firmware/sensors.ts",
  ad8232: "firmware/driver/ad8232.ts",
  analyser: "firmware/driver/analyser.ts",
  cms50: "firmware/driver/cms50.ts",
  ds18b20: "firmware/driver/ds18b20.ts",
  httpd: "firmware/endpoint/httpd.ts",
  max30102: "firmware/driver/max30102.ts",
  mlx90614: "firmware/driver/mlx90614.ts",
  nonin: "firmware/driver/nonin.ts",
  ov2640: "firmware/driver/ov2640.ts",
  ov528: "firmware/driver/ov528.ts",
  vc0706: "firmware/driver/vc0706.ts",
};

export interface Firmware {
  board: string;
  /** Its files are NAME.js and NAME.boot.js. */
  name: string;
  /** The script, to be read. */
  code: string;
  /** What goes into Storage: the script with the interpreter's tokens, one character a byte. */
  image: string;
  /** What starts it. */
  boot: string;
  cost: Cost;
  /** What each part takes from when it is loaded, in variables, as estimated. */
  parts: ReadonlyMap<string, number>;
}

/**
 * @param root the repository
 * @param boards their ids
 * @param entry the entry file, relative to the repository
 * @param form a program is made once for each of a board's builds, the first of the list first; a module serves them all
 * @param others in place of the boards' own builds
 * @param pc for the interpreter's Linux build, which has neither the boards' network nor their UARTs
 * @throws Error with the compiler's or the lint's own messages
 */
export async function build(
  root: string,
  boards: readonly string[],
  entry = "firmware/main.ts",
  form: Form = "program",
  others?: readonly Build[],
  pc = false,
): Promise<Firmware[]> {
  const own = compile(root, entry, boards);
  const compiled = pc ? onPc(own, boards) : own;
  const starter = form === "program" ? compile(root, "firmware/boot.ts", boards) : undefined;
  const wanted = boards.flatMap((id) => {
    const board = known.find((spec) => spec.id === id)!;
    const builds = others ?? (form === "program" ? board.builds : board.builds.slice(0, 1));
    return builds.map((build) => ({ board: id, name: bundleOf(board, build), build }));
  });
  return Promise.all(
    wanted.map(async ({ board, name, build }) => {
      const { code, main, parts, overlays } = await bundle(compiled, entry.replace(/\.ts$/, ""), board, build, form);
      const faults = lintBundle(code);
      if (faults.length > 0)
        throw new Error(`the bundle ${name} is not fit for the interpreter:\n${faults.join("\n")}`);
      const image = imageOf(main, parts, overlays);
      const slots = starter && build.features.includes("slots");
      return {
        board,
        name,
        code,
        image,
        boot: slots ? await bootOf(starter, board, build) : BOOT,
        cost: { ...count(code, image.length), estimated: form === "program" ? atStart(main) : count(main).estimated },
        parts: new Map([...parts].map(([name, text]) => [name, count(text).estimated])),
      };
    }),
  );
}

/**
 * What the board's Storage holds: overlays and parts as a comment, each where its calls say that it is, and then what is evaluated at
 * the start.
 */
function imageOf(main: string, parts: Split["parts"], overlays: Split["overlays"]): string {
  if (parts.size + overlays.length === 0) return tokenise(main);
  let places = new Map<string, readonly number[]>();
  let comment: string;
  // Parts name places of parts, and a longer number moves what follows.
  for (let settled = false; !settled;) {
    const first = overlayTexts(overlays, "/*", (body) => tokenise(fill(body, places)));
    const next = new Map(first.places);
    comment = first.text;
    for (const [name, code] of parts) {
      const text = tokenise(fill(code, places));
      next.set(name, [comment.length, text.length]);
      comment += text;
    }
    settled = [...next].every(([name, place]) => place.join() === places.get(name)?.join());
    places = next;
  }
  if (comment!.includes("*/")) throw new Error("a part of the program ends a comment: write it otherwise");
  return `${comment!}*/${tokenise(fill(main, places))}`;
}

/** What says which slot starts, and then starts it. */
async function bootOf(compiled: Compiled, board: string, build: Build): Promise<string> {
  const { code, main } = await bundle(compiled, "firmware/boot", board, build, "boot");
  const faults = lintBundle(code);
  if (faults.length > 0) throw new Error(`the boot file is not fit for the interpreter:\n${faults.join("\n")}`);
  return tokenise(main) + BOOT_SLOT;
}

/** NAME.js and NAME.boot.js. */
export function filesOf({ name, image, boot }: Firmware): Record<string, string> {
  return { [`${name}.js`]: image, [`${name}.boot.js`]: boot };
}

/** Writes a board's files, and last of all the list of them: where that is missing or old a build was broken off. @param files their texts, one character a byte */
export async function writeFiles(
  directory: string,
  board: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  await mkdir(directory, { recursive: true });
  const manifest: Record<string, Manifest[string]> = {};
  for (const [name, text] of Object.entries(files)) {
    const data = Buffer.from(text, "latin1");
    await writeFile(join(directory, name), data);
    manifest[name] = { length: data.length, crc: crc32(data) };
  }
  await writeFile(join(directory, manifestName(board)), JSON.stringify(manifest, null, 1) + "\n");
}
