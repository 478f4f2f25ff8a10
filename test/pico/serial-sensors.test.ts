/** Sensors on UARTs whose FIFO the interpreter polls: what it drops without a word is told all the same. */
import assert from "node:assert/strict";
import { receiveResults } from "../../host/index.js";
import type { Clock } from "../../simulator/clock.js";
import { Analyser } from "../../simulator/peripheral/sensor/analyser.js";
import { Cms50 } from "../../simulator/peripheral/sensor/cms50.js";
import { Nonin } from "../../simulator/peripheral/sensor/nonin.js";
import type { UartLine } from "../../simulator/uart.js";
import { gapsOf, readingsOf } from "../e2e/sensor-listener.js";
import type { Item } from "../e2e/sensor-listener.js";
import { onPico, withFirmware } from "./rig.js";
import { placeOnPico } from "./sensor-bench.js";
import type { PicoBench } from "./sensor-bench.js";

/** So long the interpreter is busy: less than the FIFO of a Nonin lasts (85 ms), and more. */
const STALLS = [60, 120, 70, 200, 500];

/** So many frames meet a busy interpreter. */
const STALLED = 3;

/** Bytes of a frame that takes 200 ms at 9600 baud, and more. */
const LONG = 192;

/** Tells when it begins to send a long frame. */
class Watched extends Analyser {
  private waiter: (() => void) | undefined;

  nextLong(): Promise<void> {
    return new Promise((resolve) => (this.waiter = resolve));
  }

  override connect(line: UartLine, clock: Clock): void {
    const write = (data: Uint8Array): void => {
      line.write(data);
      if (data.length >= LONG) this.waiter?.();
    };
    super.connect(Object.assign(Object.create(line) as UartLine, { write }), clock);
  }
}

async function hear(bench: PicoBench, work: () => Promise<unknown>): Promise<Item[]> {
  const abort = new AbortController();
  const all: Item[] = [];
  const reading = (async () => {
    for await (const item of bench.host.sensor("s0").samples({ signal: abort.signal })) all.push(item);
  })().catch(() => undefined);
  await work();
  abort.abort();
  await bench.during(reading);
  return all;
}

onPico("sensors on UARTs of the emulated Pico", function () {
  this.timeout(120_000);
  withFirmware();

  for (const [driver, make, spo2, pulse, rate] of [
    ["nonin", () => new Nonin({ spo2: 97, pulse: 72 }), 97, 72, 75],
    ["cms50", () => new Cms50({ spo2: 95, pulse: 66 }), 95, 66, 60],
  ] as const) {
    it(`${driver}: ${rate} frames a second come whole, with their values`, async () => {
      const bench = await placeOnPico(driver, make());
      const all = await hear(bench, () => bench.pass(4000));
      // What was lost before anybody read is told first.
      assert.deepEqual(gapsOf(all.slice(all.findIndex(({ kind }) => kind === "reading"))), []);
      const readings = readingsOf(all);
      // It takes a moment until somebody reads, and the last quarter of a second is still on the board.
      assert.ok(readings.length > 3.3 * rate, `${readings.length} readings`);
      for (const [i, { number, values }] of readings.entries()) {
        assert.equal(number, readings[0]!.number + 5 * i);
        // The first frames may be the rest of a packet.
        if (i > rate) assert.deepEqual(values.slice(1), [spo2, pulse]);
      }
      await bench.end();
    });

    it(`${driver}: what its FIFO could not keep is UART_OVERFLOW, each time, and no frame is made of two`, async () => {
      const device = make();
      const bench = await placeOnPico(driver, device);
      const [uart] = bench.rig.machine.uarts.slice(driver === "nonin" ? 0 : 1);
      const stalls: { from: number; holes: number }[] = [];
      const all = await hear(bench, async () => {
        await bench.pass(1000);
        for (const ms of STALLS) {
          const [from, before] = [bench.clock.now(), uart!.flagged];
          await bench.stall(ms);
          await bench.pass(600);
          stalls.push({ from, holes: uart!.flagged - before });
        }
      });
      const overflows = gapsOf(all).filter(({ cause }) => cause === "UART_OVERFLOW");
      assert.ok(overflows.every(({ lost }) => lost === null));
      for (const [i, { from, holes }] of stalls.entries()) {
        const end = stalls[i + 1]?.from ?? Infinity;
        const told = overflows.filter(({ utc }) => utc >= from && utc < end).length;
        // Where in two pieces bytes are missing nobody can tell: neither is believed.
        assert.ok(
          holes ? told >= 1 && told <= 2 * holes : told === 0,
          `${told} told, ${holes} holes: ${JSON.stringify(gapsOf(all))}`,
        );
      }
      const whole = stalls.filter(({ holes }) => holes === 0).length;
      assert.ok(whole > 0 && whole < stalls.length, `${whole} of ${stalls.length}`);
      // Behind each the frames go on.
      for (const gap of overflows) assert.ok(readingsOf(all.slice(all.indexOf(gap))).length > 10, `${gap.utc}`);
      for (const { values } of readingsOf(all)) {
        assert.ok(values[1] === null || values[1] === spo2, `${values[1]} %`);
        assert.ok(values[2] === null || values[2] === pulse, `${values[2]} /min`);
      }
      await bench.end();
    });
  }

  it("analyser: a frame of which its FIFO could not keep all is refused and comes again, and no result is lost", async () => {
    const device = new Watched({ every: 700, results: 5 });
    const bench = await placeOnPico("analyser", device);
    const [uart] = bench.rig.machine.uarts;
    const texts: string[] = [];
    const refused: string[] = [];
    const abort = new AbortController();
    const stream = await bench.during(bench.host.open("s0:raw"));
    const receiving = receiveResults(stream, (text) => void texts.push(text.toString("latin1")), {
      clock: bench.clock,
      signal: abort.signal,
      onEvent: ({ kind }) => void (kind === "refused" && refused.push(kind)),
    }).catch(() => undefined);
    for (let i = 0; i < STALLED; i++) {
      await bench.during(device.nextLong());
      const before = uart!.overruns;
      await bench.stall(120);
      assert.ok(uart!.overruns > before, "no byte found the FIFO full");
      // What comes again is left alone.
      await bench.pass(500);
    }
    // An acknowledgement of which the board knew nothing in time costs 15 s.
    for (let i = 0; i < 40 && device.acknowledged < device.produced; i++) await bench.pass(1000);
    abort.abort();
    await bench.during(receiving);
    assert.ok(refused.length >= STALLED, `${refused.length} frames were refused`);
    const samples = [...new Set(texts.flatMap((text) => /^O\|1\|(\d+)/.exec(text)?.[1] ?? []))];
    assert.deepEqual(samples, ["000001", "000002", "000003", "000004", "000005"]);
    assert.equal(device.acknowledged, device.produced);
    await bench.end();
  });
});
