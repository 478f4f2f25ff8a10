import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Where the firmware's files are: beside the compiled library, or where the build puts them when the sources run. */
export function firmwareDirectory(): string {
  const places = ["../../firmware/", "../../dist/firmware/"].map((place) => new URL(place, import.meta.url));
  return fileURLToPath(places.find((place) => existsSync(new URL("linux.js", place))) ?? places[1]!);
}
