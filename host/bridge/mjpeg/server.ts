/** A camera over HTTP: one stream from the board for many viewers. docs/cameras.md. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { isIP } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import type { ImageOptions } from "../../device/camera-socket.js";
import { DevsockError, fromNode } from "../../errors.js";
import { IMAGE_HEADERS, sendBody, sendImage, sendText, sendUnavailable } from "./answers.js";
import { Fan } from "./fan.js";
import type { FrameSource } from "./fan.js";
import { page, PAGE_HEADERS } from "./page.js";
import { STREAM_HEADERS, Viewer } from "./viewer.js";

export interface ServeOptions extends Pick<ImageOptions, "size" | "quality" | "timeout"> {
  /** 0, which is the default, is any. */
  port?: number | undefined;
  /** Address to listen at: 127.0.0.1 by default. Whoever reaches another one sees the pictures. */
  host?: string | undefined;
  /** Clients that may get images at once: 64 by default; more are answered 503. */
  viewers?: number | undefined;
  /** Told when the camera fails, and when it works again. */
  onnews?: ((what: string) => void) | undefined;
  /** Ms in which a client must have said what it wants, and in which one that watches must have taken something. */
  patience?: { request: number; viewer: number } | undefined;
}

const VIEWERS = 64;
/** Connections beside those of viewers. */
const MORE = 32;
const PATIENCE = { request: 10_000, viewer: 60_000 };
/** Bytes of a request's headers. */
const HEADERS = 8192;

const PATHS = ["/", "/snapshot.jpg", "/stream.mjpg", "/status.json"];

/**
 * Serves a camera until `close`. It runs only while somebody watches.
 * @throws DevsockError EINVAL, EADDRINUSE, EADDRNOTAVAIL, EACCES
 */
export async function serveCamera(camera: FrameSource, options: ServeOptions = {}): Promise<CameraServer> {
  const { port = 0, host = "127.0.0.1", viewers = VIEWERS, patience = PATIENCE } = options;
  if (!Number.isInteger(viewers) || viewers < 1)
    throw new DevsockError(`EINVAL: ${viewers} is no number of viewers; give a whole number, 1 or more`);
  const http = createServer({
    maxHeaderSize: HEADERS,
    headersTimeout: patience.request,
    requestTimeout: patience.request,
    connectionsCheckingInterval: patience.request / 4,
  });
  const server = new CameraServer(camera, http, options);
  try {
    await once(http.listen(port, host), "listening");
  } catch (error) {
    throw fromNode(error, "network", `http://${host}:${port}/`);
  }
  return server;
}

export class CameraServer {
  readonly fan: Fan;
  /** Clients that get images. */
  readonly viewers = new Set<Viewer>();
  /** Clients that wait for one image. */
  private waiting = 0;
  /** Connections that have a stream. */
  private readonly streaming = new WeakSet<Socket>();
  private readonly most: number;
  private readonly patience: { request: number; viewer: number };

