/** What a host counts of its link to a board. docs/netlink.md has the board's side. */
import type { Session, Sockets } from "../protocols/index.js";

export interface LinkCounters {
  /** Bytes and frames handed to connections, and bytes that came, handshakes included. */
  bytesSent: number;
  framesSent: number;
  bytesReceived: number;
  /** Frames in order, counted at each acknowledgement; frames that came again; frames sent again. */
  received: number;
  duplicates: number;
  resent: number;
  /** Bytes that came and were of no frame: noise, damage, forgeries. */
  discarded: number;
  /** Datagrams that newer ones pushed out before they could be sent, or that no frame could carry. */
  overtaken: number;
  /** Sockets that the board was refused; frames for sockets that had closed. */
  refusals: number;
  late: number;
  /** Connections that were lost; of those after which the sockets went on, and after which they could not. */
  lost: number;
  resumed: number;
  renewed: number;
  /** How long a frame and its acknowledgement take, smoothed, in ms; undefined over TCP, where nobody measures it. */
  roundTrip: number | undefined;
}

/** What connections add to. */
export type Traffic = Pick<LinkCounters, "bytesSent" | "framesSent" | "bytesReceived">;

/** The counters of all sessions of a link, one after the other. */
export class Tally {
  readonly traffic: Traffic = { bytesSent: 0, framesSent: 0, bytesReceived: 0 };
  lost = 0;
  resumed = 0;
  renewed = 0;
  private readonly past = { received: 0, duplicates: 0, discarded: 0, resent: 0 };

  /** A session's connection is over. @param goesOn its sender goes on in another session, with what it counted */
  add({ counters, sender }: Session, goesOn: boolean): void {
    this.past.received += counters.received;
    this.past.duplicates += counters.duplicates;
    this.past.discarded += counters.discarded;
    if (!goesOn) this.past.resent += sender.resent;
  }

  /** @param session that of the moment, which was not added */
  total(session: Session, sockets: Sockets): LinkCounters {
    const { past, lost, resumed, renewed } = this;
    const { counters, sender } = session;
    return {
      ...this.traffic,
      received: past.received + counters.received,
      duplicates: past.duplicates + counters.duplicates,
      resent: past.resent + sender.resent,
      discarded: past.discarded + counters.discarded,
      overtaken: sockets.pushedOut,
      refusals: sockets.refused,
      late: sockets.late,
      ...{ lost, resumed, renewed },
      roundTrip: sender.rtt || undefined,
    };
  }
}
