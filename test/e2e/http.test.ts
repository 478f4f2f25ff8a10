/** A board's own HTTP in virtual time: one client at a time gets the camera's pictures byte for byte, and no other one hurts. */
import assert from "node:assert/strict";
import type { Board } from "../../host/index.js";
import type { MemoryStream } from "../../simulator/network/memory-stream.js";
import type { CameraOptions } from "../../simulator/peripheral/camera/faults.js";
import { Vc0706 } from "../../simulator/peripheral/camera/vc0706.js";
import { IMAGES } from "../simulator/peripheral/camera/bench.js";
import { readAnswer, readParts } from "../support/http-answer.js";
import type { Answer } from "../support/http-answer.js";
import { Rig, withFirmware } from "./rig.js";
import type { RigOptions } from "./rig.js";

const PORT = 80;

/** A client that takes what comes, unless it is held. */
class Viewer {
  back = Buffer.alloc(0);
  closed: "no" | "end" | "reset" = "no";

  constructor(readonly stream: MemoryStream) {
    stream.onData((data) => (this.back = Buffer.concat([this.back, data])));
    stream.onClose((reset) => (this.closed = reset ? "reset" : "end"));
  }

  say(text: string | Buffer): this {
    this.stream.write(typeof text === "string" ? Buffer.from(text, "latin1") : text);
    return this;
  }

  get answer(): Answer {
    return readAnswer(this.back);
  }

  get parts(): Buffer[] {
    return this.back.includes("\r\n\r\n") ? readParts(this.answer) : [];
  }
}

class HttpRig {
  readonly rig: Rig;
  readonly camera: Vc0706;
  host: Board | undefined;

  constructor(options: CameraOptions = {}, more: RigOptions = {}) {
    this.camera = new Vc0706({ boot: 50, size: "160x120", image: IMAGES, ...options });
    const camera0 = { driver: "vc0706", uart: "Serial3", baud: 115_200, path: "/dev/null", size: "160x120" };
    this.rig = new Rig({
      ...more,
      devices: { camera0, ...more.devices },
      peripherals: { camera0: this.camera },
      config: { endpoints: [{ service: "http", device: "camera0", port: PORT }], ...more.config },
    });
  }

  /** A host, which also says how the board is when nobody is there. */
  async start(): Promise<this> {
    this.host = await this.rig.connect("tcp");
    return this;
  }

  dial(): Viewer {
    return new Viewer(this.rig.network.dial(PORT));
  }

  get(path: string, version = "1.1"): Viewer {
    return this.dial().say(`GET ${path} HTTP/${version}\r\nHost: 192.168.1.20\r\n\r\n`);
  }

  /** All that comes for a request until the board closes. */
  async all(viewer: Viewer, limit = 60_000): Promise<Answer> {
    await this.rig.until(() => viewer.closed !== "no", limit);
    assert.equal(viewer.closed, "end");
    return viewer.answer;
  }

  /** A snapshot as somebody asks for it who comes now. */
  async same(): Promise<void> {
    const answer = await this.all(this.get("/snapshot.jpg"));
    assert.deepEqual([answer.status, answer.whole], [200, true]);
    assert.ok(answer.body.equals(this.camera.last), `${answer.body.length} of ${this.camera.last.length} bytes`);
  }

  async finish(expected: Record<string, number> = {}): Promise<void> {
    const others = this.rig.console.filter((line) => !/cable's far end/.test(line));
    this.rig.console.splice(0, Infinity, ...others);
    await this.rig.finish(expected);
  }
}

describe("HTTP of a board with a camera", function () {
  withFirmware();
  this.timeout(60_000);

  it("gives a snapshot byte for byte", async () => {
    const http = await new HttpRig().start();
    const answer = await http.all(http.get("/snapshot.jpg"));
    assert.equal(answer.headers["content-type"], "image/jpeg");
    assert.equal(answer.headers["cache-control"], "no-store");
    assert.ok(answer.whole && answer.body.equals(http.camera.last));
    await http.same();
    await http.finish();
  });
});
