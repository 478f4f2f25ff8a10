/** What a host knows of a kind of sensor: its channels, and how raw units become values. One table a driver, beside this file. */
import type { Bytes } from "../../bytes/index.js";

export interface Channel {
  /** Short and lower case: what columns, labels of files and JSON are named by. */
  readonly name: string;
  /** What people read. */
  readonly title: string;
  /** UCUM: `mV`, `%`, `/min`, `Cel`, `1` for a number without one. */
  readonly unit: string;
  /** IEEE 11073-10101 (context-free 32-bit code), or null where there is none. */
  readonly code: number | null;
  /** The least and the most that the sensor can say, in the unit: the scale of a file, not of a drawing. */
  readonly least: number;
  readonly most: number;
}

/** One moment of all channels. */
export interface Reading {
  /** Which unit of the batch completed it, from 0; below 0 is one of the batch before, of which only now is known what it is. */
  readonly unit: number;
  /** By channel. Null: there is no value, and nobody may make one up. */
  readonly values: readonly (number | null)[];
  /** Why a value is null: `leads off`, `no finger`, `artifact`, `checksum` ...; empty when none is. */
  readonly why: string;
}

/** What the device itself says beside its values: an alarm of its own, a state. */
export interface DeviceEvent {
  readonly unit: number;
  /** The device's own word, lower case: `alarm`, `probe off`, `low battery`. */
  readonly name: string;
  /** Whether it begins or ends; null for what only happens. */
  readonly on: boolean | null;
}

export interface Decoded {
  readings: Reading[];
  events: DeviceEvent[];
  /** Readings that came damaged, by why (`checksum`, `PEC`, `CRC`, `framing`): each is a gap of one, and no value. */
  damaged: { unit: number; cause: string }[];
}

/** Keeps what it must from batch to batch: the begin of a frame, a sequence of a device. */
export interface SensorDecoder {
  /** @param flags of the batch */
  decode(data: Bytes, flags: number): Decoded;
  /**
   * Units are missing before the next batch: what was begun is not finished.
   * @param lost how many; null where nobody counted
   * @returns readings that are missing with them, those of which only some units are missing, too; null where nobody knows
   */
  gap(lost: number | null): number | null;
}

export interface SensorTable {
  /** The driver's name in configurations. */
  readonly driver: string;
  readonly title: string;
  readonly channels: readonly Channel[];
  /** Bytes of a unit. */
  readonly unitBytes: number;
  /** Readings a second: what the configuration may say, and what it is if it says nothing. */
  readonly rate: { readonly least: number; readonly most: number; readonly usual: number };
  /** Units of a reading, where it has a fixed number of them. */
  readonly unitsPerReading: number;
  /** Ms from one unit of a reading to the next, where a device sends them at once and then nothing until the next reading; left out: all units come evenly. */
  readonly unitTime?: number;
  /** Units by which the stamp of a batch with these flags may be late at the most; undefined or left out: by as much as the board was busy. */
  readonly late?: (flags: number) => number | undefined;
  /** Ms before the stamp of a batch with these flags at which the unit behind it was not there yet; undefined: nobody knows. */
  readonly looked?: (flags: number) => number | undefined;
  /** @param rate as the board runs it, readings a second */
  decoder(rate: number): SensorDecoder;
}
