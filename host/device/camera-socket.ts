/** One socket to a camera: requests one way, and what became of each the other way, every image checked. [SVC-40] */
import { fromText } from "../../protocols/index.js";
import { decodeImage, ImageBound } from "../../protocols/service/images.js";
import type { ImageFailure, ImageRecord, ImageRequest } from "../../protocols/service/images.js";
import type { BoardClock, Timestamp } from "../board-clock.js";
import { utcOf } from "../clock.js";
import type { Clock, Timer } from "../clock.js";
import { SOCK_SEQPACKET } from "../constants.js";
import { canceled, DevsockError } from "../errors.js";
import type { SeqPacketSocket } from "../seqpacket-socket.js";
import type { SocketStream } from "../socket-stream.js";
import { COARSE } from "../timing/exchanges.js";
import { checkJpeg } from "./jpeg.js";

/** What a camera needs of its board. */
export interface CameraBoard {
  readonly hostClock: Clock;
  open(address: string, options: { signal?: AbortSignal | undefined }): Promise<SocketStream>;
  connect(
    address: string,
    options: { type: typeof SOCK_SEQPACKET; signal?: AbortSignal | undefined },
  ): Promise<SeqPacketSocket>;
  clock(signal?: AbortSignal, growth?: number): Promise<BoardClock>;
}

export interface ImageOptions {
  /** Width and height in pixels, "640x480"; what the board is configured to by default. */
  size?: string | undefined;
  /** 1 to 100, as encoders of JPEG have it: the camera takes the nearest that it has. As configured by default. */
  quality?: number | undefined;
  /** Longest time without a byte of an image that was asked for, others' turns included, in ms: 30,000 by default. */
  timeout?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** A whole JPEG, of the size that was asked for. When it was taken: see Timestamp. */
export interface CameraImage extends Timestamp {
  data: Buffer;
  /** In pixels. */
  width: number;
  height: number;
}

/** What became of a request. */
export type Answer =
  | { kind: "image"; image: CameraImage }
  /** What came is no whole image: why. */
  | { kind: "broken"; why: string }
  /** There is no image. */
  | { kind: "failure"; error: DevsockError };

/** By default nothing may come for so long, in ms. */
const SILENCE = 30_000;
/** Bytes of the longest image that is taken. */
const LONGEST = 4 * 1024 * 1024;

const HEADER: number = ImageBound.header;
const BEST: number = ImageBound.quality;

export class ImageSocket {
  /** Requests that are not answered. */
  unanswered = 0;
  private readonly request: Uint8Array;
  private readonly over = new AbortController();
  private readonly giveUp = (): void => this.over.abort();

  private constructor(
    private readonly board: CameraBoard,
    private readonly name: string,
    private readonly options: ImageOptions,
    private readonly clock: BoardClock,
    private readonly socket: SeqPacketSocket,
  ) {
    const { signal, size, quality } = options;
    const request: ImageRequest = { ...(size !== undefined && { size }), ...(quality !== undefined && { quality }) };
    this.request = fromText(JSON.stringify(request));
    signal?.addEventListener("abort", this.giveUp);
    if (signal?.aborted) this.giveUp();
  }

  /** @throws DevsockError EINVAL for options that make no sense; ENODEV, EAGAIN, ECANCELED ... */
  static async open(board: CameraBoard, name: string, options: ImageOptions): Promise<ImageSocket> {
    check(options, name);
    const { signal } = options;
    const clock = await board.clock(signal, COARSE);
    try {
      const socket = await board.connect(`${name}:image`, { type: SOCK_SEQPACKET, signal });
      return new ImageSocket(board, name, options, clock, socket);
    } catch (error) {
      clock.dispose();
      throw error;
    }
  }

  /** Asks for one more image. */
  async ask(): Promise<void> {
    this.unanswered++;
    await this.patiently(() => this.socket.send(this.request, this.over.signal));
  }

  /**
   * What became of the oldest request.
   * @param onpiece told how much has come of an image, and how much there is
   * @throws DevsockError ETIMEDOUT when nothing comes, ECANCELED, EPROTO, what ended the socket
   */
  async answer(onpiece?: (bytes: number, length: number) => void): Promise<Answer> {
    const { record, came } = await this.record(onpiece);
    const short = record.kind === "image" && record.data.length < record.length;
    // Why it is short is the next record.
    const { record: why } = short ? await this.record() : { record };
    this.unanswered--;
    if (record.kind === "failure") return { kind: "failure", error: this.refused(record) };
    if (!short) return this.checked(record, came);
    if (why.kind !== "failure") throw this.strange("no word of why an image ended early");
    const got = `${record.data.length} of ${record.length} bytes came`;
    return { kind: "broken", why: `${got}: ${this.refused(why).sentence}` };
  }

