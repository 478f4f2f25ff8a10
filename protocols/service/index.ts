/**
 * What endpoints say on a socket: records of one JSON object a line, from the board to the host.
 * docs/protocol/services.md. Addresses are `device:service`; the board itself is the empty device.
 */
import type { Failure } from "../errors/index.js";

/** Services of a board; a device without a service in its address means the first of its own. */
export const SERVICES = {
  /** `:info`: one BoardInfo, then the end. */
  info: "info",
  /** `printer0:job`, `printer0:job/ID/CONTENT/AT`: bytes to print one way, JobRecords the other way. */
  job: "job",
  /** `printer0:raw`: bytes both ways, as they are. */
  raw: "raw",
  /** `printer0:status`, `ecg0:status`, `camera0:status`: one PrinterStatus, SensorStatus or CameraStatus, then the end. */
  status: "status",
  /** `ecg0:samples`: batches and gaps, ./samples.ts. */
  samples: "samples",
  /** `ecg0:events`: what the sensor itself says, and gaps. */
  events: "events",
  /** `camera0:image`: requests and images, ./images.ts. */
  image: "image",
  /** `:discard`: takes anything, says nothing (RFC 863). */
  discard: "discard",
  /** `:chargen`: sends for ever (RFC 864). */
  chargen: "chargen",
  /** `:clock`: datagrams that tell the board's time; ./clock.ts. */
  clock: "clock",
} as const;

/** What a printer's board knows of it. Bytes are the printer's own; protocols/device/escpos gives their meaning. */
export interface PrinterStatus {
  /** Whether the last question got an answer; null when none was asked yet. */
  answers: boolean | null;
  /** The four bytes of the last automatic status, or null. */
  asb: [number, number, number, number] | null;
  /** The last answers to DLE EOT 1, 2 and 4; -1 where there is none. */
  eot: [number, number, number];
  /** The printer holds the line: XOFF, or its ready line is off. */
  busy: boolean;
  /** Jobs: the one that prints (1 or 0) and those that wait. */
  jobs: number;
  /** Bytes sent to the printer since the board started. */
  taken: number;
  /** Bytes from the printer that were lost before anyone read them. */
  lost: number;
}

/** What a board knows of its sensor. */
export interface SensorStatus {
  driver: string;
  /** Readings a second as configured; 0 where that is up to the device. */
  rate: number;
  /** Somebody reads it: without a reader it stands still. */
  running: boolean;
  /** Sockets that read it. */
  readers: number;
  /** Whether the device answered when it was last asked; null when it never is. */
  answers: boolean | null;
  /** Units since the board's start, those lost with them. */
  units: number;
  /** Those that are known to be lost, and gaps told. */
  lost: number;
  gaps: number;
  /** The most units that ever waited between an interrupt and the driver, and how many may: bytes, samples, edges. */
  rings: Record<string, [high: number, size: number]>;
}

/** What a board knows of its camera. */
export interface CameraStatus {
  driver: string;
  /** Whether the camera answered when it was last asked; null when it never was. */
  answers: boolean | null;
  /** Of its images, in pixels, when a request says nothing of it: `640x480`. */
  size: string;
  /** Those that it can do. */
  sizes: string[];
  /** Images since the board's start, of which all bytes came from the camera; those that ended early; bytes of both. */
  images: number;
  broken: number;
  bytes: number;
}

/** Something that may be missing, on the paper or of what a device said. */
export interface GapRecord {
  /**
   * JOB_RESUMED: the board was without power meanwhile, or the job had been given up: if the printer was off, too, what it had not
   * printed by then is missing. JOB_CUT: the job before was given up within a picture too large to be made up for, and the printer may have taken the
   * beginning of this one for the rest of it: look at the paper. PRINTER_RESTARTED: the printer was switched on during
   * the job, what it had not printed by then is missing: look at the paper. PRINTER_SILENT: it did not answer for a while;
   * XON_LOST: its word that it goes on was lost; its cable may have been out: look at the paper. ASKED_WITHIN: it held the
   * line so long that it was asked within a command, and so many bytes of a picture were replaced. RING_FULL: the driver's
   * reader was too slow. By the interpreter's own names: FIFO_FULL, its event queue was full; BUFFER_FULL, nobody
   * listened; UART_OVERFLOW, the hardware's register was overrun.
   */
  cause: string;
  /** How many; null where nobody counted. */
  bytes: number | null;
}

