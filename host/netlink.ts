/** AF_NETLINK: what happens on a board, as it happens. docs/netlink.md. */
import { z } from "zod";
import type { NetlinkRecord } from "../protocols/service/index.js";
import { readRecords } from "./device/records.js";
import { remedied } from "./remedies.js";
import type { SocketStream } from "./socket-stream.js";

export type { NetlinkRecord } from "../protocols/service/index.js";

/** The board's address of it. */
export const NETLINK = "/netlink";

const count = z.number().min(0);
const why = z.string().transform(remedied);

const netlinkRecord: z.ZodType<NetlinkRecord> = z.looseObject({
  at: count.optional(),
  missed: count.optional(),
  peer: z.looseObject({ name: z.string(), up: z.boolean(), why }).optional(),
  link: z.looseObject({ kind: z.enum(["tcp", "udp", "serial"]), up: z.boolean(), why }).optional(),
  device: z.looseObject({ name: z.string(), answers: z.boolean().nullable() }).optional(),
  counters: z.record(z.string(), count).optional(),
  config: z.record(z.string(), z.unknown()).optional(),
});

/**
 * The records of a board: first its configuration, each device and all counters, then what happens. Leave the loop,
 * or `return` the generator, to end it.
 */
export class Netlink implements AsyncIterable<NetlinkRecord> {
  constructor(private readonly socket: SocketStream) {}

  /** Asks for all counters: a record with them follows. */
  ask(): void {
    this.socket.write("\n");
  }

  /** No more is wanted: what is under way still comes, then the records end. */
  end(): void {
    this.socket.end();
  }

  close(): void {
    this.socket.destroy();
  }

  [Symbol.asyncIterator](): AsyncGenerator<NetlinkRecord> {
    return readRecords(this.socket, this.socket.address, netlinkRecord);
  }
}
