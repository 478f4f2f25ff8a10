import type { Command } from "commander";
import { serveCamera } from "../../index.js";
import type { Board } from "../../index.js";
import { ExitCode, orExit } from "../exit.js";
import { takesKey } from "../key.js";
import { ADDRESS, atLeastOne, DECRYPTED, imageQuality, imageSize, port, seconds, TRACE } from "../options.js";
import { printJson, printLines } from "../output.js";
import { withBoard } from "../with-board.js";

interface Options {
  keyFile?: string;
  port: number;
  host: string;
  size?: string;
  quality?: number;
  viewers?: number;
  timeout?: number;
  json?: boolean;
  trace?: string;
  decrypted?: boolean;
}

const HELP = `
There is no password: whoever reaches the port sees the pictures. It listens on this machine alone, unless --host says otherwise.
The camera runs only while somebody watches; a slow viewer skips images and delays nobody. Ctrl-C or SIGTERM ends it.

Examples:
  devsock stream tcp://192.168.1.20
  devsock stream 'serial:/dev/ttyACM0' camera1 --port 8081 --size 320x240
  ffplay -f mpjpeg http://127.0.0.1:8080/stream.mjpg`;

export function addStream(program: Command): void {
  takesKey(program.command("stream"))
    .summary("serve a camera over HTTP: a page, MJPEG, snapshots")
    .description("Serves a board's camera to any number of browsers and programs, and says where.")
    .argument("<address>", ADDRESS)
    .argument("[camera]", "its name on the board: see devsock ls", "camera0")
    .option("--port <n>", "port to serve at, 0 for any", port, 8080)
    .option("--host <address>", "address to serve at: 0.0.0.0 shows the pictures to the whole network", "127.0.0.1")
    .option("--size <WxH>", "width and height in pixels, such as 640x480", imageSize)
    .option("--quality <n>", "1 to 100, as encoders of JPEG have it", imageQuality)
    .option("--viewers <n>", "clients that get images at once; 64 by default", atLeastOne)
    .option("--timeout <seconds>", "the camera has failed when nothing comes of it for so long; 30 by default", seconds)
    .option("--json", "print one line of JSON when it can be watched")
    .option("--trace <file>", TRACE)
    .option("--decrypted", DECRYPTED)
    .addHelpText("after", HELP)
    .action((address: string, camera: string, options: Options) => stream(address, camera, options));
}

async function stream(address: string, name: string, options: Options): Promise<void> {
  const { port, host, size, quality, viewers, timeout, json, ...command } = options;
  const onnews = (what: string): void => void (json || process.stderr.write(`devsock: ${what}\n`));
  await withBoard(address, { ...command, json }, async (board, signal) => {
    const camera = board.camera(name);
    await camera.status(signal);
    const wanted = { port, host, size, quality, viewers, onnews, timeout: timeout && timeout * 1000 };
    const server = await orExit(serveCamera(camera, wanted), ExitCode.failed);
    try {
      const { url } = server;
      const [snapshot, mjpeg] = ["snapshot.jpg", "stream.mjpg"].map((path) => new URL(path, url).href);
      if (json) printJson({ ready: true, address, camera: name, url, snapshot, stream: mjpeg });
      else printLines([`${name} is at ${url}; Ctrl-C ends it`, `  ${snapshot}`, `  ${mjpeg}`]);
      await ended(board, signal);
    } finally {
      await server.close();
    }
  });
}

/** Until the signal, which is the usual end. @throws DevsockError why the link is over */
function ended(board: Board, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return resolve();
    signal.addEventListener("abort", () => resolve());
    board.once("close", reject);
  });
}
