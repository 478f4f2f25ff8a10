/** `npm run build:firmware -- --board ID [--board ID ...] [--out DIR]` */
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { boards } from "../boards/index.js";
import { build, writeFirmware } from "./firmware/build.js";
import { measure } from "./firmware/measure.js";

const root = fileURLToPath(new URL("..", import.meta.url));

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      board: { type: "string", multiple: true, default: ["linux"] },
      out: { type: "string", default: join(root, "dist/firmware") },
      entry: { type: "string" },
    },
  });
  for (const id of values.board) {
    const board = boards.find((known) => known.id === id);
    if (!board) throw new Error(`no board "${id}"; choose among ${boards.map((known) => known.id).join(", ")}`);
    const firmware = await build({ root, board: id, ...(values.entry && { entry: relative(root, values.entry) }) });
    await writeFirmware(values.out, id, firmware);
    const { bytes, functions, parameters, estimated } = firmware.cost;
    console.log(
      `${id}: ${bytes} B of ${board.storage} B Storage, ${functions} functions, ${parameters} parameters, ` +
        `about ${estimated} of ${board.variables} variables`,
    );
    const espruino = process.env["ESPRUINO"];
    if (espruino && id === "linux") console.log(`${id}: ${await measure(espruino, firmware.code)} variables measured`);
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