  /** The camera is not needed any more. */
  close(): void {
    this.options.signal?.removeEventListener("abort", this.giveUp);
    this.clock.dispose();
    if (this.unanswered === 0) this.socket.close();
    else this.socket.destroy("ECANCELED: the client wants no more images");
  }

  private checked(record: ImageRecord, came: number): Answer {
    const found = checkJpeg(record.data);
    if (typeof found === "string") return { kind: "broken", why: found };
    const { width, height, length } = found;
    const { size } = this.options;
    if (size !== undefined && size !== `${width}x${height}`)
      return { kind: "broken", why: `it is ${width}x${height} and not ${size}` };
    const { buffer, byteOffset } = record.data;
    const data = Buffer.from(buffer, byteOffset, length);
    return { kind: "image", image: { data, width, height, ...this.clock.toUtc(record.tick, came) } };
  }

  /** One record, and when it began to come. */
  private async record(
    onpiece?: (bytes: number, length: number) => void,
  ): Promise<{ record: ImageRecord | ImageFailure; came: number }> {
    const pieces: Buffer[] = [];
    let came: number | undefined;
    let length: number | undefined;
    await this.patiently(async (heard) => {
      const { signal } = this.over;
      const incoming = await this.socket.next(signal);
      if (!incoming) throw this.ended();
      for (let piece; (piece = await incoming.read(signal));) {
        heard();
        came ??= utcOf(this.board.hostClock);
        // A longer one is counted only.
        if (incoming.bytesRead <= LONGEST) pieces.push(piece);
        length ??= onpiece && lengthOf(pieces);
        if (length) onpiece!(incoming.bytesRead - HEADER, length);
      }
      if (incoming.bytesRead > LONGEST) throw this.strange(`an image of ${incoming.bytesRead} bytes`);
    });
    const record = decodeImage(Buffer.concat(pieces));
    if (record) return { record, came: came! };
    throw this.strange("what is no image");
  }

  /** Works as long as something comes, and nobody gives up. */
  private async patiently<T>(work: (heard: () => void) => Promise<T>): Promise<T> {
    const { hostClock } = this.board;
    const { timeout = SILENCE, signal } = this.options;
    let late = false;
    let timer: Timer | undefined;
    const heard = (): void => {
      timer?.cancel();
      timer = hostClock.after(timeout, () => {
        late = true;
        this.giveUp();
      });
    };
    heard();
    try {
      return await work(heard);
    } catch (error) {
      if (signal?.aborted) throw canceled(signal, `waiting for an image of ${this.name} was given up`, this.name);
      throw late ? this.silent(timeout) : error;
    } finally {
      timer!.cancel();
    }
  }

  private refused({ failure }: ImageFailure): DevsockError {
    return new DevsockError(failure, { origin: "device", address: this.name });
  }

  private silent(timeout: number): DevsockError {
    const text = `ETIMEDOUT: nothing came of ${this.name} for ${timeout / 1000} s; look whether the camera answers (devsock status)`;
    return new DevsockError(text, { origin: "peer", address: this.name });
  }

  private ended(): DevsockError {
    const text = `ECONNRESET: the board ended the socket to ${this.name}; open it again`;
    return new DevsockError(text, { origin: "peer", address: this.name });
  }

  private strange(what: string): DevsockError {
    const text = `EPROTO: ${this.name} sent ${what}; update the older side`;
    return new DevsockError(text, { origin: "peer", address: this.name });
  }
}

/** Of an image of which not more is there than its header. */
function lengthOf(pieces: readonly Buffer[]): number | undefined {
  const record = decodeImage(Buffer.concat(pieces));
  return record?.kind === "image" ? record.length : undefined;
}

function check({ size, quality, timeout = SILENCE }: ImageOptions, address: string): void {
  if (size !== undefined && !/^[1-9]\d{0,4}x[1-9]\d{0,4}$/.test(size))
    throw new DevsockError(`EINVAL: "${size}" is no size of an image; give width and height, such as 640x480`, {
      address,
    });
  if (quality !== undefined && (!Number.isInteger(quality) || quality < 1 || quality > BEST))
    throw new DevsockError(`EINVAL: ${quality} is no quality; give a whole number from 1 to 100`, { address });
  if (!(timeout > 0)) throw new DevsockError(`EINVAL: a timeout of ${timeout} ms makes no sense; give more than 0`);
}
