import type { Command } from "commander";
import { DevsockError, thumbnail } from "../../index.js";
import type { Board, Snapshot, SnapshotOptions } from "../../index.js";
import { CommandError, ExitCode } from "../exit.js";
import { takesKey } from "../key.js";
import { NewFile } from "../new-file.js";
import { ADDRESS, DECRYPTED, duration, imageQuality, imageSize, seconds, TRACE } from "../options.js";
import { printJson, printLines } from "../output.js";
import { coloursOf, halfBlocks } from "../picture/half-blocks.js";
import { timeLapse } from "../time-lapse.js";
import { withBoard } from "../with-board.js";

interface Options {
  keyFile?: string;
  output?: string;
  force?: boolean;
  size?: string;
  quality?: number;
  every?: number;
  seconds?: number;
  timeout?: number;
  /** False for --no-picture. */
  picture: boolean;
  json?: boolean;
  trace?: string;
  decrypted?: boolean;
}

const HELP = `
An image that is not whole is taken again, three times in all, and never written. The file is there as a whole or not at all; one
that is there already is left as it is, unless --force says otherwise. A terminal with colours shows the picture, too.

With --every the file is a folder, and Ctrl-C the usual end. Names sort by the time (UTC) at which the images were taken; what
fails is said, counted, and tried again at the next time.

Examples:
  devsock snapshot tcp://192.168.1.20 -o door.jpg --size 640x480
  devsock snapshot 'serial:/dev/ttyACM0' camera1 -o - | display
  devsock snapshot udp://frontdesk -o garden --every 10s`;

export function addSnapshot(program: Command): void {
  takesKey(program.command("snapshot"))
    .summary("take a picture, or one every so often")
    .description("Takes an image with a board's camera and writes it to a new file, when all of it is there.")
    .argument("<address>", ADDRESS)
    .argument("[camera]", "its name on the board: see devsock ls", "camera0")
    .option("-o, --output <file>", "the file to make, - for standard output; without it the picture is shown only")
    .option("--force", "replace the file if it is there")
    .option("--size <WxH>", "width and height in pixels, such as 640x480", imageSize)
    .option("--quality <n>", "1 to 100, as encoders of JPEG have it", imageQuality)
    .option("--every <time>", "one every 10s, 5m, 1h, until Ctrl-C; the file is a folder", duration)
    .option("--seconds <n>", "with --every: end after so long", seconds)
    .option("--timeout <seconds>", "give up when nothing comes of an image for so long; 30 by default", seconds)
    .option("--no-picture", "do not show it")
    .option("--json", "print one line of JSON; with --every one for each image and failure, and one at the end")
    .option("--trace <file>", TRACE)
    .option("--decrypted", DECRYPTED)
    .addHelpText("after", HELP)
    .action((address: string, camera: string, options: Options) => snapshot(address, camera, options));
}

async function snapshot(address: string, name: string, options: Options): Promise<void> {
  const { output, every, force, picture, json, trace, decrypted, keyFile, size, quality, timeout } = options;
  const colours = picture && !json ? coloursOf(process.stdout, process.env) : undefined;
  checkOutput(options, colours !== undefined);
  const asked = { size, quality, timeout: timeout && timeout * 1000 };
  const command = { trace, decrypted, keyFile, json };
  if (every !== undefined)
    return withBoard(address, command, (board, signal) => lapse(board, name, signal, asked, options));
  const start = performance.now();
  const file = output === undefined || output === "-" ? undefined : await NewFile.begin(output, force);
  try {
    const image = await withBoard(address, command, (board, signal) =>
      board.camera(name).snapshot({ ...asked, signal, onProgress: json ? undefined : progress(name) }),
    ).finally(() => void (shown() && process.stderr.write("\r\x1b[K")));
    await file?.write(image.data);
    if (output === "-") return void process.stdout.write(image.data);
    const durationMs = Math.round(performance.now() - start);
    if (json) return printJson({ address, ...describe(name, output, image), durationMs });
    const small = colours && thumbnail(image.data);
    const { columns = 80, rows = 24 } = process.stdout;
    if (small) printLines(halfBlocks(small, { columns, rows: rows - 3 }, colours));
    printLines([inWords(output ?? name, image)]);
  } finally {
    await file?.drop();
  }
}

async function lapse(
  board: Board,
  name: string,
  end: AbortSignal,
  asked: SnapshotOptions,
  { output, every, seconds: limit, json }: Options,
): Promise<void> {
  const start = performance.now();
  const signal = limit === undefined ? end : AbortSignal.any([end, AbortSignal.timeout(limit * 1000)]);
  const counts = await timeLapse(
    board.camera(name),
    output!,
    every!,
    { ...asked, signal },
    {
      taken: (file, image) => (json ? printJson(describe(name, file, image)) : printLines([inWords(file, image)])),
      failed: (error) =>
        json ? printJson({ failed: error }) : void process.stderr.write(`devsock: ${error.message}\n`),
    },
  );
  const { images, failed, skipped, broken } = counts;
  const durationMs = Math.round(performance.now() - start);
  if (json) printJson({ camera: name, directory: output, ...counts, durationMs });
  else
    printLines([`${output}: ${images} images; ${failed} failed, ${skipped} times were skipped, ${broken} were broken`]);
  if (images === 0 && failed > 0)
    throw new CommandError(new DevsockError(`EIO: none of ${failed} images was taken`), ExitCode.failed);
}

function checkOutput({ output, every, seconds: limit, force, json }: Options, shows: boolean): void {
  const wrong = (text: string): CommandError => new CommandError(new DevsockError(`EINVAL: ${text}`), ExitCode.usage);
  if (every !== undefined && (output === undefined || output === "-"))
    throw wrong("--every needs a folder for its images; name it with -o");
  if (every === undefined && limit !== undefined) throw wrong("--seconds is for --every; add that, or leave it out");
  if (every !== undefined && force) throw wrong("--every makes new files only; leave --force out");
  if (output === "-" && json) throw wrong("standard output is for the image; leave --json out, or name a file");
  if (output === "-" && process.stdout.isTTY) throw wrong("standard output is a terminal; name a file with -o");
  if (output === undefined && !shows)
    throw wrong("there is nowhere to put the image; name a file with -o, or - for standard output");
}

function shown(): boolean {
  return process.stderr.isTTY;
}

/** A camera on a slow line takes its time. */
function progress(name: string): (bytes: number, length: number) => void {
  return (bytes, length) => {
    if (shown()) process.stderr.write(`\r\x1b[K${name}: ${bytes} of ${length} bytes`);
  };
}

function describe(camera: string, file: string | undefined, { data, ...image }: Snapshot): object {
  return { camera, file, bytes: data.length, ...image };
}

function inWords(file: string, { data, width, height, utc, uncertainty, broken }: Snapshot): string {
  const time = new Date(utc).toISOString().slice(0, 23).replace("T", " ");
  const known = Number.isFinite(uncertainty) ? `, taken ${time} UTC ± ${uncertainty.toFixed(1)} ms` : "";
  const again = broken > 0 ? `, after ${broken} broken` : "";
  return `${file}: ${width}x${height}, ${data.length} bytes${known}${again}`;
}
