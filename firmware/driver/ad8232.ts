/**
 * AD8232: a converter samples its output; two pins say which electrode is off, and their edges' own times which samples those are.
 * docs/devices/ad8232.md.
 */
import { features } from "#features";
import { slice } from "../../protocols/bytes/index.js";
import type { Bytes } from "../../protocols/bytes/index.js";
import { Leads, Rate } from "../../protocols/device/sensor/ad8232.js";
import { Edges } from "../io/edges.js";
import { openSamples } from "../io/samples.js";

/** Samples of a buffer are those of so many ms, within the bound; and bytes of one. */
const BUFFER_MS = 300;
const MOST_SAMPLES = 100;
const BYTES = 2;

/** Edges that wait for their buffer. */
const MOST_EDGES = 32;

/** s from what was told of an electrode to the next edge that is told by itself: how often it comes and goes meanwhile is told with each buffer. */
const TOLD = 0.2;

export function open(feed: DevsockFeed, device: DevsockDeviceConfig, kit: DevsockKit): void {
  const leads: { _pin: EspruinoPin; _bit: Leads; _name: string; _changes: number }[] = [];
  const add = (pin: string | undefined, bit: Leads, sign: string): void => {
    if (pin) leads.push({ _pin: new Pin(pin), _bit: bit, _name: "lead LO" + sign + " off", _changes: 0 });
  };
  add(device.pins!.loPlus, Leads.plusOff, "+");
  add(device.pins!.loMinus, Leads.minusOff, "-");
  feed.rate = feed.rate || Rate.usual;
  const count = Math.min(MOST_SAMPLES, Math.max(1, (feed.rate * BUFFER_MS) / 1000)) | 0;
  const edges = new Edges(MOST_EDGES);
  /** What the pins said before the first edge that waits, and until when nobody knows, in seconds. */
  let off = 0;
  let blind = 0;
  /** What was told of them, and until when no edge is told by itself, in seconds; and of which electrodes edges were not told. */
  let told = 0;
  let quiet = 0;
  let untold = 0;

  /** @param which electrodes */
  const tell = (which: number, at: number): void => {
    for (let i = 0; i < leads.length; i++) {
      const lead = leads[i]!;
      if (!(which & lead._bit)) continue;
      feed.event({ name: lead._name, on: !!(told & lead._bit), changes: lead._changes }, at);
      lead._changes = 0;
    }
  };
  const changed = (at: number): void => {
    const which = untold | (edges.state ^ told);
    told = edges.state;
    quiet = at + TOLD;
    untold = 0;
    tell(which, at);
  };
  edges.onedge = (at, which) => {
    untold |= which;
    for (let i = 0; i < leads.length; i++) if (which & leads[i]!._bit) leads[i]!._changes++;
    if (at > quiet) changed(at);
  };
  // What the next buffer tells all is in it.
  feed.onlisten = () => tell(told & ~untold, getTime());

  /** Nobody knows what was until now. */
  const look = (): void => {
    blind = getTime();
    off = 0;
    for (let i = 0; i < leads.length; i++) if (digitalRead(leads[i]!._pin)) off |= leads[i]!._bit;
    edges.state = off;
  };

  /** A buffer within which electrodes changed, in as many parts. @param at not before its last sample, nor a sample's time behind it */
  const split = (data: string, at: number): void => {
    const { rate } = feed;
    let unknown = blind > at - (count + 1) / rate ? Leads.unknown : 0;
    let from = 0;
    const part = (to: number): void => {
      if (to <= from) return;
      feed.batch(slice(data, from * BYTES, to * BYTES), to - from, at - (count - to) / rate, off | unknown);
      from = to;
    };
    edges.drain(
      {
        batch: (_data, _units, time, state) => {
          const before = count - (at - time) * rate;
          // Off from the first sample that may be behind it, or to the last one that may be before it.
          part(Math.min(count, Math.max(0, state & ~off ? before - 1 : before + 1)) | 0);
          off = state;
        },
        gap: () => {
          look();
          unknown = Leads.unknown;
        },
      },
      at,
    );
    if (!unknown) blind = 0;
    part(count);
  };
  const buffer = (data: Bytes, _units: number, at: number): void => {
    // The next one comes later than an alarm waits.
    if (features.aside && kit.busy.alarm) return void setTimeout(buffer, 0, data, count, at);
    if (untold || edges.state != told) changed(getTime());
    if (blind || edges.since <= at) split(data, at);
    else feed.batch(data, count, at, off);
  };
  const samples = openSamples(new Pin(device.pins!.out!), count, feed.rate, buffer, feed);
  feed.rings = { samples, edges };

  feed.onstart = () => {
    for (let i = 0; i < leads.length; i++) edges.watch(leads[i]!._pin, leads[i]!._bit);
    look();
    blind = told = quiet = untold = 0;
    try {
      samples.start();
    } catch (e) {
      edges.unwatch();
      return "EIO: pin out: " + String(e);
    }
    return "";
  };
  feed.stop = () => {
    samples.stop();
    edges.unwatch();
  };
  feed.onfault = (cause) => {
    if (cause != "FIFO_FULL" || !leads.length) return;
    // An edge may be among what was lost, before those that came.
    edges.clear();
    look();
  };
}
