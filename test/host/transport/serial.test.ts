import assert from "node:assert/strict";
import { serial } from "../../../host/index.js";
import type { Connection, ConnectionEvents } from "../../../host/index.js";
import { realClock } from "../../../simulator/clock.js";
import { hostOnPty, openPty } from "../../../simulator/pty.js";
import type { Pty } from "../../../simulator/pty.js";
import { UartWire } from "../../../simulator/wire.js";
import { until } from "../../support/wait.js";

const deaf: ConnectionEvents = { data: () => undefined, drain: () => undefined, closed: () => undefined };

describe("a serial port that is closed", () => {
  let pty: Pty;
  /** When each byte has arrived at the board, ms. */
  let arrived: number[];

  beforeEach(async () => {
    pty = await openPty();
    arrived = [];
    const wire = new UartWire(230_400, realClock);
    wire.board.onTraffic(() => {
      for (let at; (at = wire.board.nextArrival()) !== Infinity; wire.board.takeArrival()) arrived.push(at);
    });
    hostOnPty(wire, pty);
  });

  afterEach(() => pty.close());

  const open = (): Promise<Connection> => serial(pty.path, 230_400).open(deaf);

  it("is free as soon as the line has what was written", async () => {
    const connection = await open();
    connection.send(Buffer.alloc(60));
    const start = performance.now();
    await connection.close();
    assert.ok(performance.now() - start < 150, `${performance.now() - start} ms`);
  });

  it("and opened again at once leaves a pause on the line: the last words are not run into the first", async () => {
    for (let times = 0; times < 5; times++) {
      const connection = await open();
      connection.send(Buffer.alloc(60));
      await connection.close();
    }
    await until(
      () => arrived.length >= 300,
      () => `${arrived.length} of 300 bytes came`,
      5000,
    );
    const pauses = [60, 120, 180, 240].map((first) => arrived[first]! - arrived[first - 1]!);
    assert.ok(
      pauses.every((ms) => ms > 10),
      pauses.join(" "),
    );
  });
});
