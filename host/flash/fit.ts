/** Which build a board that runs one gets over its link. */
import { bundleOf } from "../../boards/index.js";
import type { BoardSpec, Fit } from "../../boards/index.js";
import type { Config } from "../config/index.js";
import { sizesIn, storageOf } from "../config/storage.js";
import { manifestOf } from "./files.js";

/** A file in a board's Storage, and what the board says of its bytes, if it does. */
export interface Running {
  length: number | undefined;
  crc: () => Promise<number | undefined>;
}

/**
 * The build that runs, if it is one of these and has room for the configuration: where Storage holds one firmware no other could be put there. Else the best one.
 * @param running the program that runs @param directory of the firmware's files
 */
export async function fitFor(config: Config, board: BoardSpec, running: Running, directory: string): Promise<Fit> {
  const sizeOf = sizesIn(directory);
  const manifest = manifestOf(directory, board);
  const built = board.builds.map((build) => ({ build, ...manifest[`${bundleOf(board, build)}.js`] }));
  const alike = built.filter(({ length }) => length === running.length);
  if (alike.length > 0) {
    const crc = await running.crc();
    const builds = alike.filter((one) => one.crc === crc).map(({ build }) => build);
    const fit = storageOf(config, { ...board, builds }, sizeOf);
    if (fit?.fits) return fit;
  }
  return storageOf(config, board, sizeOf)!;
}
