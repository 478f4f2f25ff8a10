import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { DevsockError, serveCamera } from "../../host/index.js";
import type { CameraFrame, CameraServer, ImageOptions, ServeOptions } from "../../host/index.js";
import { jpegs, numbered, numberOf } from "../support/jpegs.js";
import { until } from "../support/wait.js";

/** A camera at a pace that a test sets. */
class Source {
  readonly name = "camera0";
  ms = 20;
  bytes = 3000;
  /** It fails before the next image. */
  failure: DevsockError | undefined;
  /** Images that were made, loops that go on, snapshots that were taken. */
  images = 0;
  running = 0;
  /** When each was made, in ms. */
  readonly times: number[] = [];
  snapshots = 0;

  image(): CameraFrame {
    const data = numbered(jpegs[0]!, ++this.images, this.bytes);
    this.times.push(performance.now());
    return { data, width: 48, height: 32, utc: 1_700_000_000_123.4, uncertainty: 2.5, skipped: 0, broken: 0 };
  }

  async snapshot({ signal }: ImageOptions): Promise<CameraFrame> {
    this.snapshots++;
    await pause(this.ms, undefined, { signal });
    if (this.failure) throw this.failure;
    return this.image();
  }

  async *frames({ signal }: ImageOptions): AsyncGenerator<CameraFrame> {
    this.running++;
    try {
      for (;;) {
        await pause(this.ms, undefined, { signal });
        if (this.failure) throw this.failure;
        yield this.image();
      }
    } finally {
      this.running--;
    }
  }
}

