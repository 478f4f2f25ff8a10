/** One HTTP client that watches: an image is written when the one before it has gone, and it is the newest one then. */
import type { ServerResponse } from "node:http";
import type { CameraImage } from "../../device/camera-socket.js";
import { sendUnavailable } from "./answers.js";
import type { Watcher } from "./fan.js";

const BOUNDARY = "devsock-image";

export const STREAM_HEADERS = {
  "content-type": `multipart/x-mixed-replace; boundary=${BOUNDARY}`,
  "cache-control": "no-store",
  connection: "close",
};

/** A browser shows an image when it has seen what comes behind it. */
const BEHIND = Buffer.from(`\r\n--${BOUNDARY}\r\n`);

/** Images as they go to every viewer, made once. */
const parts = new WeakMap<CameraImage, Buffer>();

export class Viewer implements Watcher {
  /** Images that it did not get because it was slow. */
  skipped = 0;
  /** Of an image that has not gone yet. */
  busy = false;
  private waiting: CameraImage | undefined;

  constructor(private readonly response: ServerResponse) {}

  frame(image: CameraImage): void {
    if (this.busy) {
      if (this.waiting) this.skipped++;
      this.waiting = image;
    } else this.send(image);
  }

  over(error: Error): void {
    // Whoever sees a picture is told by its end.
    if (this.response.headersSent) this.response.destroy();
    else sendUnavailable(this.response, error.message);
  }

  private send(image: CameraImage): void {
    const { response } = this;
    if (!response.headersSent) {
      // Its end is the connection's: no chunks.
      response.removeHeader("transfer-encoding");
      response.writeHead(200, STREAM_HEADERS);
      response.write(BEHIND.subarray(2));
    }
    this.busy = true;
    response.write(partOf(image), () => {
      this.busy = false;
      const { waiting } = this;
      this.waiting = undefined;
      if (waiting && response.writable) this.send(waiting);
    });
  }
}

function partOf(image: CameraImage): Buffer {
  const known = parts.get(image);
  if (known) return known;
  const { data, utc } = image;
  const head = `content-type: image/jpeg\r\ncontent-length: ${data.length}\r\nx-timestamp: ${(utc / 1000).toFixed(3)}\r\n\r\n`;
  const part = Buffer.concat([Buffer.from(head), data, BEHIND]);
  parts.set(image, part);
  return part;
}
