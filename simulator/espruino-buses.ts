/**
 * I2C and SPI for the real interpreter, whose Linux build has stubs: objects written in JavaScript take their place, and
 * ask the simulator for each transfer over a terminal. The interpreter stands still until the answer is there, as a
 * board does.
 */
import { busOf, I2cBus } from "./bus.js";
import type { Bus, Chip, I2cOutcome } from "./bus.js";
import { realClock } from "./clock.js";
import type { BusConfig } from "./config.js";
import { openPty } from "./pty.js";
import type { Pty } from "./pty.js";
import { FAILURES } from "./runtime/buses.js";

/** Bytes before the data of a request: port, operation, address, whether a STOP follows, bytes to read (2), bytes to write (2). */
const HEADER = 8;

const OUTCOMES: readonly I2cOutcome[] = ["done", "nobody", "refused", "stuck"];

const enum Operation {
  write = 0,
  read = 1,
  exchange = 2,
}

export class EspruinoBuses {
  private waiting = Buffer.alloc(0);

  private constructor(
    private readonly pty: Pty,
    private readonly ports: readonly { port: string; bus: Bus }[],
  ) {
    pty.onData((data) => this.receive(data));
  }

  /** @returns nothing where the configuration has no buses */
  static async open(
    configured: Record<string, BusConfig> = {},
    chips: Record<string, Chip[]>,
  ): Promise<EspruinoBuses | undefined> {
    const ports = Object.entries(configured).map(([name, { port }]) => {
      const there = chips[name] ?? [];
      for (const chip of there) chip.connect(realClock);
      return { port, bus: busOf(port, there) };
    });
    return ports.length > 0 ? new EspruinoBuses(await openPty(), ports) : undefined;
  }

  /** Goes before the boot file's text. An answer is a byte that says how it went, and what was read. */
  bootText(): string {
    const path = JSON.stringify(this.pty.path);
    const failures = OUTCOMES.slice(1).map((outcome) =>
      [false, true].map((reading) => FAILURES[outcome as Exclude<I2cOutcome, "done">](reading)),
    );
    const objects = this.ports.map(({ port }, i) => {
      const fake =
        `{setup:function(){},` +
        `writeTo:function(a,d){if(d.length)q(${i},0,a,0,d)},` +
        `readFrom:function(a,n){return E.toUint8Array(q(${i},1,a,n,""))},` +
        `send:function(d){return q(${i},2,0,d.length,d)}}`;
      return `${port}=${fake};`;
    });
    return (
      `(function(w,r){var x=${JSON.stringify(failures)};function b(n){return String.fromCharCode(n>>8,n)}` +
      `function q(p,o,a,n,d){var s=a.stop===false?0:1,k,t;` +
      `w.write(String.fromCharCode(p,o,a.address===undefined?a:a.address,s)+b(n)+b(d.length)+d);` +
      `k=r.read(1).charCodeAt(0);if(k)throw new Error(x[k-1][o]);return n?r.read(n):""}` +
      `${objects.join("")}})(E.openFile(${path},"w"),E.openFile(${path},"r"));`
    );
  }

  close(): void {
    this.pty.close();
  }

  private receive(data: Buffer): void {
    this.waiting = Buffer.concat([this.waiting, data]);
    while (this.waiting.length >= HEADER) {
      const end = HEADER + this.waiting.readUInt16BE(6);
      if (this.waiting.length < end) return;
      const request = this.waiting.subarray(0, end);
      this.waiting = this.waiting.subarray(end);
      this.pty.write(this.answer(request));
    }
  }

  private answer(request: Buffer): Buffer {
    const [port, operation, address, stop] = request as unknown as [number, Operation, number, number];
    const { bus } = this.ports[port]!;
    const data = request.subarray(HEADER);
    if (bus instanceof I2cBus) {
      const result =
        operation === Operation.write
          ? bus.write(address, data, stop === 1)
          : bus.read(address, request.readUInt16BE(4), stop === 1);
      const outcome = typeof result === "string" ? result : "done";
      const read = typeof result === "string" ? Buffer.alloc(0) : result;
      return Buffer.concat([Buffer.of(OUTCOMES.indexOf(outcome)), read]);
    }
    // A PC has no pins: the first chip is the only one.
    const chips = bus.chips.slice(0, 1);
    for (const chip of chips) chip.select(true);
    const came = bus.exchange(chips, data);
    for (const chip of chips) chip.select(false);
    return Buffer.concat([Buffer.of(0), came]);
  }
}
