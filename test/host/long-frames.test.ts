import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { KEY, responder } from "../../bench/host/responder.js";
import { connect } from "../../host/index.js";
import { cipherKey, encode, encrypt, keepable, Kind, kindOf, recycle, tag, tagOf } from "../../protocols/index.js";

const WRITES = 100;

describe("frames of 32 KiB, whose memory is used again", () => {
  for (const keyed of [false, true])
    it(`bring what was written, and taps keep what they saw${keyed ? ", with a key" : ""}`, async () => {
      const server = responder(keyed).listen(0, "127.0.0.1");
      await once(server, "listening");
      const board = await connect(
        `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`,
        keyed ? { key: KEY } : {},
      );
      const tap = board.tap({ decrypted: keyed, waiting: 10_000 });
      const stream = await board.open("echo");
      const sent = Array.from({ length: WRITES }, (_, i) => randomBytes(i % 3 ? 65_536 : 40_000 + i));
      const back = buffer(stream);
      // One buffer for all writes, as a program may have that fills it again and again.
      const memory = Buffer.alloc(65_536);
      for (const bytes of sent) {
        memory.set(bytes);
        await new Promise((written) => stream.write(memory.subarray(0, bytes.length), written));
      }
      stream.end();
      assert.ok((await back).equals(Buffer.concat(sent)));
      await board.close();
      server.close();
      const seen: Uint8Array[] = [];
      for await (const { bytes, direction, kind } of tap)
        if (kind === "frame" && direction === "out" && kindOf(tagOf(bytes)) === Kind.data)
          seen.push(bytes.subarray(8, bytes.length - 4));
      assert.ok(Buffer.concat(seen).equals(Buffer.concat(sent)), "long after it was sent");
    });

  it("stay as they are when a peer acknowledges them unread, whatever is sent to another one", () => {
    const payload = randomBytes(32_768);
    const frame = encode(tag(Kind.data, 0, 1), 0, payload, 0);
    recycle([Kind.data, keepable(payload, frame)]);
    encrypt(cipherKey(randomBytes(16)), randomBytes(16), randomBytes(32_768));
    assert.ok(payload.equals(frame.subarray(8, 8 + payload.length)));
  });
});
