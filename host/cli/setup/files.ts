/** What set-up leaves on this machine: a configuration without secrets, and each secret in a file of its own. */
import { open, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { DevsockError, fromNode, readKeyFile } from "../../index.js";
import { CommandError, ExitCode, orExit } from "../exit.js";

export interface SetupFiles {
  config: string;
  key: string;
  wifi: string;
  picture: string;
}

export function filesFor(directory: string, name: string): SetupFiles {
  const file = (ending: string): string => join(directory, name + ending);
  return { config: file(".json"), key: file(".key"), wifi: file(".wifi"), picture: file(".jpg") };
}

export async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

/** The key that a set-up before this one left. */
export async function keyThere(file: string): Promise<Uint8Array | undefined> {
  return (await isThere(file)) ? orExit(readKeyFile(file), ExitCode.noInput) : undefined;
}

/** Nobody else may read it. @param replace one that is there */
export async function writePrivate(file: string, text: string, replace: boolean): Promise<void> {
  try {
    // Its mode would stay.
    if (replace) await rm(file, { force: true });
    const handle = await open(file, "wx", 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw failed(error, file);
  }
}

function failed(error: unknown, file: string): CommandError {
  if ((error as NodeJS.ErrnoException).code !== "EEXIST")
    return new CommandError(fromNode(error, "output", file), ExitCode.failed);
  const text = `EEXIST: ${file} is there already and is left as it is; choose another --name, or replace it with --force`;
  return new CommandError(new DevsockError(text, { address: file }), ExitCode.failed);
}
