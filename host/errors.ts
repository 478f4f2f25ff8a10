/** Errors of the host library: an errno name that programs test, and a sentence that says what to do. */
import { codeOf, sentenceOf } from "../protocols/errors/index.js";
import type { Failure, Origin } from "../protocols/errors/index.js";
import { remedied } from "./remedies.js";

export interface ErrorContext {
  /** Where it arose: here, at the other end, on the way, or in the device. */
  origin?: Origin;
  /** The board, device or file that it is about. */
  address?: string;
  cause?: unknown;
}

/** How far a print job had come, in bytes. */
export interface Reach {
  /** Bytes of the job known to have reached the board. */
  accepted: number;
  /** Bytes that the board is known to have put on the printer's wire. */
  taken: number;
  /** The job's id: under it the job can be continued. */
  job?: string;
  /** What the board knows of a job that was interrupted: so many bytes went to the printer, at least and at the most. */
  sent?: { least: number; most: number | null };
}

/** Characters of a message that are kept. */
const LONGEST = 2000;

export class DevsockError extends Error {
  /** An errno name, such as ECONNREFUSED. It does not change with the wording. */
  readonly code: string;
  readonly origin: Origin;
  readonly address: string | undefined;
  /** Of a print job that ended early. */
  reach?: Reach;

  /** @param failure `"ECODE: a sentence"`: to a board's words is added what to do; what a peer made up instead becomes an EPROTO */
  constructor(failure: Failure, context: ErrorContext = {}) {
    super(
      FORM.test(failure) ? remedied(printable(failure)) : `EPROTO: the other side said "${printable(failure)}"`,
      context.cause === undefined ? undefined : { cause: context.cause },
    );
    this.name = "DevsockError";
    this.code = codeOf(this.message);
    this.origin = context.origin ?? "local";
    this.address = context.address;
  }

  /** The message without the code. */
  get sentence(): string {
    return sentenceOf(this.message);
  }

  /** The form in which it travels between the two sides. */
  get failure(): Failure {
    return `${this.code}: ${this.sentence}`;
  }

  toJSON(): object {
    const { code, sentence, origin, address, reach } = this;
    return { code, message: sentence, origin, address, ...reach };
  }
}

const FORM = /^E[A-Z0-9_]+: ./;

/** A peer's words on a terminal: no control characters but line breaks, and an end. */
function printable(text: string): string {
  return text.replace(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/g, "?").slice(0, LONGEST);
}

type Wording = (what: string) => string;

const files: Record<string, Wording> = {
  ENOENT: (file) => `there is no file ${file}; check the path`,
  EACCES: (file) => `${file} may not be read; give yourself permission (chmod, or another user)`,
  EPERM: (file) => `${file} may not be read; give yourself permission`,
  EISDIR: (file) => `${file} is a directory; name a file`,
  ENOTDIR: (file) => `a part of the path ${file} is a file, not a directory; check the path`,
  EMFILE: (file) => `${file} cannot be opened, this program has too many files open`,
};

const outputs: Record<string, Wording> = {
  ENOENT: (file) => `${file} cannot be created, its directory does not exist; create that first`,
  ENOTDIR: (file) => `${file} cannot be created, a part of its path is a file; check the path`,
  EISDIR: (file) => `${file} is a directory; name a file`,
  EEXIST: (file) => `${file} is there already and is left as it is; name another file, or remove it`,
  EACCES: (file) => `${file} may not be written; give yourself permission, or name another file`,
  EPERM: (file) => `${file} may not be written; give yourself permission, or name another file`,
  EROFS: (file) => `${file} is on a file system that is only read; name another file`,
  ENOSPC: (file) => `there is no room left for ${file}; make some, or name another file`,
};

const networks: Record<string, Wording> = {
  ECONNREFUSED: (at) => `nothing listens at ${at}; check the port, and that the board (or devsock sim) runs`,
  ECONNRESET: (at) => `the connection to ${at} was cut; check that the board is still on`,
  EPIPE: (at) => `the connection to ${at} was cut; check that the board is still on`,
  ETIMEDOUT: (at) => `${at} did not answer; check the address and that the board is on the network`,
  EHOSTUNREACH: (at) => `there is no way to ${at}; check the address and that the board is on the network`,
  ENETUNREACH: (at) => `there is no network to ${at}; check this computer's own connection`,
  ENOTFOUND: (at) => `the name in ${at} is unknown; check its spelling or use the IP address`,
  EAI_AGAIN: (at) => `the name in ${at} could not be looked up now; check the network or use the IP address`,
  EADDRINUSE: (at) => `${at} is in use by another program; end that one, choose another port, or 0 for any`,
  EADDRNOTAVAIL: (at) => `this computer has no address for ${at}; check the address`,
  EACCES: (at) => `${at} is not allowed for this user; choose a port from 1024 up`,
};

const ports: Record<string, Wording> = {
  ENOENT: (at) => `there is no serial port ${at}; plug the board in and look with: ls /dev/tty*`,
  EACCES: (at) =>
    `${at} may not be opened; join the port's group (often: sudo usermod -aG dialout $USER) and log in again`,
  EBUSY: (at) => `another program has ${at} open; close it first`,
  ENOTTY: (at) => `${at} is no serial port; look for one with: ls /dev/tty*`,
  EISDIR: (at) => `${at} is a directory, no serial port; look for one with: ls /dev/tty*`,
  ENOTDIR: (at) => `there is no serial port ${at}; plug the board in and look with: ls /dev/tty*`,
  EINVAL: (at) => `${at} does not take these settings; can it do this speed?`,
  ENODEV: (at) => `the device at ${at} was unplugged; plug it in again`,
  EIO: (at) => `the serial port ${at} failed; is the cable still plugged in?`,
};

/** What it was about: a file to read, one to write, a network address, a serial port. */
export type Subject = "file" | "output" | "network" | "serial";

const wordings: Record<Subject, Record<string, Wording>> = {
  file: files,
  output: outputs,
  network: networks,
  serial: ports,
};

/**
 * One of Node's own errors as a DevsockError.
 * @param address the file, board or port that it is about
 */
export function fromNode(error: unknown, subject: Subject, address: string): DevsockError {
  if (error instanceof DevsockError) return error;
  const code = nodeCode(error);
  const wording = wordings[subject][code];
  const text = wording ? wording(address) : `${address}: ${error instanceof Error ? error.message : String(error)}`;
  const origin = subject === "file" || subject === "output" ? "local" : "link";
  return new DevsockError(`${code}: ${text}`, { origin, address, cause: error });
}

function nodeCode(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  return typeof code === "string" && /^E[A-Z0-9_]+$/.test(code) ? code : "EIO";
}

/** What an aborted signal throws. */
export function canceled(signal: AbortSignal, what: string, address?: string): DevsockError {
  return new DevsockError(`ECANCELED: ${what}`, { address, cause: signal.reason });
}
