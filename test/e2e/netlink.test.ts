import assert from "node:assert/strict";
import { connect } from "../../host/index.js";
import type { Board, Netlink, NetlinkRecord } from "../../host/index.js";
import { severed } from "../support/severed.js";
import { everyByte, receipt } from "./payloads.js";
import { linkKinds, Rig, withFirmware } from "./rig.js";

/** What a host hears, as it comes. */
async function listen(rig: Rig, host: Board): Promise<{ netlink: Netlink; heard: NetlinkRecord[] }> {
  const netlink = await rig.during(host.netlink());
  const heard: NetlinkRecord[] = [];
  void (async () => {
    for await (const record of netlink) heard.push(record);
  })().catch(() => undefined);
  await rig.run(500);
  return { netlink, heard };
}

describe("end to end: AF_NETLINK, what happens on the board", function () {
  this.timeout(20_000);
  withFirmware();

  for (const kind of linkKinds)
    it(`${kind}: tells the configuration without secrets, each device and all counters, and ends when asked`, async () => {
      const rig = new Rig({ config: { name: "till", network: { ssid: "shop", password: "secret" } } });
      const host = await rig.connect(kind);
      const netlink = await rig.during(host.netlink());
      netlink.end();
      const records: NetlinkRecord[] = [];
      const reading = (async () => {
        for await (const record of netlink) records.push(record);
      })();
      await rig.during(reading);
      const [{ config }, { device }, { counters, at }] = records as [NetlinkRecord, NetlinkRecord, NetlinkRecord];
      assert.equal(records.length, 3);
      assert.equal(config!["name"], "till");
      assert.ok(!JSON.stringify(records).includes("secret"));
      assert.equal(device!.name, "printer0");
      assert.ok(at! >= 0);
      assert.equal(counters!["sessions"], 1);
      assert.equal(counters!["resent"], 0);
      await rig.finish();
    });

  it("tells sessions that begin and end, and why", async () => {
    const rig = new Rig();
    const { heard } = await listen(rig, await rig.connect("serial"));
    const before = heard.length;
    const other = await rig.connect("tcp");
    await rig.during(other.close());
    await rig.run(1000);
    const links = heard.slice(before).map(({ link }) => link!);
    assert.deepEqual(
      links.map(({ kind, up }) => [kind, up]),
      [
        ["tcp", true],
        ["tcp", false],
      ],
    );
    assert.match(links[1]!.why, /^ECONNRESET: the host closed the link/);
    await rig.finish();
  });

  it("tells when a printer stops answering, and when it answers again", async () => {
    const rig = new Rig();
    const host = await rig.connect("tcp");
    await rig.during(host.printer("printer0").print(receipt()));
    const { heard } = await listen(rig, host);
    rig.printer.setPower(false);
    await rig.rejected(host.printer("printer0").print(receipt()), "EHOSTDOWN", /./);
    rig.printer.setPower(true);
    await rig.during(host.printer("printer0").print(receipt()));
    await rig.run(500);
    assert.deepEqual(
      heard.flatMap(({ device }) => (device ? [device.answers] : [])),
      [true, false, true],
    );
    await rig.finish();
  });

  it("a reader that is slow gets the count of what was left out, and the board keeps little for it", async () => {
    const rig = new Rig();
    const host = await rig.connect("serial");
    const netlink = await rig.during(host.netlink());
    const asked = 300;
    for (let i = 0; i < asked; i++) {
      netlink.ask();
      await rig.run(100);
    }
    let [counters, missed] = [0, 0];
    netlink.end();
    const reading = (async () => {
      for await (const record of netlink) {
        if (record.counters) counters++;
        missed += record.missed ?? 0;
      }
    })();
    await rig.during(reading);
    assert.ok(missed > 100, `${missed} left out`);
    // One at the beginning, which nobody asked for.
    assert.equal(counters + missed, asked + 1);
    await rig.finish({ missed });
  });

  it("counts what a bad line does", async () => {
    const rig = new Rig({ seed: 2, network: { faults: { loss: 0.1, duplicate: 0.1 } } });
    const host = await rig.connect("udp");
    await rig.during(host.printer("printer0").print(everyByte(20_000)));
    rig.network.faults.loss = rig.network.faults.duplicate = 0;
    const counters = await rig.during(host.counters());
    assert.ok(counters["received"]! > 10);
    assert.ok(counters["duplicates"]! > 0);
    assert.ok(counters["resent"]! > 0);
    await rig.during(host.close());
    const after = await rig.during((await rig.connect("tcp")).counters());
    assert.ok(after["received"]! >= counters["received"]!, "sessions that are over are counted");
    await rig.finish();
  });

  for (const kind of linkKinds)
    it(`${kind}: a link that is lost, sockets that are refused, and all that passes are counted on both sides`, async () => {
      const rig = new Rig();
      const link = severed(rig.transport(kind));
      const host = await rig.during(connect(link.transport, { clock: rig.clock }));
      const job = everyByte(10_000);
      const work = host.printer("printer0").print(job);
      await rig.untilPrinted(3000);
      link.cut();
      await rig.during(work);
      await rig.rejected(host.open(":fax"), "EPROTONOSUPPORT", /./);
      await rig.rejected(host.open("fax0"), "ENODEV", /./);
      const counters = await rig.during(host.counters());
      assert.deepEqual([counters["resumed"], counters["refusals"]], [1, 2]);
      const mine = host.linkCounters;
      assert.deepEqual([mine.lost, mine.resumed, mine.renewed, mine.refusals], [1, 1, 0, 0]);
      assert.ok(mine.bytesSent > job.length && mine.framesSent > 20 && mine.bytesReceived > 300, JSON.stringify(mine));
      assert.ok(kind === "tcp" ? mine.roundTrip === undefined : mine.roundTrip! > 0, `${mine.roundTrip} ms`);
      await rig.during(host.close());
      await rig.finish({ resumed: 1 });
    });

  it("counts on the host what a bad line does, and over more than one session", async () => {
    const rig = new Rig({ seed: 3, network: { faults: { loss: 0.1, duplicate: 0.1, corrupt: 0.2 } } });
    const link = severed(rig.transport("udp"));
    const host = await rig.during(connect(link.transport, { clock: rig.clock }));
    await rig.during(host.printer("printer0").print(everyByte(20_000)));
    Object.assign(rig.network.faults, { loss: 0, duplicate: 0, corrupt: 0 });
    const before = host.linkCounters;
    assert.ok(before.resent > 0 && before.duplicates > 0 && before.discarded > 0, JSON.stringify(before));
    rig.board.powerCycle();
    link.cut();
    const resumed = new Promise((resolve) => host.once("resumed", resolve));
    await rig.during(resumed);
    await rig.during(host.info());
    const after = host.linkCounters;
    assert.deepEqual([after.lost, after.resumed, after.renewed], [1, 0, 1]);
    for (const name of ["resent", "duplicates", "discarded", "received", "bytesSent"] as const)
      assert.ok(after[name] >= before[name], `${name}: ${before[name]}, then ${after[name]}`);
    await rig.during(host.close());
    await rig.finish({ discarded: { least: 0 } });
  });
});
