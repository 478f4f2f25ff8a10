/** Images into a folder, one every so often. What fails is counted, and it goes on. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { DevsockError, fromNode } from "../index.js";
import type { Camera, Snapshot, SnapshotOptions } from "../index.js";
import { NewFile } from "./new-file.js";

export interface LapseCounts {
  /** Files that were written. */
  images: number;
  /** Times at which there was no image, or no whole one. */
  failed: number;
  /** Times that were over when the image before them was there. */
  skipped: number;
  /** Images that were not whole, and were taken again. */
  broken: number;
}

export interface LapseEvents {
  taken(file: string, image: Snapshot): void;
  failed(error: DevsockError): void;
}

/** What does not get better by waiting. */
const FINAL = ["ENODEV", "EINVAL", "EPROTONOSUPPORT", "ENOTCONN", "EACCES"];

/**
 * @param every ms from one to the next; their times are those of the first and whole multiples after it
 * @param options with the signal that ends it
 * @throws DevsockError what does not get better: no such camera, the link is over, a file that cannot be written
 */
export async function timeLapse(
  camera: Camera,
  directory: string,
  every: number,
  options: SnapshotOptions & { signal: AbortSignal },
  events: LapseEvents,
): Promise<LapseCounts> {
  const counts = { images: 0, failed: 0, skipped: 0, broken: 0 };
  const { signal } = options;
  await mkdir(directory, { recursive: true }).catch((error: unknown) => {
    throw fromNode(error, "output", directory);
  });
  const start = performance.now();
  for (let turn = 0; !signal.aborted;) {
    const image = await camera.snapshot(options).catch((error: unknown) => {
      if (signal.aborted) return undefined;
      if (!(error instanceof DevsockError) || FINAL.includes(error.code)) throw error;
      counts.failed++;
      events.failed(error);
      return undefined;
    });
    if (image) {
      const path = join(directory, nameOf(camera.name, image.utc));
      await (await NewFile.begin(path)).write(image.data);
      counts.images++;
      counts.broken += image.broken;
      events.taken(path, image);
    }
    const next = Math.floor((performance.now() - start) / every) + 1;
    counts.skipped += next - turn - 1;
    turn = next;
    await pause(start + turn * every - performance.now(), undefined, { signal }).catch(() => undefined);
  }
  return counts;
}

/** Names sort by when the images were taken. */
function nameOf(camera: string, utc: number): string {
  const time = new Date(utc).toISOString().replace(/:/g, "-");
  return `${camera.replace(/[^\w.-]/g, "_")}-${time}.jpg`;
}
