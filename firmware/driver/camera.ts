/**
 * A camera's sockets, whatever camera it is: requests in turn, and each image as a record that goes on as it comes. protocols/service/images.ts,
 * docs/protocol/services.md [SVC-40] to [SVC-46].
 */
import { EMPTY, join, slice, toText } from "../../protocols/bytes/index.js";
import type { Bytes } from "../../protocols/bytes/index.js";
import { ImageBound, imageFailure, imageHeader } from "../../protocols/service/images.js";
import type { ImageRequest } from "../../protocols/service/images.js";

const SEQPACKET = 5;

/** Sockets that may ask one camera at once. */
const MOST_READERS = 4;

/** Bytes of an image that may wait for the link: with them a part that is on its way is all that the board has of it. */
const WAITING = 1024;

/** ms that a reader may take nothing of its image while others wait. */
const STALLED = 10000;

/** What takes images. All its calls come from the idle loop. */
export interface Shooter {
  /** Begins an image; what comes of it the `Shot` hears. @param size one of the sizes @param quality 1 to 100, 0 for the camera's own */
  take(size: string, quality: number): void;
  /** Nobody wants the rest: `end` is all that should still come, and soon. */
  stop(): void;
  tick(now: number): void;
  /** Whether the camera answered when it was last asked; null when it never was. */
  replied: boolean | null;
}

/** An image under way, as the driver tells it. */
export interface Shot {
  /** The image stands still since `at`, in seconds, and has so many bytes. */
  begin(at: number, length: number): void;
  /** The next bytes. @param go on; called when there is room for more, or nobody wants it */
  part(data: Bytes, go: () => void): void;
  /**
   * What is left is made when the link takes it: parts are as long as its frames, and none waits.
   * @param make gives exactly `n` bytes; or EMPTY: then it has said the rest and `end`, or says `wake` when there are more
   * @returns false where it goes in parts
   */
  pull(make: (n: number) => Bytes): boolean;
  /** What `make` says of itself: it has no more, and is asked again behind `wake`. */
  paused: boolean;
  /** `make` has bytes again. */
  wake(this: void): void;
  /** All bytes have come, or why not. */
  end(failure: string): void;
}

/** The device, with what its driver needs of it. @internal */
export interface Camera extends DevsockDevice {
  /** Hears of the image under way. */
  readonly shot: Shot;
  /** The driver, who sets it at once. */
  shooter: Shooter;
}

interface Reader {
  readonly socket: DevsockProgramSocket;
  /** Before it is accepted, and to reset it. */
  readonly answer: (failure: string) => void;
  readonly requests: ImageRequest[];
  /** A request that is coming. */
  text: Bytes;
  /** It asks for no more. */
  ended: boolean;
}

