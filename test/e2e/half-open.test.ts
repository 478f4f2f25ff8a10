import assert from "node:assert/strict";
import { connect } from "../../host/index.js";
import type { NetlinkRecord, Transport } from "../../host/index.js";
import { linkKinds, Rig, withFirmware } from "./rig.js";

/** What each side waits for a word of the other, with a socket open, and a little more, in ms. */
const HOST = 15_100;
const BOARD = 30_100;

/** A way that goes dead without a word: nothing passes any more, and nothing is closed. */
function mortal(inner: Transport): { transport: Transport; die: () => void } {
  let dead = false;
  return {
    die: () => (dead = true),
    transport: {
      ...inner,
      async open(events, signal) {
        if (dead) throw Object.assign(new Error("connect EHOSTUNREACH"), { code: "EHOSTUNREACH" });
        const connection = await inner.open({ ...events, data: (bytes) => void (dead || events.data(bytes)) }, signal);
        return {
          send: (frame) => dead || connection.send(frame),
          close: () => (dead ? Promise.resolve() : connection.close()),
        };
      },
    },
  };
}

describe("end to end: a half-open link", function () {
  this.timeout(20_000);
  withFirmware();

  for (const kind of linkKinds)
    for (const keyed of [false, true])
      it(`${kind}${keyed ? ", with a key" : ""}: the host finds it within 15 s, the board within 30 s, and both say so`, async () => {
        const key = keyed ? Buffer.alloc(32, 9) : undefined;
        const rig = new Rig({ ...(key && { key }) });
        const heard: NetlinkRecord[] = [];
        const observer = await rig.connect(kind === "serial" ? "tcp" : "serial");
        const netlink = await rig.during(observer.netlink());
        void (async () => {
          for await (const record of netlink) heard.push(record);
        })().catch(() => undefined);
        const way = mortal(rig.transport(kind));
        const host = await rig.during(connect(way.transport, { clock: rig.clock, key }));
        const socket = await rig.during(host.open(":chargen"));
        socket.on("error", () => undefined);
        await rig.run(3000);
        way.die();
        const start = rig.clock.now();
        const lost = new Promise<string>((resolve) => host.once("lost", ({ code }) => resolve(code)));
        assert.equal(await rig.during(lost), "ETIMEDOUT");
        assert.ok(rig.clock.now() - start <= HOST, `the host took ${rig.clock.now() - start} ms`);
        const gone = (): NetlinkRecord | undefined => heard.find(({ link }) => link?.kind === kind && !link.up);
        await rig.until(() => gone() !== undefined);
        assert.match(gone()!.link!.why, /^ETIMEDOUT: /);
        assert.ok(rig.clock.now() - start <= BOARD, `the board took ${rig.clock.now() - start} ms`);
        assert.equal((await rig.during(observer.counters()))["timeouts"], 1);
        await rig.run(20_000);
        await rig.during(host.close());
        await rig.finish({ timeouts: 1 });
      });
});