/** One line of a job's report. The last one has `done` or `failed`. */
export interface JobRecord {
  /** Jobs before this one; 0 when it prints. */
  ahead?: number;
  /** Of a job with an id, at the begin: the client's bytes go on here. */
  from?: number;
  /** Bytes of this job that the printer took: they have left the board's wire. */
  taken?: number;
  /** Something that the printer said was lost: its status may be older than it seems. */
  gap?: GapRecord;
  /** At a change, and at the end. */
  status?: PrinterStatus;
  /** All bytes were taken, and the printer answered after the last one (unless it never answers: see status). */
  done?: true;
  /** Why the job ended early. */
  failed?: Failure;
  /**
   * Of a job with an id that a client asks for again: so many of its bytes went to the printer, at least and at the most (null: nobody
   * knows).
   */
  sent?: { least: number; most: number | null };
  /** In the last record: bytes of this job that came to the board. */
  accepted?: number;
}

/** What a board says of itself. */
export interface BoardInfo {
  /** How it came to be started: a `Mark` of ./boot-log.ts. */
  start?: number;
  /** Starts since it was flashed for the first time, this one among them; 0 where Storage has no room for that. */
  starts?: number;
  /** The start before this one was ended by a crash, by somebody who asked for it, or after ten minutes with links only. Else its power went, its watchdog bit, or its cable did it. */
  announced?: boolean;
  /** Why it started anew by itself, the last time it did. */
  crash?: { why: string; uptime: number; count: number; counters: Record<string, number> };
  /** The same of the last new start that somebody asked for over the link: of a firmware with slots. */
  asked?: { why: string; uptime: number; count: number; counters: Record<string, number> };
  name: string;
  board: string;
  firmware: string;
  /** Seconds since start. */
  uptime: number;
  memory: { free: number; total: number };
  devices: { name: string; driver: string; services: string[]; status: PrinterStatus | SensorStatus | CameraStatus }[];
  /** Boards that it has dialled since start; left out where there are none. */
  peers?: PeerStatus[];
  /** Losses and refusals since start, by name; all zero on a good day. */
  counters: Record<string, number>;
}

/** What a board knows of another one that it dials. */
export interface PeerStatus {
  /** In its configuration. */
  name: string;
  /** idle: nobody wants a socket of it. dialling: it is tried. open. lost: the connection is, and another one is sought. */
  state: "idle" | "dialling" | "open" | "lost";
  /** Sockets, those that wait for the session too. */
  sockets: number;
  /** Why the last try failed, or the last session ended; "" while all is well. */
  why: Failure;
}

/** One line of `/netlink`: what happened on a board, or how it is. docs/netlink.md. */
export interface NetlinkRecord {
  /** Seconds since the board's start: 1000 × `at` is what a BoardClock's `toUtc` takes. */
  at?: number;
  /** Records before this one that were left out, because the reader was slow. */
  missed?: number;
  /** A session began, or ended: why. */
  link?: { kind: "tcp" | "udp" | "serial"; up: boolean; why: Failure };
  /** A session with a board that this one dials began, or ended, or lost its connection: why. */
  peer?: { name: string; up: boolean; why: Failure };
  /** A device, and whether its last question got an answer; null when none was asked yet. */
  device?: { name: string; answers: boolean | null };
  /** All counters, by name. */
  counters?: Record<string, number>;
  /** The configuration, without its secrets. */
  config?: Record<string, unknown>;
}
