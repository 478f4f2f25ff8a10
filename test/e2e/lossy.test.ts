import assert from "node:assert/strict";
import { faulty } from "../../host/transport/faulty.js";
import type { FaultCounters } from "../../host/transport/faulty.js";
import { everyByte } from "./payloads.js";
import { MOST_CREDIT, Rig, withFirmware } from "./rig.js";

const JOBS = [everyByte(12_000), everyByte(24_000).subarray(12_000)];

/** Two jobs in a row on a bad link: what the printer got is what was sent, once. */
describe("end to end: lossy links", function () {
  this.timeout(60_000);
  withFirmware();

  for (const seed of [1, 2, 3, 4])
    it(`UDP that loses, doubles, reorders and damages 5 % each, seed ${seed}`, async () => {
      const faults = { loss: 0.05, duplicate: 0.05, reorder: 0.05, corrupt: 0.05 };
      const rig = new Rig({ seed, network: { latency: 2, faults } });
      const host = await rig.connect("udp");
      const printer = host.printer("printer0");
      for (const job of JOBS) {
        const report = await rig.during(printer.print(job));
        assert.deepEqual([report.accepted, report.taken], [job.length, job.length]);
      }
      rig.assertPrinted(...JOBS);
      Object.assign(rig.network.faults, { loss: 0, duplicate: 0, reorder: 0, corrupt: 0 });
      await rig.finish({ discarded: { least: 1 } });
    });

  for (const seed of [1, 2, 3, 4])
    it(`a serial line that loses, doubles, delays and damages, seed ${seed}`, async function () {
      const rig = new Rig({ seed });
      let done: FaultCounters | undefined;
      const host = await rig.connect("serial", (line) => {
        const wrapped = faulty(line, { drop: 0.004, double: 0.004, corrupt: 0.004, reorder: 0.002, seed }, rig.clock);
        done = wrapped.counters;
        return wrapped;
      });
      const printer = host.printer("printer0");
      for (const job of JOBS) {
        const report = await rig.during(printer.print(job));
        assert.deepEqual([report.accepted, report.taken], [job.length, job.length]);
      }
      this.test!.title += `: ${Object.values(done!).join("+")} faults`;
      assert.ok(
        Object.values(done!).every((count) => count > 0),
        JSON.stringify(done),
      );
      rig.assertPrinted(...JOBS);
      // The word with which the host goes may be lost, too.
      await rig.finish({ discarded: { least: 0 }, timeouts: { least: 0 } });
    });

  it("a board whose interpreter is 20 times as slow: the serial line overruns nothing unseen", async () => {
    const rig = new Rig({ costs: { turn: 2, callback: 5, look: 0.2 } });
    const host = await rig.connect("serial");
    await rig.during(host.printer("printer0").print(JOBS[0]!));
    rig.assertPrinted(JOBS[0]!);
    await rig.finish({ discarded: { least: 0 } });
  });

  it("a serial cable that is pulled out for 10 s: the job goes on by itself", async () => {
    const rig = new Rig();
    const printer = (await rig.connect("serial")).printer("printer0");
    const job = everyByte(40_000);
    const work = rig.during(printer.print(job));
    await rig.untilPrinted(9000);
    rig.board.wires["serial"]!.unplug();
    await rig.run(10_000);
    assert.ok(rig.printer.log.end < 14_000, "what the board had is printed, no more");
    rig.board.wires["serial"]!.plug();
    await work;
    rig.assertPrinted(job);
    await rig.finish({ discarded: { least: 0 } });
  });

  for (const kind of ["serial", "udp"] as const)
    it(`${kind} without a byte for longer than a host bears: ETIMEDOUT on the host, the board is free again`, async () => {
      const rig = new Rig();
      const host = await rig.connect(kind);
      const job = everyByte(40_000);
      const work = host.printer("printer0").print(job);
      const cut = rig.rejected(
        work,
        "ETIMEDOUT",
        /nothing was heard from \S+ for 15 s; check the board's power .* look at the paper/,
      );
      await rig.untilPrinted(9000);
      const wire = rig.board.wires["serial"]!;
      if (kind === "serial") wire.unplug();
      else rig.network.faults.loss = 1;
      const error = await cut;
      // The board's own limit is the session's, 30 s.
      await rig.run(20_000);
      wire.plug();
      rig.network.faults.loss = 0;
      const again = await rig.connect(kind);
      await rig.during(again.printer("printer0").print(job));
      const sent = rig.assertCut(job, job);
      assert.ok(
        error.reach!.taken <= sent && sent <= error.reach!.accepted + MOST_CREDIT,
        "as much as the host was told, or a little more",
      );
      await rig.finish({ cut: 1, timeouts: 1, discarded: { least: 0 } });
    });
});
