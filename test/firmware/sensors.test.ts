import assert from "node:assert/strict";
import { SampleStream } from "../../host/device/sample-stream.js";
import type { SensorTable } from "../../protocols/device/sensor/index.js";
import { ad8232 } from "../../protocols/device/sensor/ad8232.js";
import { readStamp, Stamp } from "../../protocols/service/clock.js";
import { decodeSamples } from "../../protocols/service/samples.js";
import type { SampleMessage } from "../../protocols/service/samples.js";

/** What of firmware/modules.d.ts is used here: its other names are the board's, and not Node's. */
interface Sensor {
  onstart: () => string;
  batch(data: Uint8Array, units: number, at: number, flags: number): void;
  gap(units: number, cause: string, at: number): void;
  event(event: object, at: number): void;
  onlisten?: () => void;
  open(socket: Reader, service: string, answer: (failure: string) => void): void;
  status(): { readers: number };
}

const FEED = new URL("../../firmware/sensors/feed.js", import.meta.url).href;
const { Feed } = (await import(FEED)) as { Feed: new (name: string, device: object, kit: object) => Sensor };

const enum Type {
  datagram = 2,
  rdm = 4,
  seqpacket = 5,
}

/** A reader's socket: `room` says whether it takes more. */
class Reader {
  readonly got: SampleMessage[] = [];
  room = true;
  ondrain?: () => void;
  onclose?: (failure: string) => void;

  constructor(readonly type: Type) {}

  post(data: Uint8Array): boolean {
    if (this.room || this.type !== Type.rdm)
      this.got.push(decodeSamples(readStamp(data, 0), data.subarray(Stamp.bytes))!);
    return this.room;
  }

  drain(): void {
    this.room = true;
    this.ondrain!();
  }
}

function feedWith(...readers: Reader[]): Sensor {
  const feed = new Feed("s0", { driver: "probe" }, { boot: 1, started: 0, buses: {}, busy: { alarm: 0 } });
  feed.onstart = () => "";
  for (const reader of readers)
    feed.open(reader, reader.type === Type.rdm ? "events" : "samples", (failure) => assert.equal(failure, ""));
  return feed;
}

function gapsOf(reader: Reader): [number | null, string][] {
  return reader.got.flatMap((message) => (message.kind === "gap" ? [[message.lost, message.cause] as const] : []));
}

/** The gaps that a program sees. */
function seen(table: SensorTable, messages: SampleMessage[]): [number | null, string][] {
  const stream = new SampleStream(table, 75, { toUtc: (tick) => ({ utc: tick, uncertainty: 1 }) });
  const items = messages.flatMap((message) => [...stream.take({ message, arrived: message.tick })]);
  return items.flatMap((item) => (item.kind === "gap" ? [[item.lost, item.cause] as const] : []));
}

describe("a sensor on the board", () => {
  it("counts the messages that a reader of events did not get, whatever they stood for", () => {
    const reader = new Reader(Type.rdm);
    const feed = feedWith(reader);
    reader.room = false;
    for (let i = 0; i < 3; i++) feed.event({ name: "alarm", on: i % 2 === 0 }, i);
    feed.gap(31, "DEVICE_FIFO", 3);
    feed.gap(-1, "SILENT", 4);
    reader.drain();
    assert.deepEqual(gapsOf(reader), [[5, "READER_SLOW"]]);
  });

  it("still owes them while the message that says so is not taken", () => {
    const reader = new Reader(Type.rdm);
    const feed = feedWith(reader);
    reader.room = false;
    feed.event({ name: "alarm", on: true }, 1);
    reader.ondrain!();
    feed.event({ name: "alarm", on: false }, 2);
    reader.drain();
    assert.deepEqual(gapsOf(reader), [[2, "READER_SLOW"]]);
    assert.equal(reader.got[0]!.tick, 1000);
  });

  it("says again what holds to a reader that missed events", () => {
    const reader = new Reader(Type.rdm);
    const feed = feedWith(reader);
    feed.onlisten = () => feed.event({ name: "alarm", on: true }, 9);
    reader.room = false;
    feed.event({ name: "alarm", on: true }, 1);
    reader.drain();
    assert.deepEqual(
      reader.got.map(({ kind }) => kind),
      ["gap", "event"],
    );
  });

  it("leaves a number out where a gap that nobody counted was lost: the host sees that something is missing", () => {
    const reader = new Reader(Type.datagram);
    const feed = feedWith(reader);
    const data = new Uint8Array(20);
    feed.batch(data, 10, 1, 0);
    feed.gap(-1, "ADC_OVERRUN", 2);
    feed.batch(data, 10, 3, 0);
    const [first, gap, second] = reader.got;
    assert.deepEqual(seen(ad8232, [first!, gap!, second!]), [[null, "ADC_OVERRUN"]]);
    assert.deepEqual(seen(ad8232, [first!, second!]), [[1, "LINK"]]);
  });

  it("counts what a slow recorder did not get; with a gap that nobody counted all of it is one", () => {
    for (const [gap, lost] of [
      [7, 10 + 7],
      [-1, null],
    ] as const) {
      const reader = new Reader(Type.seqpacket);
      const feed = feedWith(reader);
      const batch = (at: number): void => feed.batch(new Uint8Array(20), 10, at, 0);
      batch(1);
      reader.room = false;
      // It was taken, and no more.
      batch(2);
      feed.gap(gap, "ADC_OVERRUN", 3);
      batch(4);
      reader.drain();
      batch(5);
      assert.deepEqual(gapsOf(reader), [[lost, "READER_SLOW"]]);
      assert.deepEqual(seen(ad8232, reader.got), [[lost, "READER_SLOW"]]);
    }
  });

  it("gives each reader the same message, and events no readings", () => {
    const readers = [Type.datagram, Type.seqpacket, Type.rdm].map((type) => new Reader(type));
    const feed = feedWith(...readers);
    feed.batch(new Uint8Array(4), 2, 1.5, 3);
    feed.gap(1, "EIO", 2);
    const [live, record, events] = readers.map(({ got }) => got);
    assert.deepEqual(live, record);
    assert.deepEqual([live!.length, events!.length, feed.status().readers], [2, 1, 3]);
    const { kind, tick, boot, number } = live![0]!;
    assert.deepEqual([kind, tick, boot, number], ["batch", 1500, 1, 0]);
    assert.deepEqual(events, live!.slice(1));
  });
});
