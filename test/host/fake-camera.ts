/** The camera of a fake board: its images come at a set speed, and as broken as a test wants them. */
import { fromText, toText } from "../../protocols/index.js";
import type { CameraStatus, Socket, Sockets } from "../../protocols/index.js";
import { imageFailure, imageHeader } from "../../protocols/service/images.js";
import type { ImageRequest } from "../../protocols/service/images.js";
import type { Clock } from "../../simulator/clock.js";
import { jpegs, markersOf, numbered } from "../support/jpegs.js";

/** What becomes of an image; a failure by its text. */
export type Fault =
  | "whole"
  /** Zeros behind its end, in its length, too. */
  | "padded"
  /** The camera stops in the middle: the board says so. */
  | "stopped"
  /** As long as it says, without its last bytes. */
  | "tailless"
  /** The end's marker is another one. */
  | "flipped"
  /** Of another size than was asked for. */
  | "small"
  /** Nothing comes, or nothing more from the middle on. */
  | "silent"
  | "halfway"
  /** What is no record of this service. */
  | "strange"
  | `E${string}`;

const SIZES = ["48x32", "33x17"];

interface Client {
  sockets: Sockets;
  socket: Socket;
  /** Requests that wait. */
  requests: ImageRequest[];
}

export class FakeCamera {
  /** Bytes in a ms. */
  rate = 50;
  /** Ms from request to first byte. */
  delay = 5;
  /** Bytes of an image, made up with a comment. */
  bytes = 5000;
  /** What becomes of the next images, in their order; those behind it are whole, or as `otherwise` says. */
  readonly faults: Fault[] = [];
  otherwise: Fault = "whole";
  /** What was asked for. */
  readonly requests: ImageRequest[] = [];
  /** Requests of a socket that waited, at the most. */
  most = 0;
  /** Images that were begun. */
  taken = 0;
  /** When each was begun and its last byte had gone. */
  readonly times: { from: number; to: number }[] = [];
  private readonly clients: Client[] = [];
  private busy = false;

  constructor(
    private readonly clock: Clock,
    /** What the board's clock says. */
    private readonly tick: () => number,
  ) {}

  /** Sockets that are open. */
  get watched(): number {
    return this.clients.length;
  }

  get status(): CameraStatus {
    const { taken } = this;
    return { driver: "vc0706", answers: null, size: "48x32", sizes: SIZES, images: taken, broken: 1, bytes: 0 };
  }

  serve(sockets: Sockets, socket: Socket): void {
    const client: Client = { sockets, socket, requests: [] };
    let text = "";
    socket.ondata = (frame, from, to) => {
      text += toText(frame.subarray(from, to));
      socket.consume(to - from);
    };
    socket.onrecord = () => {
      client.requests.push(JSON.parse(text) as ImageRequest);
      text = "";
      socket.consume(1);
      this.most = Math.max(this.most, client.requests.length);
      this.next();
    };
    const leave = (): void => {
      const at = this.clients.indexOf(client);
      if (at >= 0) this.clients.splice(at, 1);
    };
    socket.onend = () => {
      leave();
      socket.end();
    };
    socket.onclose = leave;
    this.clients.push(client);
    sockets.accept(socket);
  }

  private next(): void {
    if (this.busy) return;
    const client = this.clients.find(({ requests }) => requests.length > 0);
    if (!client) return;
    this.busy = true;
    // Clients take turns.
    this.clients.splice(this.clients.indexOf(client), 1);
    this.clients.push(client);
    this.requests.push(client.requests[0]!);
    const fault = this.faults.shift() ?? this.otherwise;
    this.clock.after(this.delay, () => this.answer(client, fault));
  }

  private answer(client: Client, fault: Fault): void {
    const { socket, requests } = client;
    if (fault === "silent") return;
    const seconds = this.tick() / 1000;
    const done = (): void => {
      this.busy = false;
      requests.shift();
      this.next();
    };
    const fail = (failure: string): void => {
      if (this.clients.includes(client)) {
        socket.send(imageFailure(seconds, failure));
        socket.record();
      }
      done();
    };
    if (fault === "strange") {
      socket.send(fromText("nonsense"));
      socket.record();
      return done();
    }
    if (fault.startsWith("E")) return fail(fault);
    const image = this.image(fault);
    const times = { from: this.clock.now(), to: NaN };
    this.times.push(times);
    socket.send(imageHeader(seconds, image.length));
    const end = fault === "stopped" || fault === "halfway" ? image.length >> 1 : image.length;
    this.pour(client, image.subarray(0, end), () => {
      if (fault === "halfway") return;
      times.to = this.clock.now();
      socket.record();
      if (fault === "stopped") fail("EIO: camera0 stopped within an image; try again");
      else done();
    });
  }

  private image(fault: Fault): Buffer {
    const jpeg = numbered(jpegs[fault === "small" ? 2 : 0]!, ++this.taken, this.bytes);
    if (fault === "padded") return Buffer.concat([jpeg, Buffer.alloc(5)]);
    if (fault === "tailless") return jpeg.subarray(0, -7);
    if (fault === "flipped") jpeg[markersOf(jpeg).at(-1)!.at + 1]! ^= 0x20;
    return jpeg;
  }

  /** At the camera's speed, and as the reader takes it. */
  private pour(client: Client, bytes: Buffer, done: () => void): void {
    const { socket } = client;
    let at = 0;
    const step = (): void => {
      if (!this.clients.includes(client)) {
        this.busy = false;
        return this.next();
      }
      // Its buffer is full: the camera waits.
      if (socket.queued < socket.sendBuffer) {
        const piece = bytes.subarray(at, (at += Math.ceil(this.rate)));
        socket.send(Buffer.from(piece));
      }
      if (at >= bytes.length) return done();
      this.clock.after(Math.max(1, 1 / this.rate), step);
    };
    step();
  }
}
