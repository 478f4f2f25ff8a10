import { readFile, stat } from "node:fs/promises";
import { checkPrivate, DevsockError, fromNode, hasSecrets } from "../index.js";
import { CommandError, ExitCode } from "./exit.js";

/** The text of a board's configuration. @throws CommandError where it cannot be read, or has secrets that others may read */
export async function readConfigFile(file: string): Promise<string> {
  try {
    const text = await readFile(file, "utf8");
    if (hasSecrets(text)) checkPrivate((await stat(file)).mode, file);
    return text;
  } catch (error) {
    if (error instanceof DevsockError) throw new CommandError(error, ExitCode.usage);
    throw new CommandError(fromNode(error, "file", file), ExitCode.noInput);
  }
}
