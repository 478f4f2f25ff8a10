/** Records a sensor to an EDF+ file. Not for diagnosis. */
import { setTimeout as pause } from "node:timers/promises";
import type { SensorSource } from "../../device/sensor-source.js";
import { EdfFile } from "./file.js";
import type { EdfSubject } from "./header.js";
import { EdfRecorder } from "./recorder.js";
import type { EdfCounts } from "./recorder.js";

/** What came is in the file after so long at the most, in ms, whether its record is full or not. */
const FLUSH = 250;

export interface RecordOptions {
  /** Ends the recording in order; it is whole then. */
  signal?: AbortSignal;
  /** Who and what is recorded; nobody, by default. */
  subject?: EdfSubject;
  /** Called after each write with what was recorded until then. */
  onProgress?: (counts: EdfCounts) => void;
}

/**
 * Writes what the sensor gives to a new file, until the signal or the end of its readings. Missing readings and those without a
 * value are never written as numbers: docs/recording.md. Not for diagnosis.
 * @returns what is in the file
 * @throws DevsockError EINVAL for a subject or a rate that EDF+ cannot say; EEXIST, EACCES, ENOSPC ... of the file; what the
 *   sensor's own iterations throw: the file then has all that came before, and is not there if nothing came
 */
export async function recordSensor(
  sensor: SensorSource,
  path: string,
  options: RecordOptions = {},
): Promise<EdfCounts> {
  const recorder = new EdfRecorder(sensor.table, sensor.rate, options.subject);
  const file = await EdfFile.create(path);
  const over = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, over.signal]) : over.signal;
  const end = (): void => over.abort();
  try {
    const samples = each(sensor.samples({ signal }), signal, (one) =>
      one.kind === "gap" ? recorder.gap(one) : recorder.reading(one),
    );
    // Its gaps are among the samples. An end is none of the recording, but a failure is: alarms must not be missing unseen.
    const alarms = each(sensor.alarms({ signal }), signal, (one) => {
      if (one.kind === "alarm") recorder.alarm(one);
    });
    const writing = flushing(recorder, file, over.signal, options.onProgress);
    await all([samples.finally(end), alarms.catch(failing(end)), writing.catch(failing(end))]);
  } catch (error) {
    const { readings, gaps, alarms } = recorder.summary;
    // An empty file would only be in the way of the next try.
    if (readings + gaps + alarms === 0) await file.remove();
    else await finish(recorder, file);
    throw error;
  }
  await finish(recorder, file);
  return recorder.summary;
}

async function finish(recorder: EdfRecorder, file: EdfFile): Promise<void> {
  recorder.finish(Date.now());
  try {
    await file.write(recorder.take(), performance.now());
  } finally {
    await file.close();
  }
}

/** Waits for all; the first failure is thrown once all have ended. */
async function all(works: Promise<void>[]): Promise<void> {
  const ends = await Promise.allSettled(works);
  for (const end of ends) if (end.status === "rejected") throw end.reason;
}

/** Ends all else, and stays a failure. */
function failing(end: () => void): (error: unknown) => never {
  return (error) => {
    end();
    throw error;
  };
}

/** Until the end, or the signal, which is no failure; a source that does not know the signal is left where it is. */
async function each<T>(source: AsyncIterable<T>, signal: AbortSignal, take: (one: T) => void): Promise<void> {
  const pump = async (): Promise<void> => {
    for await (const one of source) {
      if (signal.aborted) return;
      take(one);
    }
  };
  const aborted = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
  const pumped = pump().catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  return Promise.race([pumped, aborted]);
}

async function flushing(
  recorder: EdfRecorder,
  file: EdfFile,
  signal: AbortSignal,
  onProgress?: (counts: EdfCounts) => void,
): Promise<void> {
  for (;;) {
    await pause(FLUSH, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    recorder.flush();
    await file.write(recorder.take(), performance.now());
    onProgress?.(recorder.summary);
  }
}
