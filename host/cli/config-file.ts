import { readFile } from "node:fs/promises";
import { fromNode } from "../index.js";
import { CommandError, ExitCode } from "./exit.js";

/** The text of a board's configuration. @throws CommandError where it cannot be read */
export async function readConfigFile(file: string): Promise<string> {
  return readFile(file, "utf8").catch((error: unknown) => {
    throw new CommandError(fromNode(error, "file", file), ExitCode.noInput);
  });
}
