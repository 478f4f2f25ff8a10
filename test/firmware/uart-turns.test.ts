/** What a UART's bytes take of the interpreter's turns, on Node, with timers of their own. */
import assert from "node:assert/strict";

interface Line {
  head?: Uint8Array;
  xon?: boolean;
  queued: number;
  write(data: Uint8Array): void;
  ondata(data: Uint8Array): void;
}

/** A frame of a link begins with these. */
const SYNC = [0xd5, 0x9a];
const XOFF = 0x13;
/** Bytes of the transmit ring. */
const RING = 128;

describe("firmware: what waits on a UART", () => {
  const { setTimeout: real } = globalThis;
  afterEach(() => void (globalThis.setTimeout = real));

  /** A UART, what it gave its reader in each turn, and a turn, for which the line empties its ring: what is ordered in one is done in the next. */
  async function line(): Promise<{
    uart: Line;
    busy: { turn: number; alarm: number };
    spent: () => void;
    hear: (data: Uint8Array) => void;
    turn: () => number[][];
  }> {
    const file = new URL("../../firmware/io/uart.ts", import.meta.url).href;
    const { Uart, busy, spent } = (await import(file)) as {
      Uart: new (port: unknown, baud: number, options: object, ring: number) => Line;
      busy: { turn: number; alarm: number };
      spent: () => void;
    };
    busy.turn = busy.alarm = 0;
    let seconds = 0;
    let due: (() => void)[] = [];
    const timeout = (run: (of: unknown) => void, _ms: number, of: unknown): number => due.push(() => run(of));
    Object.assign(globalThis, { getTime: () => seconds, setTimeout: timeout });
    let hear: (data: Uint8Array) => void = () => {};
    const port = { on: (_event: string, heard: typeof hear) => void (hear = heard), setup: () => {}, write: () => {} };
    const uart = new Uart(port, 115_200, {}, RING);
    let given: number[][] = [];
    uart.ondata = (data) => void given.push([...data]);
    const turn = (): number[][] => {
      const now = due;
      due = [];
      given = [];
      seconds++;
      for (const run of now) run();
      return given;
    };
    return { uart, busy, spent, hear: (data) => hear(data), turn };
  }

  const frame = (length: number, mark: number): number[] => [...SYNC, ...Array<number>(length - 2).fill(mark)];

  it("is a frame in each turn, in order, and more at once only as far as no room would be left", async () => {
    const { uart, hear, turn } = await line();
    // As on the board, where bytes are a text, one piece is found in another.
    uart.head = Buffer.from(SYNC);
    const frames = [1, 2, 3, 4].map((mark) => frame(200, mark));
    hear(Buffer.from(frames.flat()));
    // 288 of 800 bytes are more than may wait.
    assert.deepEqual(turn(), [[...frames[0]!, ...frames[1]!]]);
    const rest = [turn(), turn(), turn(), turn()].flat();
    assert.deepEqual(rest, [frames[2], frames[3]]);
  });

  it("waits while something else takes long, a turn for each, and no longer", async () => {
    const { busy, spent, hear, turn } = await line();
    hear(Uint8Array.of(1, 2));
    spent();
    spent();
    assert.deepEqual(turn(), []);
    assert.deepEqual(turn(), [[1, 2]]);
    turn();
    assert.equal(busy.turn, 0);
  });

  it("does not wait where it is an XOFF that holds the line, or so much that what comes next would have no room", async () => {
    const { uart, spent, hear, turn } = await line();
    uart.xon = true;
    hear(Buffer.of(0x16, XOFF));
    spent();
    assert.deepEqual(turn(), [[0x16, XOFF]]);
    hear(Buffer.alloc(641));
    spent();
    assert.equal(turn()[0]?.length, 641);
  });

  it("that is to be sent waits while an alarm waits in a connection, and no longer", async () => {
    const { uart, busy, turn } = await line();
    uart.write(Buffer.alloc(300));
    assert.equal(uart.queued, 300 - RING);
    busy.alarm = 1;
    turn();
    turn();
    assert.equal(uart.queued, 300 - RING);
    busy.alarm = 0;
    turn();
    assert.equal(uart.queued, 300 - 2 * RING);
  });

  it("waits for nothing on a board without a serial link", async () => {
    const { busy, hear, turn } = await line();
    busy.turn = -1;
    hear(Uint8Array.of(7));
    assert.deepEqual(turn(), [[7]]);
    assert.equal(busy.turn, -1);
  });
});
