/** What a simulated camera sees: each shot gives the next of its images of the size that it is set to. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { readJpeg } from "../../../protocols/device/camera/jpeg.js";
import { failure } from "../../simulation.js";
import { drawCard } from "./card.js";

/** `640x480`. */
export type Size = string;

/** @param quality 1 to 100 */
export type Scene = (size: Size, quality: number) => Uint8Array;

/**
 * A JPEG file, or a folder of them in the order of their names. Of images of several sizes those of the camera's own are given; of a size that none of them
 * has, all.
 * @param path none for a drawn one, in which a number counts the shots
 * @throws Error ENOENT, EINVAL when it is no whole JPEG
 */
export function openScene(path: string | undefined): Scene {
  let shots = 0;
  if (path === undefined) return (size, quality) => drawCard(size, quality, shots++);
  const images = filesOf(path).map((file) => ({ data: readImage(file), size: "" }));
  for (const image of images) image.size = sizeOf(image.data);
  return (size) => {
    const fitting = images.filter((image) => image.size === size);
    const choice = fitting.length > 0 ? fitting : images;
    return choice[shots++ % choice.length]!.data;
  };
}

function filesOf(path: string): string[] {
  if (!statSync(path, { throwIfNoEntry: false }))
    throw failure("ENOENT", `there is no ${path}: name a JPEG file, or a folder of them`);
  if (!statSync(path).isDirectory()) return [path];
  const names = readdirSync(path).filter((name) => /\.jpe?g$/i.test(name));
  if (names.length === 0) throw failure("EINVAL", `there is no JPEG in ${path}: their names end with .jpg`);
  return names.sort().map((name) => join(path, name));
}

/** Without what is behind its end: a camera has nothing there. */
function readImage(file: string): Uint8Array {
  const data = new Uint8Array(readFileSync(file));
  const form = readJpeg(data);
  if (typeof form === "string") throw failure("EINVAL", `${file} is no whole JPEG, ${form}: name another one`);
  return data.subarray(0, form.length);
}

function sizeOf(data: Uint8Array): Size {
  const form = readJpeg(data);
  return typeof form === "string" ? "" : `${form.width}x${form.height}`;
}