describe("a camera over HTTP", function () {
  this.timeout(30_000);
  let source: Source;
  let server: CameraServer;

  async function start(options: ServeOptions = {}): Promise<void> {
    source = new Source();
    server = await serveCamera(source, options);
  }

  afterEach(async () => {
    await server.close();
    await until(
      () => source.running === 0,
      () => "the camera runs on",
      2000,
    );
  });

  const get = (path: string, init: RequestInit = {}): Promise<Response> => fetch(new URL(path, server.url), init);

  /** What comes of these bytes until the connection ends. */
  const raw = async (text: string | Buffer, end = false): Promise<string> => {
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    socket.on("error", () => undefined);
    let came = "";
    socket.on("data", (data) => (came += data.toString("latin1")));
    socket.write(text);
    if (end) socket.end();
    await once(socket, "close");
    return came;
  };

  /** A viewer, once it has its first picture; `leave` ends it. */
  const watch = async (): Promise<{ first: Buffer; type: string; leave: () => Promise<void> }> => {
    const controller = new AbortController();
    const response = await get("stream.mjpg", { signal: controller.signal });
    const reader = response.body!.getReader();
    let came = Buffer.alloc(0);
    for (let length = 0; length === 0 || came.indexOf("\r\n\r\n") + 4 + length > came.length;) {
      const { value, done } = await reader.read();
      assert.ok(!done, came.toString("latin1"));
      came = Buffer.concat([came, value!]);
      length = Number(/content-length: (\d+)/.exec(came.toString("latin1"))?.[1] ?? 0);
    }
    const from = came.indexOf("\r\n\r\n") + 4;
    const first = came.subarray(from, from + source.bytes);
    const drained = (async () => {
      while (!(await reader.read()).done);
    })().catch(() => undefined);
    const leave = async (): Promise<void> => {
      controller.abort();
      await drained;
    };
    return { first, type: response.headers.get("content-type")!, leave };
  };

  it("is a snapshot, bit for bit, with its length and when it was taken", async () => {
    await start();
    const response = await get("snapshot.jpg?t=1");
    const { headers } = response;
    assert.equal(response.status, 200);
    assert.equal(headers.get("content-type"), "image/jpeg");
    assert.equal(headers.get("cache-control"), "no-store");
    assert.equal(headers.get("content-length"), "3000");
    assert.equal(headers.get("x-timestamp"), "1700000000.123");
    assert.equal(headers.get("x-timestamp-uncertainty"), "0.003");
    assert.ok(Buffer.from(await response.arrayBuffer()).equals(numbered(jpegs[0]!, 1, 3000)));
  });

  it("takes one image for all who want one at the same time", async () => {
    await start();
    source.ms = 500;
    const answers = await Promise.all([1, 2, 3, 4].map(() => get("snapshot.jpg")));
    for (const answer of answers) assert.equal(numberOf(Buffer.from(await answer.arrayBuffer())), 1);
    assert.equal(source.snapshots, 1);
  });

  it("is a stream, and the camera runs once, while somebody watches", async () => {
    await start();
    const one = await watch();
    assert.match(one.type, /^multipart\/x-mixed-replace; boundary=devsock-image$/);
    assert.ok(one.first.equals(numbered(jpegs[0]!, 1, 3000)));
    const other = await watch();
    assert.equal(source.running, 1);
    assert.ok(numberOf(Buffer.from(await (await get("snapshot.jpg")).arrayBuffer())) > numberOf(other.first));
    assert.equal(source.snapshots, 0);
    await one.leave();
    await pause(100);
    assert.equal(source.running, 1);
    await other.leave();
    await until(
      () => source.running === 0,
      () => "it runs for nobody",
      1000,
    );
    assert.equal(server.viewers.size, 0);
  });

  it("is a page that asks for nothing from elsewhere, and says how it is", async () => {
    await start();
    const response = await get("/");
    assert.match(response.headers.get("content-security-policy")!, /^default-src 'none'; img-src 'self'/);
    const html = await response.text();
    assert.match(html, /<img src="stream\.mjpg"/);
    assert.doesNotMatch(html, /https?:/);
    const viewer = await watch();
    const status = (await (await get("status.json")).json()) as Record<string, unknown>;
    assert.deepEqual([status["camera"], status["running"], status["viewers"]], ["camera0", true, 1]);
    assert.match(String(status["summary"]), /^[\d.]+ a second, 1 viewer, \d+ pictures, 0 broken$/);
    await viewer.leave();
  });

  it("answers HEAD without the camera, and refuses what it has not", async () => {
    await start();
    for (const [path, type] of [
      ["snapshot.jpg", "image/jpeg"],
      ["stream.mjpg", "multipart/x-mixed-replace; boundary=devsock-image"],
      ["/", "text/html; charset=utf-8"],
    ] as const) {
      const response = await get(path, { method: "HEAD" });
      assert.deepEqual([response.status, response.headers.get("content-type")], [200, type]);
      assert.equal(await response.text(), "");
    }
    for (const path of ["other.jpg", "..%2f..%2fetc%2fpasswd", "snapshot.jpg/", "stream", "%00"])
      assert.equal((await get(path)).status, 404, path);
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
      const response = await get("snapshot.jpg", { method, ...(method === "POST" && { body: "x".repeat(100_000) }) });
      assert.deepEqual([response.status, response.headers.get("allow")], [405, "GET, HEAD"], method);
    }
    assert.equal(source.images, 0);
  });

  it("is not shown to a page of another name that leads to this machine", async () => {
    await start();
    const asked = (host: string): Promise<string> =>
      raw(`GET /snapshot.jpg HTTP/1.1\r\n${host}Connection: close\r\n\r\n`);
    assert.match(await asked("Host: evil.example\r\n"), /^HTTP\/1\.1 421 /);
    for (const host of ["localhost:80", "127.0.0.1", "[::1]:8080", "camera.localhost"])
      assert.match(await asked(`Host: ${host}\r\n`), /^HTTP\/1\.1 200 /, host);
    assert.match(await raw("GET /snapshot.jpg HTTP/1.0\r\n\r\n"), /^HTTP\/1\.1 200 /);
    assert.match(await asked(""), /^HTTP\/1\.1 400 /);
  });

  it("says 503, why and when to try again when the camera fails; one that watched sees an end", async () => {
    await start();
    source.failure = new DevsockError("ETIMEDOUT: camera0 does not answer; look at its cable");
    for (const path of ["snapshot.jpg", "stream.mjpg"]) {
      const response = await get(path);
      assert.deepEqual([response.status, response.headers.get("retry-after")], [503, "5"], path);
      assert.match(await response.text(), /^ETIMEDOUT: camera0 does not answer; look at its cable\n$/);
    }
    assert.match(await (await get("status.json")).text(), /"summary":"ETIMEDOUT: camera0 does not answer/);
    source.failure = undefined;
    const response = await get("stream.mjpg");
    source.failure = new DevsockError("EIO: it was unplugged; plug it in");
    assert.ok((await response.arrayBuffer()).byteLength > 3000);
    source.failure = undefined;
    await (await watch()).leave();
  });

  it("has room for so many, and tells the others", async () => {
    await start({ viewers: 2 });
    const viewers = [await watch(), await watch()];
    for (const path of ["stream.mjpg", "snapshot.jpg"]) {
      const response = await get(path);
      assert.deepEqual([response.status, response.headers.get("retry-after")], [503, "5"]);
      assert.match(await response.text(), /2 clients get pictures already/);
    }
    await viewers[0]!.leave();
    await pause(50);
    viewers[0] = await watch();
    for (const viewer of viewers) await viewer.leave();
  });

  it("is refused where there is room for nobody", async () => {
    await start();
    for (const viewers of [0, -1, 1.5, NaN])
      await assert.rejects(serveCamera(source, { viewers }), (error: DevsockError) => {
        assert.equal(error.code, "EINVAL");
        assert.match(error.message, /give a whole number, 1 or more/);
        return true;
      });
  });

  it("is not hurt by clients that speak nonsense, take their time, ask on behind a stream, or vanish", async () => {
    await start({ patience: { request: 400, viewer: 60_000 } });
    const viewer = await watch();
    const noise = Buffer.from(Array.from({ length: 3000 }, (_, i) => (i * i * 31 + i) & 0xff));
    assert.match(await raw(noise), /^HTTP\/1\.1 400 /);
    assert.match(
      await raw(`GET / HTTP/1.1\r\nHost: localhost\r\nX: ${"x".repeat(20_000)}\r\n\r\n`),
      /^HTTP\/1\.1 431 /,
    );
    assert.match(await raw("GET http://[/ HTTP/1.1\r\nHost: localhost\r\n\r\n"), /^HTTP\/1\.1 4\d\d /);
    assert.match(await raw("GET / HTTP/1.1\r\nHo"), /^HTTP\/1\.1 408 /);
    assert.match(
      await raw("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nx"),
      /^HTTP\/1\.1 40[58] /,
    );
    await raw("");
    await raw("", true);
    const stream = "GET /stream.mjpg HTTP/1.1\r\nHost: localhost\r\n\r\n";
    assert.doesNotMatch(await raw(stream + stream), /image 9999/);
    const { hostname, port } = new URL(server.url);
    const gone = Array.from({ length: 20 }, () => connect(Number(port), hostname));
    for (const socket of gone) socket.on("error", () => undefined).write(stream);
    await until(
      () => server.viewers.size === 21,
      () => `${server.viewers.size} viewers`,
      5000,
    );
    for (const socket of gone) socket.resetAndDestroy();
    await until(
      () => server.viewers.size === 1,
      () => `${server.viewers.size} viewers`,
      5000,
    );
    assert.equal((await get("snapshot.jpg")).status, 200);
    await viewer.leave();
  });

  it("gives up a viewer that takes nothing, and not one that is waiting for a picture", async () => {
    await start({ patience: { request: 10_000, viewer: 300 } });
    source.ms = 5;
    source.bytes = 200_000;
    const { hostname, port } = new URL(server.url);
    const dead = connect(Number(port), hostname).on("error", () => undefined);
    dead.pause().write("GET /stream.mjpg HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const here = await watch();
    await until(
      () => server.viewers.size === 1,
      () => "the dead one is there",
      10_000,
    );
    source.ms = 1000;
    await pause(1300);
    assert.equal(server.viewers.size, 1);
    await here.leave();
    dead.destroy();
  });

  /** 48 that read all, for 2 s: each gets 95 of 100 images at the least. @returns ms from image to image, of which half took less */
  const crowd = async (ill: boolean, ready: () => Promise<void>): Promise<number> => {
    const program = fileURLToPath(new URL("../support/viewers.ts", import.meta.url));
    const url = new URL("stream.mjpg", server.url).href;
    const args = ["--import", "tsx", program, url, "48", "2", ...(ill ? ["ill"] : [])];
    const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
    let out = "";
    child.stdout.on("data", (data: Buffer) => (out += data.toString()));
    try {
      await ready();
      child.stdin.write("\n");
      const [code] = (await once(child, "close")) as [number];
      assert.equal(code, 0);
    } finally {
      child.kill("SIGKILL");
    }
    const viewers = JSON.parse(out) as number[][];
    assert.equal(viewers.length, 48);
    const from = Math.max(...viewers.map((numbers) => numbers[0]!));
    const to = Math.min(...viewers.map((numbers) => numbers.at(-1)!));
    assert.ok(to - from >= 25, `${to - from} images in 2 s`);
    const times = source.times.slice(from - 1, to);
    const intervals = times.slice(1).map((time, i) => time - times[i]!);
    const interval = intervals.toSorted((a, b) => a - b)[intervals.length >> 1]!;
    const parts = viewers.map((numbers) => numbers.filter((n) => n >= from && n <= to).length / (to - from + 1));
    assert.ok(Math.min(...parts) >= 0.95, `a viewer had ${Math.min(...parts)} of the images`);
    return interval;
  };

  it("has fifty viewers, one of them dead, one that reads 1 KB a second: the others get each image as soon as without those, and little waits", async () => {
    await start();
    const pace = { ms: 40, bytes: 20_000 };
    Object.assign(source, pace);
    const alone = await crowd(false, () => pause(0));
    await until(
      () => source.running === 0,
      () => "it runs for nobody",
      2000,
    );
    Object.assign(source, { ms: 5, bytes: 100_000 });
    let before = 0;
    const beside = await crowd(true, async () => {
      // What the system keeps for the two is full.
      const full = (): boolean => server.viewers.size === 2 && [...server.viewers].every(({ skipped }) => skipped > 5);
      await until(full, () => `${server.viewers.size} viewers`, 20_000);
      Object.assign(source, pace);
      await pause(50);
      before = process.memoryUsage().arrayBuffers;
    });
    const grown = (process.memoryUsage().arrayBuffers - before) / 1e6;
    assert.ok(grown < 10, `${grown} MB more`);
    const share = alone / beside;
    assert.ok(share >= 0.95, `${(100 * share).toFixed(1)} % of the images a second that there are without the two`);
  });
});
