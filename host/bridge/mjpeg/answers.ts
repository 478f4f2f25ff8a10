/** Answers of the camera's HTTP server that are no stream. */
import type { ServerResponse } from "node:http";
import type { CameraImage } from "../../device/camera-socket.js";

/** S after which a client may try again. */
const RETRY = 5;

const COMMON = { "cache-control": "no-store", "x-content-type-options": "nosniff" };

export function sendText(response: ServerResponse, status: number, text: string, headers: object = {}): void {
  const body = Buffer.from(`${text}\n`);
  response
    .writeHead(status, {
      ...COMMON,
      "content-type": "text/plain; charset=utf-8",
      "content-length": body.length,
      connection: "close",
      ...headers,
    })
    .end(body);
}

/** The camera, or a place for one more client, is not there now. */
export function sendUnavailable(response: ServerResponse, text: string): void {
  sendText(response, 503, text, { "retry-after": RETRY });
}

export function sendBody(response: ServerResponse, type: string, text: string, headers: object = {}): void {
  const body = Buffer.from(text);
  response.writeHead(200, { ...COMMON, "content-type": type, "content-length": body.length, ...headers }).end(body);
}

export const IMAGE_HEADERS = { ...COMMON, "content-type": "image/jpeg" };

export function sendImage(response: ServerResponse, { data, utc, uncertainty }: CameraImage): void {
  const when = {
    "x-timestamp": (utc / 1000).toFixed(3),
    // Of a board that has not told its time nothing is known.
    ...(Number.isFinite(uncertainty) && { "x-timestamp-uncertainty": (uncertainty / 1000).toFixed(3) }),
  };
  response.writeHead(200, { ...IMAGE_HEADERS, "content-length": data.length, ...when }).end(data);
}
