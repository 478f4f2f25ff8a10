/** A sensor on a board: its readings with their times, and what is missing between them. Not for diagnosis. */
import { sensorTable } from "../../protocols/device/sensor/index.js";
import type { SensorTable } from "../../protocols/device/sensor/index.js";
import { readStamp, Stamp } from "../../protocols/service/clock.js";
import type { SensorStatus } from "../../protocols/service/index.js";
import { decodeSamples } from "../../protocols/service/samples.js";
import type { SampleMessage } from "../../protocols/service/samples.js";
import type { BoardClock } from "../board-clock.js";
import { utcOf } from "../clock.js";
import type { Clock } from "../clock.js";
import { SOCK_DGRAM, SOCK_RDM, SOCK_SEQPACKET } from "../constants.js";
import type { DatagramSocket, RdmSocket } from "../datagram-socket.js";
import { DevsockError } from "../errors.js";
import type { SeqPacketSocket } from "../seqpacket-socket.js";
import type { SocketStream } from "../socket-stream.js";
import type { SensorAlarm, SensorGap, SensorReading } from "./readings.js";
import { readRecord } from "./records.js";
import type { SensorSource } from "./sensor-source.js";
import { SampleStream } from "./sample-stream.js";
import type { Arrived } from "./sample-stream.js";
import { sensorStatus } from "./schema.js";

/** What a sensor needs of its board. */
export interface SensorBoard {
  readonly hostClock: Clock;
  open(address: string, options: { signal?: AbortSignal | undefined }): Promise<SocketStream>;
  connect(
    address: string,
    options: { type: typeof SOCK_DGRAM; signal?: AbortSignal | undefined },
  ): Promise<DatagramSocket>;
  connect(address: string, options: { type: typeof SOCK_RDM; signal?: AbortSignal | undefined }): Promise<RdmSocket>;
  connect(
    address: string,
    options: { type: typeof SOCK_SEQPACKET; signal?: AbortSignal | undefined },
  ): Promise<SeqPacketSocket>;
  clock(signal?: AbortSignal): Promise<BoardClock>;
}

export interface SamplesOptions {
  /**
   * true: SOCK_DGRAM, the newest win when the link is too slow, and what it lost is a gap. false, which is the default: SOCK_SEQPACKET, all of
   * them, in order; what the board could not keep for a slow reader is a gap.
   */
  live?: boolean;
  signal?: AbortSignal | undefined;
}

/** What a sensor measures, and readings a second. */
interface Described {
  table: SensorTable;
  rate: number;
}

const STAMP: number = Stamp.bytes;

/** Whether it is the session that is over, or its link. */
function ofLink(error: unknown): error is DevsockError {
  return error instanceof DevsockError && error.origin === "link";
}

export class Sensor {
  /** Made by `Board.sensor`. */
  constructor(
    private readonly board: SensorBoard,
    readonly name: string,
  ) {}

  /** @throws DevsockError ENODEV, EPROTONOSUPPORT for a driver that this library does not know */
  async status(signal?: AbortSignal): Promise<SensorStatus> {
    const address = `${this.name}:status`;
    return readRecord(await this.board.open(address, { signal }), address, sensorStatus);
  }

  /**
   * What it measures: its channels, and readings a second.
   * @throws DevsockError as `status`
   */
  async describe(signal?: AbortSignal): Promise<Described> {
    const { driver, rate } = await this.status(signal);
    const table = sensorTable(driver);
    if (table) return { table, rate: rate || table.rate.usual };
    const why =
      driver === "analyser"
        ? `${this.name} is an analyser, which has results and no readings; take them with receiveResults()`
        : `this program does not know ${driver}, the driver of ${this.name}; update it`;
    throw new DevsockError(`EPROTONOSUPPORT: ${why}`, { address: this.name });
  }

  /**
   * Its readings from now on, and a gap wherever one is missing, until the signal aborts or the loop is left. They go on when the
   * board has started anew, after a gap RESTARTED, as long as its link does.
   * @throws DevsockError as `status`; EAGAIN when too many read it; ECANCELED; what ended the socket
   */
  async *samples(options: SamplesOptions = {}): AsyncGenerator<SensorReading | SensorGap, void> {
    const { live = false, signal } = options;
    const open = live ? () => this.datagrams(signal) : () => this.records(signal);
    // The board sends the device's own word ahead of the readings that bear it: `alarms`.
    for await (const item of this.read(open, true, signal)) if (item.kind !== "alarm") yield item;
  }

