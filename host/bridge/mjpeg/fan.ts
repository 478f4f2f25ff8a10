/** One camera for many: it runs once, however many watch, and only while somebody does. */
import type { CameraFrame } from "../../device/camera.js";
import type { CameraImage, ImageOptions } from "../../device/camera-socket.js";
import { DevsockError } from "../../errors.js";

/** A Camera, or what stands for one. */
export interface FrameSource {
  readonly name: string;
  snapshot(options: ImageOptions): Promise<CameraImage>;
  frames(options: ImageOptions): AsyncIterable<CameraFrame>;
}

export interface Watcher {
  /** Must not take long: it is told before the others. */
  frame(image: CameraImage): void;
  /** No more will come. */
  over(error: Error): void;
}

/** Images of which the rate is made. */
const RECENT = 20;

export class Fan {
  /** Since the beginning: images that came, and those that were not whole. */
  readonly counters = { images: 0, broken: 0 };
  /** The last image, until a next one comes or the camera stands still. */
  newest: CameraImage | undefined;
  /** Why the camera failed, until it works again. */
  failure: Error | undefined;
  private readonly watchers = new Set<Watcher>();
  /** Of the camera that runs. */
  private run: AbortController | undefined;
  private shot: Promise<CameraImage> | undefined;
  private readonly over = new AbortController();
  /** When the last images came, in ms. */
  private times: number[] = [];

  constructor(
    private readonly source: FrameSource,
    private readonly options: ImageOptions,
    /** Told when the camera fails, and when it works again. */
    private readonly onnews: (what: string) => void = () => undefined,
  ) {}

  get watched(): number {
    return this.watchers.size;
  }

  get running(): boolean {
    return this.run !== undefined;
  }

  /** Images a second, of late. */
  get rate(): number {
    const { times } = this;
    const took = times.length > 1 ? performance.now() - times[0]! : 0;
    return took > 0 ? ((times.length - 1) * 1000) / took : 0;
  }

  /** Tells each image from now on. @returns ends it */
  watch(watcher: Watcher): () => void {
    this.watchers.add(watcher);
    if (!this.run) void this.stream((this.run = new AbortController()));
    return () => {
      if (this.watchers.delete(watcher) && this.watchers.size === 0) this.stop();
    };
  }

  /** The next image of a camera that runs, else one for all who want one now. */
  snapshot(): Promise<CameraImage> {
    if (this.run) return this.next();
    const { signal } = this.over;
    return (this.shot ??= this.source
      .snapshot({ ...this.options, signal })
      .then(
        (image) => {
          this.works();
          return image;
        },
        (error: Error) => {
          this.fails(error);
          throw error;
        },
      )
      .finally(() => (this.shot = undefined)));
  }

  close(error: Error): void {
    this.over.abort();
    this.stop();
    this.tellOver(error);
  }

  private next(): Promise<CameraImage> {
    return new Promise((resolve, reject) => {
      const leave = this.watch({
        frame: (image) => {
          leave();
          resolve(image);
        },
        over: reject,
      });
    });
  }

  private async stream(run: AbortController): Promise<void> {
    try {
      for await (const frame of this.source.frames({ ...this.options, signal: run.signal })) {
        if (run.signal.aborted) return;
        this.came(frame);
      }
      throw new DevsockError(`ECONNRESET: ${this.source.name} gives no more images`);
    } catch (error) {
      if (run.signal.aborted) return;
      this.stop();
      this.fails(error as Error);
      this.tellOver(error as Error);
    }
  }

  private came(frame: CameraFrame): void {
    this.newest = frame;
    this.works();
    this.counters.images += 1 + frame.skipped;
    this.counters.broken += frame.broken;
    this.times = [...this.times, performance.now()].slice(-RECENT);
    for (const watcher of [...this.watchers]) watcher.frame(frame);
  }

  private works(): void {
    if (this.failure) this.onnews(`${this.source.name} works again`);
    this.failure = undefined;
  }

  private fails(error: Error): void {
    if (this.over.signal.aborted) return;
    if (this.failure?.message !== error.message) this.onnews(error.message);
    this.failure = error;
  }

  private stop(): void {
    this.run?.abort();
    this.run = undefined;
    this.newest = undefined;
    this.times = [];
  }

  private tellOver(error: Error): void {
    const watchers = [...this.watchers];
    this.watchers.clear();
    for (const watcher of watchers) watcher.over(error);
  }
}
