import assert from "node:assert/strict";
import { Pace } from "../../../host/transport/pace.js";
import { VirtualClock } from "../../../simulator/clock.js";

const FRAME = 268;
const BAUD = 115_200;

interface Line {
  /** Bytes a ms that it sends. */
  rate: number;
  /** Until `drain` calls back after it has sent all, in ms. */
  latency?: number;
  /** Bytes that the system takes. */
  queue?: number;
  /** After 10 s it sends nothing for so long, in ms. */
  still?: number;
}

/** A port that always has a frame to send, and its line. */
class Port {
  sent = 0;
  /** Most bytes that waited at once, after the first 5 s. */
  most = 0;
  drains = 0;
  private free = 0;
  private readonly pace: Pace;

  constructor(
    private readonly clock: VirtualClock,
    private readonly line: Line,
  ) {
    this.pace = new Pace(this, BAUD, clock);
    const { still } = line;
    if (still) clock.after(10_000, () => (this.free += still));
    this.onready();
  }

  get waiting(): number {
    return Math.max(0, this.free - this.clock.now()) * this.line.rate;
  }

  get taken(): boolean {
    return this.waiting <= (this.line.queue ?? 4096);
  }

  drain(done: () => void): void {
    this.drains++;
    this.clock.after(Math.max(0, this.free - this.clock.now()) + (this.line.latency ?? 1), done);
  }

  onready(): void {
    do {
      const now = this.clock.now();
      this.free = Math.max(this.free, now) + FRAME / this.line.rate;
      this.sent += FRAME;
      if (now > 5000) this.most = Math.max(this.most, this.waiting);
    } while (this.pace.gave(FRAME));
  }
}

/** @returns a port after 60 s on such a line, with the part of the line's time that it has used */
async function after(line: Line): Promise<Port & { used: number }> {
  const clock = new VirtualClock();
  const port = new Port(clock, line);
  await clock.runUntil(() => clock.now() >= 60_000, 61_000);
  return Object.assign(port, { used: port.sent / clock.now() / line.rate });
}

describe("the pace of a serial port", () => {
  it("fills the line, and hands over no more than a frame and 8 ms ahead", async () => {
    const { used, most, drains } = await after({ rate: BAUD / 10_000, latency: 4 });
    assert.ok(used > 0.995, `${used} of the line`);
    assert.ok(most < FRAME + 100, `${most} bytes waited`);
    assert.ok(drains < 60, `${drains} drains in a minute`);
  });

  it("keeps to that on a line that is slower than it should be, by a little or by much", async () => {
    for (const slower of [0.995, 0.9, 0.5]) {
      const { used, most } = await after({ rate: (slower * BAUD) / 10_000, latency: 1 });
      assert.ok(used > 0.9, `${used} of a line of ${slower}`);
      assert.ok(most < 2 * FRAME, `${most} bytes waited on a line of ${slower}`);
    }
  });

  it("holds nothing back where there is no such line, as with USB", async () => {
    const { sent } = await after({ rate: 1000, latency: 0.5 });
    assert.ok(sent > 60_000 * 300, `${sent} bytes in 60 s`);
  });

  it("does not go by the clock alone: a line that stands still gets what the system takes and one frame more", async () => {
    const { most } = await after({ rate: BAUD / 10_000, queue: 1000, still: 1500 });
    assert.ok(most < 1000 + 2 * FRAME, `${most} bytes waited`);
  });
});
