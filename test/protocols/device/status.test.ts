import assert from "node:assert/strict";
import { join } from "../../../protocols/bytes/index.js";
import {
  askStatus,
  AutoStatus,
  autoStatus,
  decodeAutoStatus,
  decodeRealtime,
  INITIALIZE,
  LONGEST_BLOCK,
  Realtime,
  ReplyReader,
} from "../../../protocols/device/escpos/index.js";

const idle = { online: true, cover: "closed", paper: "ok", feeding: false, drawer: "low" } as const;

function replies(...bytes: number[]): unknown[] {
  return new ReplyReader().push(Uint8Array.from(bytes));
}

describe("ESC/POS status", () => {
  it("decodes the four bytes of an automatic status", () => {
    const cases: [number[], object][] = [
      [[0x10, 0, 0, 0x0f & 0], idle],
      [[0x14, 0, 0, 0], { ...idle, drawer: "high" }],
      [[0x10, 0, 0x03, 0], { ...idle, paper: "low" }],
      [[0x18, 0, 0x0f, 0], { ...idle, online: false, paper: "out" }],
      [[0x38, 0, 0, 0], { ...idle, online: false, cover: "open" }],
      [[0x58, 0, 0, 0], { ...idle, online: false, feeding: true }],
      [[0x18, 0x08, 0, 0], { ...idle, online: false, error: "cutter" }],
      [[0x18, 0x60, 0, 0], { ...idle, online: false, error: "unrecoverable" }],
      [[0x18, 0x40, 0, 0], { ...idle, online: false, error: "recoverable" }],
    ];
    for (const [bytes, status] of cases)
      assert.deepEqual(decodeAutoStatus(Uint8Array.from(bytes)), status, bytes.join(" "));
  });

  it("decodes the answers to DLE EOT, each telling only what it knows", () => {
    assert.deepEqual(decodeRealtime(Realtime.printer, 0x12), { online: true, drawer: "low" });
    assert.deepEqual(decodeRealtime(Realtime.printer, 0x1e), { online: false, drawer: "high" });
    assert.deepEqual(decodeRealtime(Realtime.offline, 0x12), { cover: "closed", feeding: false });
    assert.deepEqual(decodeRealtime(Realtime.offline, 0x7e), {
      cover: "open",
      feeding: true,
      paper: "out",
      error: "unspecified",
    });
    assert.deepEqual(decodeRealtime(Realtime.error, 0x12), {});
    assert.deepEqual(decodeRealtime(Realtime.error, 0x1a), { error: "cutter" });
    assert.deepEqual(decodeRealtime(Realtime.paper, 0x12), { paper: "ok" });
    assert.deepEqual(decodeRealtime(Realtime.paper, 0x1e), { paper: "low" });
    assert.deepEqual(decodeRealtime(Realtime.paper, 0x7e), { paper: "out" });
  });

  it("tells replies apart in one stream, with flow control between the bytes of a status", () => {
    assert.deepEqual(replies(0x16, 0x13, 0x18, 0x00, 0x11, 0x0f, 0x00, 0x12, 0x0c), [
      { kind: "realtime", value: 0x16 },
      { kind: "flow", ready: false },
      { kind: "flow", ready: true },
      { kind: "autoStatus", status: { ...idle, online: false, paper: "out" } },
      { kind: "realtime", value: 0x12 },
      { kind: "byte", value: 0x0c },
    ]);
  });

  it("takes the header of a text reply for no flow control, though it equals it under the mask", () => {
    const name = [...Buffer.from("TM-T88")];
    assert.deepEqual(replies(0x5f, ...name, 0, 0x11), [
      { kind: "block", header: 0x5f, data: Uint8Array.from(name) },
      { kind: "flow", ready: true },
    ]);
  });

  it("finds its way back after a status that lost a byte", () => {
    assert.deepEqual(replies(0x18, 0x00, 0x0f, 0x10, 0x00, 0x00, 0x00), [{ kind: "autoStatus", status: idle }]);
  });

  it("keeps no text reply that never ends", () => {
    const endless = replies(0x3d, ...new Array<number>(1000).fill(0x41)) as { data: Uint8Array }[];
    assert.deepEqual(
      endless.map((reply) => reply.data.length),
      [LONGEST_BLOCK, LONGEST_BLOCK, LONGEST_BLOCK],
    );
  });

  it("makes the commands that the manuals print", () => {
    const all = join(join(INITIALIZE, askStatus(Realtime.paper)), autoStatus(AutoStatus.all));
    assert.equal(Buffer.from(all).toString("hex"), "1b40" + "100404" + "1d610f");
  });
});
