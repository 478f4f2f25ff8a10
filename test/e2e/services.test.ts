import assert from "node:assert/strict";
import { SOCK_DGRAM } from "../../host/index.js";
import { everyByte, receipt } from "./payloads.js";
import { linkKinds, Rig, withFirmware } from "./rig.js";

describe("end to end: services of a board", function () {
  this.timeout(20_000);
  withFirmware();

  for (const kind of linkKinds)
    it(`${kind}: a raw socket carries the printer's own words back`, async () => {
      const rig = new Rig();
      const host = await rig.connect(kind);
      const socket = await rig.during(host.open("printer0:raw"));
      const job = everyByte(16_000);
      const back: Buffer[] = [];
      socket.on("data", (data: Buffer) => back.push(data));
      const over = new Promise((resolve) => socket.once("end", resolve));
      socket.end(job);
      await rig.during(over);
      const asked = rig.printer.log.polls.filter(({ at }) => at >= 12 && at < 12 + job.length);
      const answers = Buffer.concat(back).filter((byte) => (byte & 0x93) === 0x12);
      assert.ok(asked.length > 30);
      assert.equal(answers.length, asked.length);
      rig.assertPrinted(job);
      await rig.finish();
    });

  it("UDP: peers take turns, and one that reads without end holds nobody up", async () => {
    const rig = new Rig();
    const greedy = await rig.during((await rig.connect("udp")).open(":chargen"));
    greedy.resume().once("error", () => {});
    const host = await rig.connect("udp");
    await rig.during(host.printer("printer0").print(receipt()));
    greedy.destroy();
    rig.assertPrinted(receipt());
    await rig.finish();
  });

  it("a raw socket to a printer that is off is reset with EHOSTDOWN", async () => {
    const rig = new Rig();
    rig.printer.setPower(false);
    const host = await rig.connect("tcp");
    const socket = await rig.during(host.open("printer0:raw"));
    const lost = new Promise<never>((_, reject) => socket.once("error", reject));
    socket.write(receipt());
    await rig.rejected(lost, "EHOSTDOWN", /does not answer/);
    await rig.finish();
  });

  it("a datagram socket to a print job is refused with ESOCKTNOSUPPORT", async () => {
    const rig = new Rig();
    const host = await rig.connect("tcp");
    await rig.rejected(host.connect("printer0:job", { type: SOCK_DGRAM }), "ESOCKTNOSUPPORT", /SOCK_STREAM/);
    await rig.finish();
  });

  for (const kind of linkKinds)
    it(`${kind}: chargen is read and left, discard takes all; nothing of them stays`, async () => {
      const rig = new Rig();
      const host = await rig.connect(kind);
      const endless = await rig.during(host.open(":chargen"));
      let read = Buffer.alloc(0);
      endless.on("data", (data: Buffer) => (read = Buffer.concat([read, data])));
      await rig.until(() => read.length >= 20_000);
      const line = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).join("");
      assert.ok(read.toString("latin1").startsWith(line + line));
      endless.destroy();
      const sink = await rig.during(host.open(":discard"));
      const over = new Promise((resolve) => sink.once("end", resolve).resume());
      sink.end(everyByte(20_000));
      await rig.during(over);
      await rig.finish();
    });

  for (const kind of linkKinds)
    it(`${kind}: a session that nobody uses for ten minutes still prints`, async () => {
      const rig = new Rig();
      const host = await rig.connect(kind);
      await rig.run(600_000);
      await rig.during(host.printer("printer0").print(receipt()));
      rig.assertPrinted(receipt());
      await rig.finish();
    });

  it("after 60 jobs over all links and port 9100 the board is as it was", async () => {
    const rig = new Rig();
    const job = receipt().subarray(0, 700);
    for (let i = 0; i < 15; i++) {
      for (const kind of linkKinds) {
        const host = await rig.connect(kind);
        await rig.during(host.printer("printer0").print(job));
        await rig.during(host.close());
      }
      rig.dial().write(job).end();
      await rig.run(200);
    }
    await rig.untilIdle();
    rig.assertPrinted(...Array<Buffer>(60).fill(job));
    // The job ends within a picture, which only its host knows to be meant.
    await rig.finish({ cut: 15, backlost: { least: 0 } });
  });
});
