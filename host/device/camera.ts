/** A camera on a board: one image, or one after the other, the newest first. */
import { ImageBound } from "../../protocols/service/images.js";
import { DevsockError } from "../errors.js";
import { ImageSocket } from "./camera-socket.js";
import type { Answer, CameraBoard, CameraImage, ImageOptions } from "./camera-socket.js";
import { Newest } from "./newest.js";
import { readRecord } from "./records.js";
import { cameraStatus } from "./schema.js";
import { describeCamera } from "./status.js";
import type { CameraStatus } from "./status.js";

export interface SnapshotOptions extends ImageOptions {
  /** Told how much has come of the image, and how many bytes the camera says it has. */
  onProgress?: ((bytes: number, length: number) => void) | undefined;
}

/** An image, and what it took. */
export interface Snapshot extends CameraImage {
  /** Images before it that were not whole, and not handed out. */
  broken: number;
}

export interface CameraFrame extends CameraImage {
  /** Images since the last frame that were not whole, and not handed out. */
  broken: number;
  /** Images since the last frame that a newer one replaced, because the reader was slow. */
  skipped: number;
}

/** So often an image is asked for until it is whole. */
const TRIES = 3;
/** Of frames so many may be broken one after the other. */
const IN_A_ROW = 10;
/** Requests that are under way, so that the camera does not wait for the way there and back. */
const AHEAD: number = ImageBound.requests;

export class Camera {
  /** What came of this object's requests: whole images, and those that were not. */
  readonly counters = { images: 0, broken: 0 };

  /** Made by `Board.camera`. */
  constructor(
    private readonly board: CameraBoard,
    readonly name: string,
  ) {}

  /** @throws DevsockError ENODEV */
  async status(signal?: AbortSignal): Promise<CameraStatus> {
    const address = `${this.name}:status`;
    return describeCamera(await readRecord(await this.board.open(address, { signal }), address, cameraStatus));
  }

  /**
   * One image, taken now. One that is not whole is asked for again, three times in all.
   * @throws DevsockError EIO when none was whole; EINVAL for a size that the camera cannot do; ETIMEDOUT when it does not answer,
   *   ENODEV, EBUSY, EAGAIN; ECANCELED; what ended the socket
   */
  async snapshot(options: SnapshotOptions = {}): Promise<Snapshot> {
    const socket = await ImageSocket.open(this.board, this.name, options);
    try {
      for (let broken = 0; ; broken++) {
        await socket.ask();
        const image = this.taken(await socket.answer(options.onProgress), broken + 1, TRIES);
        if (image) return { ...image, broken };
      }
    } finally {
      socket.close();
    }
  }

  /**
   * Images one after the other as fast as they come, until the signal aborts or the loop is left. A slow reader gets the newest one
   * each time: what came meanwhile is skipped. One that is not whole is left out; ten in a row end it.
   * @throws DevsockError as `snapshot`
   */
  async *frames(options: ImageOptions = {}): AsyncGenerator<CameraFrame, void> {
    const socket = await ImageSocket.open(this.board, this.name, options);
    const newest = new Newest<CameraImage>();
    const count = { broken: 0 };
    try {
      this.fetch(socket, newest, count).catch((error: Error) => newest.fail(error));
      for (let told = 0; ;) {
        const { thing, skipped } = await newest.take();
        const broken = count.broken - told;
        told = count.broken;
        yield { ...thing, broken, skipped };
      }
    } finally {
      socket.close();
    }
  }

  private async fetch(socket: ImageSocket, newest: Newest<CameraImage>, count: { broken: number }): Promise<never> {
    for (let row = 0; ;) {
      while (socket.unanswered < AHEAD) await socket.ask();
      const image = this.taken(await socket.answer(), row + 1, IN_A_ROW);
      row = image ? 0 : row + 1;
      if (image) newest.put(image);
      else count.broken++;
    }
  }

  /** The image, or undefined where another one may be better. @param tries how many there were in a row, with this one */
  private taken(answer: Answer, tries: number, most: number): CameraImage | undefined {
    if (answer.kind === "image") {
      this.counters.images++;
      return answer.image;
    }
    if (answer.kind === "failure" && !PASSING.includes(answer.error.code)) throw answer.error;
    this.counters.broken++;
    if (tries < most) return undefined;
    const why = answer.kind === "broken" ? answer.why : answer.error.sentence;
    const text = `EIO: ${this.name} gave no whole image in ${tries} tries: ${why}; check its cable, its supply and its baud`;
    throw new DevsockError(text, { origin: "device", address: this.name });
  }
}

/** What noise on the camera's line may lead to. */
const PASSING = ["EIO", "EPROTO"];
