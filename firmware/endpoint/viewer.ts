/**
 * An HTTP client that gets a camera's pictures: a reader of the camera like one behind a link, over a socket that has no other end. What comes of a picture goes on as it comes, and
 * the next one is asked for when it has left. docs/cameras.md, docs/decisions/0010-pictures-without-a-length.md.
 */
import { byte, EMPTY, findPair, fromText, isEmpty, join, slice, toText, u32, u8 } from "../../protocols/bytes/index.js";
import type { Bytes } from "../../protocols/bytes/index.js";
import type { Failure } from "../../protocols/errors/index.js";
import { Stamp } from "../../protocols/service/clock.js";
import { ImageBound } from "../../protocols/service/images.js";

const SEQPACKET = 5;

/** Of an image: so many bytes before its end padding may begin, and in so many at its begin are its tables. */
const PADDED = 1536;
const TABLES = 1024;

/** Its end, FF D9. */
const MARKER = 0xff;
const EOI = 0xd9;

/** In front of the first image, and behind each: a browser shows an image when it has seen what comes then. */
const CRLF = "\r\n";
const BOUNDARY = "--devsock-image" + CRLF;
const PART = "Content-Type: image/jpeg\r\n\r\n";

export interface Viewer {
  readonly client: EspruinoSocket;
  /** What was written is not all sent. */
  full: boolean;
  start(): void;
  /** What was written is sent. */
  drained(): void;
  /** The client has gone: so does the camera's reader. */
  leave(): void;
}

/** What comes before pictures, up to the empty line. */
export function headOf(stream: boolean, chunked: boolean): string {
  return (
    "HTTP/1.1 200 OK\r\nContent-Type: " +
    (stream ? "multipart/x-mixed-replace; boundary=devsock-image" : "image/jpeg") +
    (chunked ? "\r\nTransfer-Encoding: chunked" : "") +
    "\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"
  );
}

/**
 * All in one function: on the board a method costs five variables, and what it closes over none more.
 * @param chunked the end of a snapshot is told; else it is the connection's
 * @param ended the client has all that it wanted, or what it was not told of: why there is no picture
 */
export function openViewer(
  camera: DevsockDevice,
  client: EspruinoSocket,
  stream: boolean,
  chunked: boolean,
  ended: (untold: Failure) => void,
): Viewer {
  /** What is said before the next picture. */
  let before = headOf(stream, chunked) + (stream ? BOUNDARY + PART : "");
  let told = false;
  /** Of what was written behind what is not sent yet. */
  let waiting: Bytes = EMPTY;
  /** Within a record, and what its failure says. */
  let begun = false;
  let failure: Failure = "";
  /** Bytes of the picture that came, and that are missing. */
  let came = 0;
  let left = 0;
  /** It has its end, and what comes is padding; what may be half of its end; all of it has come. */
  let cut = false;
  let half: Bytes = EMPTY;
  let whole = false;

  /** @returns false when it has to wait */
  const out = (data: Bytes): boolean => {
    if (viewer.full) {
      waiting = join(waiting, data);
      return false;
    }
    viewer.full = true;
    try {
      client.write(data);
    } catch (e) {
      // It is closed, and the event is on its way.
    }
    return true;
  };
  const end = (why: Failure): void => {
    if (socket.onclose) viewer.leave();
    ended(told ? "" : why);
  };
  const ask = (): void => {
    whole = false;
    socket.ondata("{}", 0, 2);
    socket.onrecord!(2);
  };
  /** The picture has left. */
  const next = (): void => (stream ? ask() : end(""));

  // What a camera asks of a socket.
  const socket = {
    type: SEQPACKET,
    sendBuffer: 0,
    send: (data) => {
      if (!begun) {
        begun = true;
        failure = u8(data, Stamp.bytes) ? toText(slice(data, ImageBound.failureHeader, data.length)) : "";
        left = failure ? 0 : u32(data, ImageBound.failureHeader);
        came = 0;
        cut = false;
        half = EMPTY;
        if (failure) return true;
        told = true;
        return out(fromText(before));
      }
      if (failure) return true;
      came += data.length;
      left -= data.length;
      if (cut) return true;
      if (left < PADDED && came > TABLES) {
        data = join(half, data);
        half = EMPTY;
        const at = findPair(data, MARKER, EOI, 0);
        // What ends with the first half has both, for the interpreter.
        cut = at >= 0 && at < data.length - 1;
        if (cut) data = slice(data, 0, at + 2);
        else if (left && u8(data, data.length - 1) == MARKER) {
          half = byte(MARKER);
          data = slice(data, 0, data.length - 1);
        }
      }
      if (isEmpty(data)) return true;
      return out(chunked ? join(join(fromText(data.length.toString(16) + CRLF), data), fromText(CRLF)) : data);
    },
    record: () => {
      begun = false;
      if (failure) end(failure);
      // Else its failure is the next record.
      else if (!left) {
        whole = true;
        before = PART;
        if (stream) out(fromText(CRLF + BOUNDARY));
        else if (chunked) out(fromText("0" + CRLF + CRLF));
        if (!viewer.full) next();
      }
      return true;
    },
    consume: () => {},
    end: () => {},
  } as Partial<DevsockProgramSocket> as DevsockProgramSocket;

  const viewer: Viewer = {
    client,
    full: false,
    start: () => {
      camera.open(socket, "image", (why) => {
        if (why) end(why);
        else ask();
      });
    },
    drained: () => {
      viewer.full = false;
      if (isEmpty(waiting)) {
        if (whole) next();
        return;
      }
      const data = waiting;
      waiting = EMPTY;
      out(data);
      socket.ondrain!();
    },
    leave: () => socket.onclose!(""),
  };
  return viewer;
}
