/**
 * HTTP for ordinary clients that want a camera's pictures, one of them at a time: the module `httpd` in Storage, loaded where an endpoint names the service `http`. The
 * interpreter's own server has no bounds. docs/cameras.md.
 */
import { EMPTY, fromText, join, toText } from "../../protocols/bytes/index.js";
import type { Bytes } from "../../protocols/bytes/index.js";
import type { Failure } from "../../protocols/errors/index.js";
import { isOver } from "../io/tcp.js";
import { headOf, openViewer } from "./viewer.js";
import type { Viewer } from "./viewer.js";

const enum Most {
  /** Connections, that of the viewer among them. */
  clients = 4,
  /** Bytes of a request before its empty line. */
  head = 1024,
  /** Seconds for a request to come, for an answer to leave, and in which a viewer takes something. */
  idle = 10,
}

/** Variables of a connection, and of a viewer beside that, with what its camera's image takes: `npm run bench -- --only http.variables`. */
const CLIENT = 140;
const VIEWER = 380;

interface Client extends EspruinoSocket {
  /** What has come of its request; null when that was answered. */
  head: Bytes | null;
  /** It wants no body. */
  bare: boolean;
  /** Seconds in which nothing moved. */
  idle: number;
}

/**
 * @param hasRoomFor whether the board has so many variables
 * @param denied why nobody may use the device now, or ""
 */
export function listen(
  camera: DevsockDevice,
  name: string,
  port: number,
  hasRoomFor: (variables: number) => boolean,
  denied: (device: string, sockets: null) => Failure,
): void {
  const clients: Client[] = [];
  let viewer: Viewer | null = null;
  let timer = 0;

  /** At once, whatever waits to be sent. */
  const close = (client: Client): void => {
    $counts["unserved"] = ($counts["unserved"] || 0) + 1;
    client.clsNow = true;
  };
  /** All that it is told. */
  const say = (client: Client, text: string): void => {
    client.head = null;
    client.idle = 0;
    try {
      client.write(fromText(text));
    } catch (e) {
      // It is closed, and the event is on its way.
    }
    client.end();
  };
  const answer = (client: Client, status: string, text: string): void =>
    say(
      client,
      "HTTP/1.1 " +
        status +
        "\r\nConnection: close\r\nContent-Length: " +
        text.length +
        "\r\n\r\n" +
        (client.bare ? "" : text),
    );
  const unavailable = (client: Client, why: Failure): void => {
    $counts["unserved"] = ($counts["unserved"] || 0) + 1;
    answer(client, "503 Service Unavailable\r\nRetry-After: 5", why + "\n");
  };

  const serve = (client: Client, stream: boolean, chunked: boolean): void => {
    const why = viewer
      ? "EBUSY: another client gets the pictures of " + name + "; there is one at a time"
      : denied(name, null);
    if (why) return unavailable(client, why);
    if (!hasRoomFor(VIEWER)) return unavailable(client, "ENOBUFS: others take all of this board's memory");
    client.head = null;
    client.idle = 0;
    viewer = openViewer(camera, client, stream, chunked, (untold) => {
      viewer = null;
      if (untold) unavailable(client, untold);
      else client.end();
    });
    viewer.start();
  };

  /** Where it is, or -1: the interpreter's own finds what the text only ends with the begin of, too. */
  const find = (text: string, sought: string): number => {
    const at = text.indexOf(sought);
    return at + sought.length > text.length ? -1 : at;
  };
  /** Without `split`: of a thousand spaces it makes more strings than the board has room for. */
  const request = (client: Client, head: string): void => {
    const end = head.indexOf("\n");
    const from = head.indexOf(" ") + 1;
    const to = head.indexOf(" ", from);
    const version = to < end ? head.substring(to + 1, end).trim() : "";
    if (!from || (version != "HTTP/1.1" && version != "HTTP/1.0"))
      return answer(client, "400 Bad Request", "this is no request of HTTP/1.1\n");
    const method = head.substring(0, from - 1);
    client.bare = method == "HEAD";
    const lower = head.toLowerCase();
    const at = find(lower, "\nhost:");
    const host = at < 0 ? "" : lower.substring(at + 6, lower.indexOf("\n", at + 6)).replace(".local", "");
    // A page of another site may have a name of its own lead here, and its browser would let it see the pictures; names of mDNS no site has.
    if (host.indexOf(".") >= 0 && /[a-z]/.test(host))
      return answer(client, "421 Misdirected Request", "this is reached by its address\n");
    const query = head.indexOf("?", from);
    const path = head.substring(from, query > 0 && query < to ? query : to);
    const stream = path == "/stream.mjpg";
    const picture = stream || path == "/snapshot.jpg";
    if (!picture && path != "/") return answer(client, "404 Not Found", "there is /, /snapshot.jpg, /stream.mjpg\n");
    if (!client.bare && method != "GET")
      return answer(client, "405 Method Not Allowed\r\nAllow: GET, HEAD", "there is nothing to change here\n");
    if (!picture)
      return answer(
        client,
        "200 OK\r\nContent-Type: text/html",
        "<!doctype html><title>" + name + "</title><img src=stream.mjpg alt=" + name + ">\n",
      );
    const chunked = !stream && version == "HTTP/1.1";
    if (client.bare) say(client, headOf(stream, chunked));
    else serve(client, stream, chunked);
  };

  const received = function (this: Client, data: Bytes): void {
    if (this.head === null) return;
    this.head = join(this.head, data);
    const head = toText(this.head);
    if (find(head, "\r\n\r\n") >= 0 || find(head, "\n\n") >= 0) request(this, head);
    else if (head.length > Most.head) answer(this, "431 Request Header Fields Too Large", "1 KB is enough\n");
    // TLS, say: it would wait.
    else if (!/^[A-Z]/.test(head)) answer(this, "400 Bad Request", "this is no request of HTTP\n");
  };
  const drained = function (this: Client): void {
    if (!viewer || viewer.client != this) return;
    this.idle = 0;
    viewer.drained();
  };
  const gone = function (this: Client): void {
    const at = clients.indexOf(this);
    if (at >= 0) clients.splice(at, 1);
    if (viewer && viewer.client == this) {
      viewer.leave();
      viewer = null;
    }
    if (clients.length || !timer) return;
    clearInterval(timer);
    timer = 0;
  };
  const second = (): void => {
    for (let i = clients.length - 1; i >= 0; i--) {
      const client = clients[i]!;
      // That the camera gives nothing is not the viewer's fault.
      if ((viewer && viewer.client == client && !viewer.full) || ++client.idle <= Most.idle) continue;
      if (client.head === null) close(client);
      else answer(client, "408 Request Timeout", "nothing came for 10 s\n");
    }
  };

  require("net")
    .createServer((connection) => {
      const client = connection as Client;
      if (isOver(client)) return;
      let oldest = 0;
      if (clients.length >= Most.clients) while (oldest < Most.clients && clients[oldest]!.head === null) oldest++;
      if (oldest >= Most.clients || !hasRoomFor(CLIENT)) return close(client);
      if (clients.length >= Most.clients) close(clients.splice(oldest, 1)[0]!);
      client.head = EMPTY;
      client.idle = 0;
      client.on("data", received);
      client.on("drain", drained);
      client.on("close", gone);
      clients.push(client);
      if (!timer) timer = setInterval(second, 1000);
    })
    .listen(port);
}
