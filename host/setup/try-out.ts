/** What shows that a new board works: a test print, a picture or a reading. */
import { writeFile } from "node:fs/promises";
import type { BoardInfo } from "../board-info.js";
import { fromNode } from "../errors.js";
import type { Board } from "../gateway.js";

const ESC = "\x1b";

/** A reading comes within so many ms, of a device that measures. */
const READING = 20_000;

/**
 * Of the first device that can show something.
 * @param picture where that of a camera goes
 * @returns what came of it, in words
 * @throws DevsockError what the device says
 */
export async function tryOut(
  board: Board,
  { devices, name, board: kind }: BoardInfo,
  picture: string,
  signal?: AbortSignal,
): Promise<string> {
  const of = (kind: string): string | undefined => devices.find((device) => device.kind === kind)?.name;
  const printer = of("printer");
  if (printer !== undefined) {
    const text = `${ESC}@${name}\n${kind}\n${board.address}\n\ndevsock works.\n\n\n\n\n`;
    await board.printer(printer).print(Buffer.from(text, "latin1"), { job: null, signal });
    return `${printer} has printed a test page`;
  }
  const camera = of("camera");
  if (camera !== undefined) {
    const { data, width, height } = await board.camera(camera).snapshot({ signal });
    await writeFile(picture, data).catch((error: unknown) => {
      throw fromNode(error, "output", picture);
    });
    return `${picture} is a picture from ${camera}, ${width}x${height}`;
  }
  const sensor = devices.find(({ driver, kind }) => kind === "sensor" && driver !== "analyser")?.name;
  if (sensor === undefined) return "there is no device to try";
  const { table } = await board.sensor(sensor).describe(signal);
  const late = AbortSignal.timeout(READING);
  const until = signal ? AbortSignal.any([signal, late]) : late;
  let gap = "";
  try {
    for await (const sample of board.sensor(sensor).samples({ signal: until })) {
      if (sample.kind === "gap") gap = `, and says ${sample.cause}`;
      // The first one of a sensor that has just started may say nothing.
      if (sample.kind === "reading" && sample.values.some((value) => value !== null))
        return `${sensor} measures: ${sample.values.map((value, i) => `${table.channels[i]!.name} ${value ?? "nothing"}`).join(", ")}`;
    }
  } catch (error) {
    if (!late.aborted || signal?.aborted) throw error;
  }
  return `${sensor} gave no reading within ${READING / 1000} s${gap}; check its wires and its power; devsock watch shows when it does`;
}
