/** Which build a board that runs one gets over its link. */
import { bundleOf } from "../../boards/index.js";
import type { BoardSpec, Fit } from "../../boards/index.js";
import { readManifest } from "../../boards/built.js";
import type { Config } from "../config/index.js";
import { sizesIn, storageOf } from "../config/storage.js";
import { firmwareName } from "./slots.js";
import type { BoardStorage } from "./storage.js";

/**
 * The build that runs, if it is one of these and has room for the configuration: where Storage holds one firmware no other could be put there. Else the best one.
 * @param directory of the firmware's files
 */
export async function fitFor(
  config: Config,
  board: BoardSpec,
  storage: Pick<BoardStorage, "list" | "sum">,
  directory: string,
  signal?: AbortSignal,
): Promise<Fit> {
  const sizeOf = sizesIn(directory);
  const { slots = 0, files } = await storage.list(signal);
  const running = firmwareName("devsock", slots & 1);
  const length = files.find(([name]) => name === running)?.[1];
  const manifest = readManifest(directory, board.id);
  const builtAs = (name: string): { length: number; crc: number } | undefined => manifest[`${name}.js`];
  const alike = board.builds.filter((build) => builtAs(bundleOf(board, build))?.length === length);
  if (alike.length > 0) {
    const { crc } = await storage.sum(running, signal);
    const same = alike.filter((build) => builtAs(bundleOf(board, build))?.crc === crc);
    const fit = storageOf(config, { ...board, builds: same }, sizeOf);
    if (fit?.fits) return fit;
  }
  return storageOf(config, board, sizeOf)!;
}