/** @param sizes that the camera can do */
export function openCamera(name: string, device: DevsockDeviceConfig, kit: DevsockKit, sizes: string[]): Camera {
  const readers: Reader[] = [];
  const usual = (device["size"] as string) || sizes[0]!;
  /** An image is under way, and whose; null when he has gone. */
  let busy = false;
  let reader: Reader | null = null;
  /** Bytes of it; -1 before it is known. */
  let length = -1;
  /** Since when its reader takes nothing, in ms; 0 while it does. */
  let stalled = 0;
  let held: () => void;
  let images = 0;
  let broken = 0;
  let bytes = 0;

  const next = (): void => {
    for (let i = readers.length; i > 0 && !busy; i--) {
      const first = readers.shift()!;
      readers.push(first);
      const request = first.requests[0];
      if (!request) continue;
      busy = true;
      reader = first;
      length = -1;
      stalled = 0;
      const size = request.size || usual;
      if (sizes.indexOf(size) < 0)
        shot.end("EINVAL: " + name + " cannot do " + size + "; it can do " + sizes.join(", "));
      else camera.shooter.take(size, request.quality || (device["quality"] as number) || 0);
    }
  };
  const later = (): void => void setTimeout(next, 0);

  const shot: Shot = {
    begin: (at, count) => {
      length = count;
      if (reader) reader.socket.send(imageHeader(at - kit.started, count));
    },
    part: (data, go) => {
      if (!reader || reader.socket.send(data)) return go();
      stalled = getTime() * 1000;
      held = go;
    },
    pull: (make) => {
      if (!reader || !reader.socket.wake) return false;
      held = later;
      const socket = reader.socket;
      socket.source = (n) => {
        const data = make(n);
        stalled = (socket.paused = shot.paused) ? 0 : getTime() * 1000;
        return data;
      };
      shot.wake();
      return true;
    },
    paused: false,
    wake: () => {
      if (!reader) return;
      stalled = getTime() * 1000;
      reader.socket.wake!();
    },
    end: (failure) => {
      const whose = reader;
      if (failure) broken++;
      else if (whose) {
        images++;
        bytes += length;
      }
      busy = false;
      reader = null;
      // What it closes over may go.
      held = later;
      later();
      if (!whose) return;
      const socket = whose.socket;
      socket.source = null;
      if (length >= 0) socket.record();
      if (failure) {
        socket.send(imageFailure(getTime() - kit.started, failure));
        socket.record();
      }
      whose.requests.shift();
      if (whose.ended && !whose.requests.length) socket.end();
    },
  };
  /** @returns why it is no request that can wait, or "" */
  const ask = (from: Reader): string => {
    let request: ImageRequest | null = null;
    try {
      if (from.text.length <= ImageBound.request) request = JSON.parse(toText(from.text)) as ImageRequest;
    } catch (e) {
      // It is none.
    }
    from.text = EMPTY;
    const quality = request ? request.quality : 0;
    if (!request || (quality !== undefined && !(quality >= 1 && quality <= ImageBound.quality)))
      return "EPROTO: a request for an image is a JSON object with size and quality, 1 to 100";
    if (from.requests.length >= ImageBound.requests)
      return "EAGAIN: " + ImageBound.requests + " images of this socket are asked for already";
    from.requests.push(request);
    later();
    return "";
  };
  /** Its reader takes nothing: the next one has his turn. */
  const relieve = (): void => {
    for (let i = 0; i < readers.length; i++)
      if (reader && readers[i] != reader && readers[i]!.requests.length)
        return reader.answer("ETIMEDOUT: nothing of its image was taken for 10 s, and others wait for " + name);
  };
  const camera: Camera = {
    shot,
    shooter: null!,
    driver: device.driver,
    services: ["image", "status"],
    status: () => ({
      driver: device.driver,
      readers: readers.length,
      answers: camera.shooter.replied,
      size: usual,
      sizes,
      images,
      broken,
      bytes,
    }),
    tick: (now) => {
      camera.shooter.tick(now);
      if (stalled && now - stalled >= STALLED) relieve();
    },
    // A part that lacks a byte is read again.
    fault: () => {},
    open: (socket, service, answer) => {
      const type: number = socket.type;
      if (service && service != "image")
        return answer("EPROTONOSUPPORT: " + name + " has no service " + service + "; it has image and status");
      if (type != SEQPACKET) return answer("ESOCKTNOSUPPORT: " + name + ":image is a SOCK_SEQPACKET");
      if (readers.length >= MOST_READERS)
        return answer("EAGAIN: " + MOST_READERS + " sockets ask " + name + " for images already");
      const mine: Reader = { socket, answer, requests: [], text: EMPTY, ended: false };
      socket.sendBuffer = WAITING;
      socket.ondata = (frame, from, to) => {
        // One byte more than a request has is enough to see that it is none.
        if (mine.text.length <= ImageBound.request) mine.text = join(mine.text, slice(frame, from, to));
        socket.consume(to - from);
      };
      socket.onrecord = () => {
        socket.consume(1);
        const failure = ask(mine);
        if (failure) answer(failure);
      };
      socket.ondrain = () => {
        if (reader != mine || !stalled) return;
        stalled = 0;
        setTimeout(held, 0);
      };
      socket.onend = () => {
        mine.ended = true;
        if (!mine.requests.length) socket.end();
      };
      socket.onclose = () => {
        const at = readers.indexOf(mine);
        if (at >= 0) readers.splice(at, 1);
        if (reader != mine) return;
        reader = null;
        camera.shooter.stop();
        if (stalled) held();
        stalled = 0;
      };
      readers.push(mine);
      answer("");
    },
  };
  return camera;
}
