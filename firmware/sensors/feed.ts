/** A sensor between its driver and its readers: numbers, stamps, gaps, and who is told. */
import { be32, byte, EMPTY, fromText, join, pair } from "../../protocols/bytes/index.js";
import type { Bytes } from "../../protocols/bytes/index.js";
import { SampleKind, UNCOUNTED } from "../../protocols/service/samples.js";
import { stampOf } from "../../protocols/service/clock.js";
import { put, ReaderType, resume } from "./reader.js";
import type { Reader } from "./reader.js";

/** Sockets that may read one sensor at once. */
const MOST_READERS = 4;

/** All in one function: on the board a method costs five variables, and what it closes over none more. */
export function openFeed(name: string, device: DevsockDeviceConfig, kit: DevsockKit): DevsockFeed & DevsockDevice {
  const readers: Reader[] = [];
  const boot = be32(kit.boot);
  /** Of the next unit. */
  let number = 0;
  let lost = 0;
  let gaps = 0;

  /** The one socket that hears what holds already. */
  let only: Reader | null = null;

  const tell = (at: number, rest: Bytes, units: number, event: boolean): void => {
    const message = join(stampOf(at - kit.started), join(join(boot, be32(number)), rest));
    for (let i = 0; i < readers.length; i++) {
      const reader = readers[i]!;
      if (only ? reader == only : event || reader.socket.type != ReaderType.rdm) put(reader, message, units);
    }
    // What nobody counted has a number all the same: if it is lost itself, that is missing.
    number += units < 0 ? 1 : units;
  };

  /** What holds is said to one socket. */
  const repeat = (reader: Reader): void => {
    if (!feed.onlisten) return;
    only = reader;
    feed.onlisten();
    only = null;
  };

  const feed: DevsockFeed & DevsockDevice = {
    driver: device.driver,
    services: ["samples", "events", "status"],
    rate: device.rate || 0,
    answers: null,
    batch: (data, units, at, flags) => tell(at, join(pair(SampleKind.batch, flags), data), units, false),
    gap: (units, cause, at) => {
      gaps++;
      if (units > 0) lost += units;
      const count = units < 0 ? UNCOUNTED : units;
      tell(at, join(byte(SampleKind.gap), join(be32(count), fromText(cause))), units, true);
    },
    event: (event, at) => tell(at, join(byte(SampleKind.event), fromText(JSON.stringify(event))), 0, true),
    // Its driver says how.
    start: null!,
    status: () => {
      const rings: { [units: string]: number[] } = {};
      for (const units in feed.rings) rings[units] = [feed.rings[units]!.high, feed.rings[units]!.size];
      return {
        driver: feed.driver,
        rate: feed.rate,
        running: readers.length > 0,
        readers: readers.length,
        answers: feed.answers,
        units: number,
        lost,
        gaps,
        rings,
      };
    },
    tick: (now) => {
      if (!readers.length) return feed.onunread && feed.onunread();
      if (feed.ontick) feed.ontick(now);
    },
    fault: (cause) => {
      if (feed.onfault && readers.length) feed.onfault(cause);
    },
    open: (socket, service, answer) => {
      const events = service == "events";
      const type: number = socket.type;
      if (!events && service != "samples" && service)
        return answer(
          "EPROTONOSUPPORT: " + name + " has no service " + service + "; it has samples, events and status",
        );
      if (events ? type != ReaderType.rdm : type != ReaderType.datagram && type != ReaderType.seqpacket)
        return answer(
          "ESOCKTNOSUPPORT: " +
            name +
            (events ? ":events is a SOCK_RDM" : ":samples is a SOCK_DGRAM or a SOCK_SEQPACKET"),
        );
      if (readers.length >= MOST_READERS)
        return answer("EAGAIN: " + MOST_READERS + " sockets read " + name + " already; close one first");
      const failure = readers.length ? "" : feed.start();
      if (failure) return answer(failure);
      const reader: Reader = { socket, full: false, missed: 0, first: EMPTY };
      socket.ondrain = () => {
        if (resume(reader)) repeat(reader);
      };
      socket.onend = endToo;
      socket.onclose = () => {
        readers.splice(readers.indexOf(reader), 1);
        if (!readers.length && feed.stop) feed.stop();
      };
      // Who hears alarms is told first: on a link of several frames a chunk each takes a turn.
      if (events) readers.unshift(reader);
      else readers.push(reader);
      answer("");
      if (events) repeat(reader);
    },
  };
  return feed;
}

/** As `onend`: one function for all sockets. */
function endToo(this: DevsockProgramSocket): void {
  this.end();
}
