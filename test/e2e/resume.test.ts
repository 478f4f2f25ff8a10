import assert from "node:assert/strict";
import { connect } from "../../host/index.js";
import { Random } from "../../simulator/random.js";
import { severed } from "../support/severed.js";
import { everyByte } from "./payloads.js";
import { LINK_PORT, Rig, withFirmware } from "./rig.js";

const KEY = "9f".repeat(32);
const key = Buffer.from(KEY, "hex");

/** The board's configuration with a key, on all links. */
const KEYED = {
  key: KEY,
  links: {
    tcp: { port: LINK_PORT },
    udp: { port: LINK_PORT },
    serial: { uart: "Serial2", baud: 230_400, path: "/dev/null" },
  },
};

describe("end to end: a session outlives its link", function () {
  this.timeout(30_000);
  withFirmware();

  for (const secured of [false, true])
    for (const kind of ["tcp", "udp", "serial"] as const)
      it(`${kind}${secured ? ", with a key" : ""}: a job whose link is cut again and again prints once, whole`, async () => {
        for (let seed = 1; seed <= 4; seed++) {
          const rig = new Rig({ seed, ...(secured && { config: KEYED }) });
          const random = new Random(seed);
          const link = severed(rig.transport(kind));
          const board = await rig.during(connect(link.transport, { clock: rig.clock, ...(secured && { key }) }));
          const job = everyByte(20_000);
          let done = false;
          const work = board.printer("printer0").print(job);
          void work.then(
            () => (done = true),
            () => (done = true),
          );
          for (let cuts = 0; cuts < 6 && !done; cuts++) {
            await rig.run(random.next() % 400);
            link.cut();
          }
          const report = await rig.during(work);
          assert.equal(report.taken, job.length, `seed ${seed}`);
          rig.assertPrinted(job);
          assert.ok(link.opened() > 2, `seed ${seed}: ${link.opened()} connections`);
          await rig.during(board.close());
        }
      });

  it("goes on over the serial cable when the network is gone, and nobody notices", async () => {
    const rig = new Rig({ config: KEYED });
    const tcp = severed(rig.transport("tcp"));
    const board = await rig.during(connect([tcp.transport, rig.transport("serial")], { clock: rig.clock, key }));
    const job = everyByte(20_000);
    const work = board.printer("printer0").print(job);
    await rig.untilPrinted(3000);
    const resumed = new Promise((resolve) => board.once("resumed", (...args: unknown[]) => resolve(args)));
    rig.network.dial = () => {
      throw Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
    };
    tcp.cut();
    assert.deepEqual(await rig.during(resumed), ["serial:/dev/ttyB", true]);
    assert.equal((await rig.during(work)).taken, job.length);
    rig.assertPrinted(job);
    await rig.during(board.close());
  });

  it("past its lifetime every socket ends with an error that says how far it came", async () => {
    const rig = new Rig();
    const tcp = severed(rig.transport("tcp"));
    const board = await rig.during(connect(tcp.transport, { clock: rig.clock }));
    const work = board.printer("printer0").print(everyByte(20_000));
    await rig.untilPrinted(3000);
    rig.network.dial = () => {
      throw Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
    };
    const start = rig.clock.now();
    tcp.cut();
    await rig.rejected(work, "ECONNRESET", /of 20000 bytes had gone to the printer/);
    const took = rig.clock.now() - start;
    assert.ok(took > 24_000 && took < 31_000, `${took}`);
  });
});
