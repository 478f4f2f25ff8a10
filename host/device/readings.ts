/** What a sensor gives a program: readings, and what is missing between them. */

/** One moment of a sensor's channels. */
export interface SensorReading {
  kind: "reading";
  /** Number of its unit since the board's start, modulo 2^32; with `boot` it names the reading for good. */
  number: number;
  boot: number;
  /** When it was, in ms of UTC since 1970; the truth lies within `uncertainty` ms of it, Infinity when nothing is known. */
  utc: number;
  uncertainty: number;
  /** By channel, in its unit; null where there is none: `why` says the cause, and nobody may make one up. */
  values: readonly (number | null)[];
  why: string;
}

/** Something is missing, or came damaged. */
export interface SensorGap {
  kind: "gap";
  number: number;
  boot: number;
  /** When the first of it was, or was noticed. */
  utc: number;
  uncertainty: number;
  /** Readings; null where nobody counted. */
  lost: number | null;
  /** FIFO_FULL, RING_FULL, READER_SLOW, LINK, checksum ...: docs/sensors.md. */
  cause: string;
}

/** The device's own alarms and states: passed on, none derived and none suppressed. */
export interface SensorAlarm {
  kind: "alarm";
  number: number;
  boot: number;
  utc: number;
  uncertainty: number;
  /** The device's own word. */
  name: string;
  /** Whether it begins or ends; null for what only happens. */
  on: boolean | null;
  /** How often that changed since it was told before, where it comes and goes faster than it is told. */
  changes?: number;
}
