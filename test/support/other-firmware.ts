import { cpSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { manifestName, readManifest } from "../../boards/built.js";
import { storageFile } from "../../host/flash/files.js";

const FIRMWARE = fileURLToPath(new URL("../../dist/firmware/", import.meta.url));

/** A copy of the files for `linux`. */
export function copyFirmware(): string {
  const directory = mkdtempSync(join(tmpdir(), "devsock-firmware-"));
  cpSync(FIRMWARE, directory, { recursive: true, filter: (path) => !/firmware\/(?!linux)[\w-]/.test(path) });
  return directory;
}

/** Files for `linux` beside or in place of those that are there, as a build would leave them. @param files their texts, one character a byte */
export function putFirmware(directory: string, files: Readonly<Record<string, string>>): void {
  const list = join(directory, manifestName("linux"));
  const manifest = { ...(existsSync(list) && readManifest(directory, "linux")) };
  for (const [name, text] of Object.entries(files)) {
    const { data, crc } = storageFile(name, Buffer.from(text, "latin1"));
    writeFileSync(join(directory, name), data);
    manifest[name] = { length: data.length, crc };
  }
  writeFileSync(list, JSON.stringify(manifest));
}

/** A firmware for `linux` that differs, as a build would leave it. @param change of its text, one character a byte */
export function otherFirmware(change: (text: string) => string): string {
  const directory = copyFirmware();
  putFirmware(directory, { "linux.js": change(readFileSync(join(directory, "linux.js"), "latin1")) });
  return directory;
}
