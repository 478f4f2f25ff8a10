import { cpSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { storageFile } from "../../host/flash/files.js";
import { manifestName, readManifest } from "../../host/flash/manifest.js";

const FIRMWARE = fileURLToPath(new URL("../../dist/firmware/", import.meta.url));

/** A copy of the files for `linux`. */
export function copyFirmware(): string {
  const directory = mkdtempSync(join(tmpdir(), "devsock-firmware-"));
  cpSync(FIRMWARE, directory, { recursive: true, filter: (path) => !/firmware\/(?!linux)[\w-]/.test(path) });
  return directory;
}

/** A firmware for `linux` that differs, as a build would leave it. @param change of its text, one character a byte */
export function otherFirmware(change: (text: string) => string): string {
  const directory = copyFirmware();
  const file = join(directory, "linux.js");
  const data = Buffer.from(change(readFileSync(file, "latin1")), "latin1");
  writeFileSync(file, data);
  const { crc } = storageFile("linux.js", data);
  const manifest = { ...readManifest(directory, "linux"), "linux.js": { length: data.length, crc } };
  writeFileSync(join(directory, manifestName("linux")), JSON.stringify(manifest));
  return directory;
}
