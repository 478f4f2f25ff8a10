/** What opens the console of a board that has a key. */
import type { Config } from "../config/index.js";
import { consolePassword } from "../key.js";
import type { FlashOptions } from "./flash.js";

/** Of the key that the board has, and of the one that it gets. */
export function passwordsOf({ key }: FlashOptions, config: Config): string[] {
  const keys = [key, config.key].filter((each) => each !== undefined);
  return [...new Set(keys.map((each) => consolePassword(each)))];
}
