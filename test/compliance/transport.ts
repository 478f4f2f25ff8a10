/** What every transport has to do. An implementation joins with a rig: see test/host/transport/. */
import assert from "node:assert/strict";
import type { Connection, Transport } from "../../host/index.js";
import { DevsockError } from "../../host/index.js";

/** A transport, what hears it at the far end, and how to make things happen there. */
export interface Rig {
  transport: Transport;
  /** What came to the far end, joined. */
  received(): Buffer;
  /** The chunks in which it came. */
  chunks(): Buffer[];
  /** The far end speaks to the newest connection. */
  send(bytes: Uint8Array): void;
  /** The far end is gone, from one moment to the next. Without it the transport cannot notice such a thing by itself. */
  vanish?(): void;
  /** A transport to where nobody is; `code` is what it has to say. */
  nobody?: { transport: Transport; code: string };
  /** Lets time pass until the condition holds. */
  until(done: () => boolean): Promise<void>;
  close(): Promise<void> | void;
}

/** What a connection told. */
class Heard {
  readonly chunks: Buffer[] = [];
  drains = 0;
  readonly ends: DevsockError[] = [];
  readonly events = {
    data: (bytes: Uint8Array): void => void this.chunks.push(Buffer.from(bytes)),
    drain: (): void => void this.drains++,
    closed: (error: DevsockError): void => void this.ends.push(error),
  };

  get bytes(): Buffer {
    return Buffer.concat(this.chunks);
  }
}

const FRAME = 268;

function frame(n: number): Buffer {
  return Buffer.alloc(FRAME, n);
}

export function transportCompliance(name: string, makeRig: () => Promise<Rig>): void {
  describe(`the ${name} transport keeps the contract`, () => {
    let rig: Rig;
    let heard: Heard;
    let connection: Connection;

    beforeEach(async () => {
      rig = await makeRig();
      heard = new Heard();
      connection = await rig.transport.open(heard.events);
    });

    afterEach(async () => {
      await connection.close();
      await rig.close();
    });

    it("has an address, and a payload that fits in a frame", () => {
      const { address, traits } = rig.transport;
      assert.match(address, /^[a-z]+:/);
      assert.ok(traits.payload >= 64 && traits.payload <= 65535);
      assert.ok(!(traits.reliable && traits.datagram));
    });

    it("carries bytes of every value both ways", async () => {
      const every = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
      connection.send(every);
      await rig.until(() => rig.received().length >= 256);
      rig.send(every);
      await rig.until(() => heard.bytes.length >= 256);
      assert.ok(rig.received().equals(every) && heard.bytes.equals(every));
    });

    it("keeps frames in order, and says when to wait and when to go on", async () => {
      const sent: Buffer[] = [];
      let writable = true;
      for (let n = 0; n < 60; n++) {
        if (!writable) {
          const before = heard.drains;
          await rig.until(() => heard.drains > before);
        }
        const next = frame(n);
        sent.push(next);
        writable = connection.send(next);
      }
      const all = Buffer.concat(sent);
      await rig.until(() => rig.received().length >= all.length);
      assert.ok(rig.received().equals(all));
      if (rig.transport.traits.datagram) assert.deepEqual(rig.chunks(), sent);
    });

    it("gives bytes that do not change later", async () => {
      connection.send(frame(0));
      await rig.until(() => rig.received().length >= FRAME);
      rig.send(Buffer.alloc(100, 1));
      await rig.until(() => heard.bytes.length >= 100);
      const first = heard.chunks[0]!;
      rig.send(Buffer.alloc(100, 2));
      await rig.until(() => heard.bytes.length >= 200);
      assert.ok(first.every((byte) => byte === 1));
    });

    it("tells nothing after close, which may come twice", async () => {
      connection.send(frame(0));
      await rig.until(() => rig.received().length >= FRAME);
      const closing = connection.close();
      rig.send(frame(1));
      await Promise.all([closing, connection.close()]);
      await roundTrip(rig);
      assert.equal(heard.chunks.length, 0);
      assert.deepEqual(heard.ends, []);
    });

    it("sends what was handed over before close", async () => {
      connection.send(frame(7));
      await connection.close();
      await rig.until(() => rig.received().length >= FRAME);
      assert.ok(rig.received().equals(frame(7)));
    });

    it("tells its end once, with a code and a sentence, when the far end is gone", async function () {
      if (!rig.vanish) return this.skip();
      rig.vanish();
      if (rig.transport.traits.datagram) connection.send(frame(1));
      await rig.until(() => heard.ends.length > 0);
      connection.send(frame(2));
      await new Promise((resolve) => setTimeout(resolve, 5));
      assert.equal(heard.ends.length, 1);
      const [error] = heard.ends;
      assert.ok(error instanceof DevsockError);
      assert.match(error.code, /^E[A-Z]+$/);
      assert.ok(error.sentence.length > 20, error.message);
      assert.equal(error.origin, "link");
    });

    it("says so when nobody is there", async function () {
      if (!rig.nobody) return this.skip();
      const { transport, code } = rig.nobody;
      const other = new Heard();
      const attempt = (async () => {
        const open = await transport.open(other.events);
        // A datagram goes out before the answer comes that nobody takes it.
        open.send(frame(1));
        await rig.until(() => other.ends.length > 0);
        throw other.ends[0]!;
      })();
      await assert.rejects(attempt, { code, origin: "link" });
    });

    it("can be given up before it is open", async () => {
      await assert.rejects(rig.transport.open(new Heard().events, AbortSignal.abort()), { code: "ECANCELED" });
    });
  });
}

/** A frame on a new connection: by then the old one has told all that it had to tell. */
async function roundTrip(rig: Rig): Promise<void> {
  const other = await rig.transport.open(new Heard().events);
  const before = rig.received().length;
  other.send(frame(9));
  await rig.until(() => rig.received().length >= before + FRAME);
  await other.close();
}
