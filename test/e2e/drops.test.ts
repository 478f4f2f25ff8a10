/**
 * A board's network goes away and comes back, again and again, in virtual time from a seed: sessions go on, what is printed is whole and once, and
 * nothing stays behind. `npm run drops` is 1,000 times; DROPS and SEED say otherwise.
 */
import assert from "node:assert/strict";
import type { Board } from "../../host/index.js";
import { Random } from "../../simulator/random.js";
import { everyByte } from "./payloads.js";
import { Rig, withFirmware } from "./rig.js";

const DROPS = Number(process.env["DROPS"] ?? 40);
const SEED = Number(process.env["SEED"] ?? 1);

/** Longest outage over which a session goes on, with the board's own way back, and one over which none does, in ms. */
const SHORT = 6000;
const LONG = 60_000;
/** One outage of so many is long. */
const EVERY = 20;

const JOB = everyByte(3000);

/** What a board without jobs has: the least of some looks, as a turn may be on its way. */
async function idle(rig: Rig): Promise<number> {
  let least = Infinity;
  for (let i = 0; i < 5; i++) {
    await rig.run(400);
    least = Math.min(least, rig.board.memory().usage);
  }
  return least;
}

/** @returns how it ended: a code, or "" */
async function read(records: AsyncIterable<unknown>): Promise<string> {
  try {
    for await (const record of records) assert.ok(record);
    return "";
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe(`end to end: ${DROPS} drops of a board's network, seed ${SEED}`, function () {
  this.timeout(DROPS * 2000 + 60_000);
  withFirmware();

  for (const { board, network, fixed } of [
    { board: "espruino-wifi", network: { ssid: "ward", password: "secret" }, fixed: false },
    { board: "pico-wiznet", network: undefined, fixed: false },
    { board: "pico-wiznet", network: { ip: "192.168.1.20" }, fixed: true },
  ])
    it(`${board}, ${network ? Object.keys(network)[0] : "DHCP"}: sessions over TCP and UDP go on, jobs are printed once, and memory is the same`, async () => {
      const rig = new Rig({ board, config: { network }, seed: SEED, links: ["tcp", "udp"], key: Buffer.alloc(32, 7) });
      const random = new Random(SEED);
      await rig.run(3000);
      let resumed = 0;
      let over = 0;
      /** Ends of what the hosts hear of the board all the time: errors, where a session was over. */
      const reading: Promise<string>[] = [];
      const connect = async (kind: "tcp" | "udp"): Promise<Board> => {
        const host = await rig.connect(kind);
        host.on("resumed", () => void resumed++);
        // A session without a socket does not outlive its link.
        const netlink = await rig.during(host.netlink());
        reading.push(read(netlink).finally(() => over++));
        return host;
      };
      let hosts = [await connect("tcp"), await connect("udp")] as const;
      await rig.during(hosts[0].printer("printer0").print(JOB));
      await rig.during(hosts[1].info());
      const before = await idle(rig);
      let printed = 1;
      for (let drop = 1; drop <= DROPS; drop++) {
        if (drop % EVERY === 0) {
          rig.unplug();
          await rig.run(LONG);
          rig.plug(random.chance(0.5));
          for (const host of hosts) await rig.during(host.close());
          for (const end of await Promise.all(reading.splice(0))) assert.match(end, /^(ETIMEDOUT|ECONNRESET)$/);
          over = 0;
          // The board gives up what nobody came back to, and tries to join once a minute.
          await rig.run(70_000);
          hosts = [await connect("tcp"), await connect("udp")];
        } else {
          const job = rig.during(hosts[drop & 1]!.printer("printer0").print(JOB));
          await rig.run(random.next() % 400);
          rig.unplug();
          await rig.run(100 + (random.next() % SHORT));
          rig.plug(random.chance(0.3));
          const { taken } = await job;
          assert.equal(taken, JOB.length, `drop ${drop}`);
          printed++;
          // The session that had nothing to do answers, too.
          assert.equal((await rig.during(hosts[0].info())).board, board);
          assert.equal((await rig.during(hosts[1].info())).board, board);
          assert.equal(over, 0, `sessions that ended at drop ${drop}`);
        }
        if (drop % EVERY === 0 || drop === DROPS)
          assert.equal(await idle(rig), before, `sockets, timers and bytes after ${drop} drops`);
      }
      rig.assertPrinted(...Array<Uint8Array>(printed).fill(JOB));
      const { joins } = rig.board.runtime.uplink!;
      if (!fixed) assert.ok(joins > DROPS / 2, `${joins} joins`);
      // Over a fixed address and UDP connections only stand still.
      if (!fixed) assert.ok(resumed >= DROPS / 2, `${resumed} resumed`);
      assert.deepEqual(rig.console, []);
      assert.equal(rig.board.runtime.counters.exceptions, 0);
      rig.board.powerOff();
    });
});