  /** The device's own alarms and states, and gaps, ahead of all else on the link. */
  async *alarms({ signal }: Pick<SamplesOptions, "signal"> = {}): AsyncGenerator<SensorAlarm | SensorGap, void> {
    const open = (): AsyncGenerator<Arrived> => this.events(signal);
    for await (const item of this.read(open, false, signal)) if (item.kind !== "reading") yield item;
  }

  /** What it measures and what it says, for recorders and viewers. @throws DevsockError as `status` */
  async source(signal?: AbortSignal): Promise<SensorSource> {
    const { table, rate } = await this.describe(signal);
    return {
      table,
      rate,
      samples: (options) => this.samples(options),
      alarms: (options) => this.alarms(options),
    };
  }

  private async *read(
    open: () => AsyncGenerator<Arrived>,
    complete: boolean,
    signal?: AbortSignal,
  ): AsyncGenerator<SensorReading | SensorGap | SensorAlarm, void> {
    const known = await this.describe(signal);
    const clock = await this.board.clock(signal);
    try {
      const stream = new SampleStream(known.table, known.rate, clock, complete);
      // The first readings wait for their time; alarms do not.
      let settled = !complete;
      for (;;)
        try {
          for await (const message of open()) {
            if (!settled) await clock.settled(signal);
            settled = true;
            yield* stream.take(message);
          }
          return;
        } catch (error) {
          await this.back(error, known, signal);
          stream.reopened();
        }
    } finally {
      clock.dispose();
    }
  }

  /**
   * Waits until the board is back that has ended its session, and the sensor is what it was.
   * @throws DevsockError what ended the socket, when it was something else, or the link is over; the sensor is not there any more
   */
  private async back(error: unknown, known: Described, signal?: AbortSignal): Promise<void> {
    if (!ofLink(error)) throw error;
    for (;;)
      try {
        const { table, rate } = await this.describe(signal);
        if (table !== known.table || rate !== known.rate) throw error;
        // Its clock has begun anew.
        (await this.board.clock(signal)).dispose();
        return;
      } catch (again) {
        if (!ofLink(again)) throw again;
        // No link is left, and that is no more than was known.
        if (again === error || again.code === "ENOTCONN") throw error;
      }
  }

  private async *datagrams(signal?: AbortSignal): AsyncGenerator<Arrived> {
    const socket = await this.board.connect(`${this.name}:samples`, { type: SOCK_DGRAM, signal });
    yield* this.messages(socket, signal);
  }

  private async *events(signal?: AbortSignal): AsyncGenerator<Arrived> {
    const socket = await this.board.connect(`${this.name}:events`, { type: SOCK_RDM, signal });
    yield* this.messages(socket, signal);
  }

  private async *messages(socket: DatagramSocket | RdmSocket, signal?: AbortSignal): AsyncGenerator<Arrived> {
    try {
      for (let message; (message = await socket.recv(signal));)
        yield { message: this.decoded(message.from.tick!, message.data), arrived: message.time };
    } finally {
      socket.close();
    }
  }

  private async *records(signal?: AbortSignal): AsyncGenerator<Arrived> {
    const socket = await this.board.connect(`${this.name}:samples`, { type: SOCK_SEQPACKET, signal });
    try {
      for (let record; (record = await socket.recv(signal));) {
        if (record.length < STAMP) throw this.strange();
        yield {
          message: this.decoded(readStamp(record, 0), record.subarray(STAMP)),
          arrived: utcOf(this.board.hostClock),
        };
      }
    } finally {
      socket.close();
    }
  }

  private decoded(tick: number, rest: Uint8Array): SampleMessage {
    const known = decodeSamples(tick, rest);
    if (known) return known;
    throw this.strange();
  }

  private strange(): DevsockError {
    const text = `EPROTO: ${this.name} sent what is no message of a sensor; update the older side`;
    return new DevsockError(text, { origin: "peer", address: this.name });
  }
}
