/** A client of port 9100 that knows nothing of devsock. */
import net from "node:net";

export class RawClient {
  /** What came back. */
  back = Buffer.alloc(0);
  /** The board has closed the connection: in order, or by a reset. */
  readonly closed: Promise<"end" | "reset">;
  open = true;

  private constructor(private readonly socket: net.Socket) {
    let failed = false;
    socket.on("data", (data: Buffer) => (this.back = Buffer.concat([this.back, data])));
    socket.on("end", () => socket.end());
    socket.on("error", () => (failed = true));
    this.closed = new Promise((resolve) =>
      socket.once("close", () => {
        this.open = false;
        resolve(failed ? "reset" : "end");
      }),
    );
  }

  static connect(port: number): Promise<RawClient> {
    return new Promise((resolve, reject) => {
      const socket = net.connect({ port, host: "127.0.0.1", allowHalfOpen: true }, () => {
        socket.off("error", reject);
        resolve(client);
      });
      const client = new RawClient(socket);
      socket.once("error", reject);
    });
  }

  /** Bytes that this side still has: the rest is in the network or with the board. */
  get pending(): number {
    return this.socket.writableLength;
  }

  write(bytes: Uint8Array): this {
    this.socket.write(bytes);
    return this;
  }

  /** The job is complete. */
  end(): this {
    this.socket.end();
    return this;
  }

  /** The client crashes. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  /** A whole job: until the board has closed. */
  async print(bytes: Uint8Array): Promise<void> {
    this.write(bytes).end();
    await this.closed;
  }
}