  /** Made by `serveCamera`. */
  constructor(
    private readonly camera: FrameSource,
    private readonly http: Server,
    { size, quality, timeout, viewers = VIEWERS, onnews, patience = PATIENCE }: ServeOptions,
  ) {
    this.fan = new Fan(camera, { size, quality, timeout }, onnews);
    this.most = viewers;
    this.patience = patience;
    http.maxConnections = viewers + MORE;
    http.on("request", (request, response) => this.request(request, response));
    http.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) => refuse(error, socket));
  }

  /** Where it is: `http://127.0.0.1:8080/`. */
  get url(): string {
    const { address, port } = this.http.address() as AddressInfo;
    return `http://${address.includes(":") ? `[${address}]` : address}:${port}/`;
  }

  /** Ends all clients, and lets the camera go. */
  async close(): Promise<void> {
    const closed = once(this.http, "close");
    this.http.close();
    this.fan.close(new DevsockError("ECANCELED: the server ends"));
    this.http.closeAllConnections();
    await closed;
  }

  private request(request: IncomingMessage, response: ServerResponse): void {
    // What a client asks behind a stream is never answered.
    if (this.streaming.has(request.socket)) return void request.socket.destroy();
    const path = pathOf(request);
    if (!this.isOurs(request)) return sendText(response, 421, "this is reached as localhost, or by its address");
    if (path === undefined || !PATHS.includes(path)) return sendText(response, 404, `there is ${PATHS.join(", ")}`);
    const { method } = request;
    if (method !== "GET" && method !== "HEAD")
      return sendText(response, 405, "there is nothing to change here", { allow: "GET, HEAD" });
    if (path === "/") return sendBody(response, "text/html; charset=utf-8", page(this.camera.name), PAGE_HEADERS);
    if (path === "/status.json") return sendBody(response, "application/json", JSON.stringify(this.status));
    // Whether there is an image shows when one is taken; nobody asked for that.
    if (method === "HEAD")
      return void response.writeHead(200, path === "/stream.mjpg" ? STREAM_HEADERS : IMAGE_HEADERS).end();
    if (this.viewers.size + this.waiting >= this.most)
      return sendUnavailable(response, `${this.most} clients get pictures already; try again later`);
    if (path === "/stream.mjpg") return this.stream(request, response);
    void this.snapshot(response);
  }

  /** What /status.json says. */
  get status(): object {
    const { fan, viewers, camera } = this;
    const { running, newest, failure, counters } = fan;
    const skipped = [...viewers].reduce((sum, viewer) => sum + viewer.skipped, 0);
    const rate = Math.round(fan.rate * 10) / 10;
    const last = newest && { utc: newest.utc, width: newest.width, height: newest.height, bytes: newest.data.length };
    const state = failure?.message ?? (!running ? "nobody watches" : last ? `${rate} a second` : "no picture yet");
    const many = `${viewers.size} ${viewers.size === 1 ? "viewer" : "viewers"}`;
    const summary = `${state}, ${many}, ${counters.images} pictures, ${counters.broken} broken`;
    return { camera: camera.name, summary, running, viewers: viewers.size, rate, ...counters, skipped, last };
  }

  private stream(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    const viewer = new Viewer(response);
    this.streaming.add(socket);
    this.viewers.add(viewer);
    const leave = this.fan.watch(viewer);
    response.once("close", () => {
      leave();
      this.viewers.delete(viewer);
    });
    response.setTimeout(this.patience.viewer, () => {
      // Else the camera gives nothing, which is not the viewer's fault.
      if (viewer.busy) socket.destroy();
    });
  }

  private async snapshot(response: ServerResponse): Promise<void> {
    this.waiting++;
    try {
      sendImage(response, await this.fan.snapshot());
    } catch (error) {
      sendUnavailable(response, (error as Error).message);
    } finally {
      this.waiting--;
    }
  }

  /**
   * Whether a request on this machine's own address names it: a page of another site that has its name lead here would
   * be let see the pictures by its browser.
   */
  private isOurs({ headers, socket }: IncomingMessage): boolean {
    const { localAddress = "" } = socket;
    if (!/^(127\.|::1$|::ffff:127\.)/.test(localAddress)) return true;
    const name = (headers.host ?? "localhost").replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
    return isIP(name) > 0 || /^(.+\.)?localhost$/i.test(name);
  }
}

function pathOf({ url = "" }: IncomingMessage): string | undefined {
  try {
    return new URL(url, "http://localhost").pathname;
  } catch {
    return undefined;
  }
}

const FAULTS: Record<string, string> = {
  ERR_HTTP_REQUEST_TIMEOUT: "408 Request Timeout",
  HPE_HEADER_OVERFLOW: "431 Request Header Fields Too Large",
};

/** What is no HTTP. */
function refuse({ code }: NodeJS.ErrnoException, socket: Socket): void {
  const status = FAULTS[code ?? ""] ?? "400 Bad Request";
  // Within an answer nothing else can be said.
  if (!socket.writable || socket.bytesWritten > 0) socket.destroy();
  else socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy());
}
