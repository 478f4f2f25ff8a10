import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeFiles } from "../scripts/firmware/build.js";

/**
 * A board's firmware as that of `linux`, in a new directory.
 * @param bundleDir of the firmware @param changed in place of what was built: `linux.js`, and its text, one character a byte
 */
export async function asLinux(
  bundleDir: string,
  board: string,
  changed: Readonly<Record<string, string>>,
): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "devsock-bench-"));
  const built = readdirSync(bundleDir).filter((file) => file.startsWith(`${board}.`) && file.endsWith(".js"));
  const files: Record<string, string> = {};
  for (const file of built)
    files[`linux.${file.slice(board.length + 1)}`] = readFileSync(join(bundleDir, file), "latin1");
  await writeFiles(directory, "linux", { ...files, ...changed });
  return directory;
}
