/** A sensor between its driver and its readers: numbers, stamps, gaps, and who is told. */
import { be32, byte, EMPTY, fromText, join, pair } from "../../protocols/bytes/index.js";
import type { Bytes } from "../../protocols/bytes/index.js";
import { SampleKind, UNCOUNTED } from "../../protocols/service/samples.js";
import { stampOf } from "../../protocols/service/clock.js";
import { put, ReaderType, resume } from "./reader.js";
import type { Reader } from "./reader.js";

/** Sockets that may read one sensor at once. */
const MOST_READERS = 4;

const SERVICES = ["samples", "events", "status"];

export class Feed implements DevsockFeed, DevsockDevice {
  readonly driver: string;
  readonly services = SERVICES;
  rate: number;
  replied: boolean | null = null;
  onstart!: () => string;
  stop?: () => void;
  ontick?: (now: number) => void;
  onunread?: () => void;
  onfault?: (cause: string) => void;
  onlisten?: () => void;
  rings?: DevsockFeed["rings"];
  readonly _readers: Reader[] = [];
  readonly _started: number;
  readonly _boot: Bytes;
  /** Of the next unit. */
  _number = 0;
  private _lost = 0;
  private _gaps = 0;
  /** The one socket that hears what holds already. */
  _only?: Reader | undefined;

  constructor(
    private readonly _name: string,
    device: DevsockDeviceConfig,
    kit: DevsockKit,
  ) {
    this.driver = device.driver;
    this.rate = device.rate || 0;
    this._started = kit.started;
    this._boot = be32(kit.boot);
  }

  batch(data: Bytes, units: number, at: number, flags: number): void {
    tell(this, at, join(pair(SampleKind.batch, flags), data), units, false);
  }

  gap(units: number, cause: string, at: number): void {
    this._gaps++;
    if (units > 0) this._lost += units;
    const count = units < 0 ? UNCOUNTED : units;
    tell(this, at, join(byte(SampleKind.gap), join(be32(count), fromText(cause))), units, true);
  }

  event(event: object, at: number): void {
    tell(this, at, join(byte(SampleKind.event), fromText(JSON.stringify(event))), 0, true);
  }

  status(): ReturnType<DevsockDevice["status"]> {
    const rings: { [units: string]: number[] } = {};
    for (const units in this.rings) {
      const ring = this.rings[units]!;
      rings[units] = [ring.high, ring.size];
    }
    const readers = this._readers.length;
    const status = {
      driver: this.driver,
      rate: this.rate,
      running: readers > 0,
      readers,
      answers: this.replied,
      units: this._number,
      lost: this._lost,
      gaps: this._gaps,
      rings,
    };
    return status;
  }

  tick(now: number): void {
    if (!this._readers.length) return this.onunread && this.onunread();
    if (this.ontick) this.ontick(now);
  }

  fault(cause: string): void {
    if (this.onfault && this._readers.length) this.onfault(cause);
  }

  letGo(): void {
    for (const readers = this._readers; readers.length;) closed.call(readers[0]!._socket);
  }

  open(socket: DevsockProgramSocket, service: string, answer: (failure: string) => void): void {
    const name = this._name;
    const readers = this._readers;
    const events = service == "events";
    const type: number = socket.type;
    if (!events && service != "samples" && service)
      return answer("EPROTONOSUPPORT: " + name + " has no service " + service + "; it has samples, events and status");
    if (events ? type != ReaderType.rdm : type != ReaderType.datagram && type != ReaderType.seqpacket)
      return answer(
        "ESOCKTNOSUPPORT: " +
          name +
          (events ? ":events is a SOCK_RDM" : ":samples is a SOCK_DGRAM or a SOCK_SEQPACKET"),
      );
    if (readers.length >= MOST_READERS) return answer("EAGAIN: " + MOST_READERS + " sockets read " + name + " already");
    const failure = readers.length ? "" : this.onstart();
    if (failure) return answer(failure);
    const reader: Reader = { _feed: this, _socket: socket, _full: false, _missed: 0, _first: EMPTY };
    socket.reader = reader;
    // One function each for all sockets: what closed over a reader would take a socket twenty variables more.
    socket.ondrain = drained;
    socket.onend = ended;
    socket.onclose = closed;
    // Who hears alarms is told first: on a link of several frames a chunk each takes a turn.
    if (events) readers.unshift(reader);
    else readers.push(reader);
    answer("");
    if (events) repeat(reader);
  }
}

function tell(feed: Feed, at: number, rest: Bytes, units: number, event: boolean): void {
  const message = join(stampOf(at - feed._started), join(join(feed._boot, be32(feed._number)), rest));
  const readers = feed._readers;
  const only = feed._only;
  for (let i = 0; i < readers.length; i++) {
    const reader = readers[i]!;
    if (only ? reader == only : event || reader._socket.type != ReaderType.rdm) put(reader, message, units);
  }
  // What nobody counted has a number all the same: if it is lost itself, that is missing.
  feed._number += units < 0 ? 1 : units;
}

/** What holds is said to one socket. */
function repeat(reader: Reader): void {
  const feed = reader._feed;
  if (!feed.onlisten) return;
  feed._only = reader;
  feed.onlisten();
  feed._only = undefined;
}

function drained(this: DevsockProgramSocket): void {
  const reader = this.reader as Reader | undefined;
  if (reader && resume(reader)) repeat(reader);
}

function ended(this: DevsockProgramSocket): void {
  this.end();
}

function closed(this: DevsockProgramSocket): void {
  const reader = this.reader as Reader | undefined;
  if (!reader) return;
  const feed = reader._feed;
  const readers = feed._readers;
  readers.splice(readers.indexOf(reader), 1);
  this.reader = undefined;
  if (!readers.length && feed.stop) feed.stop();
}
