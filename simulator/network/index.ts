/** What the interpreter's socket code finds below it: sockets that never block and never call back. */

/** `undefined`: nothing now. `null`: the connection is over. */
export type Received = Uint8Array | undefined | null;

export interface BoardStream {
  /** At most `limit` bytes. */
  receive(limit: number): Received;
  /** @returns bytes taken, or -1 when the connection is over */
  send(data: Uint8Array): number;
  close(): void;
  /** Cuts a connection that the board has no room for. */
  refuse(): void;
}

export interface BoardListener {
  accept(): BoardStream | undefined;
  close(): void;
}

export interface Datagram {
  data: Uint8Array;
  address: string;
  port: number;
}

export interface BoardDatagrams {
  receive(): Datagram | undefined;
  /** @returns whether it was taken */
  send(datagram: Datagram): boolean;
  close(): void;
}

export interface BoardNetwork {
  /** @throws Error when the port is taken */
  listen(port: number): BoardListener;
  /** @throws Error at once when the host is unknown or refuses */
  connect(host: string, port: number): BoardStream;
  /** @param port 0 for any */
  bind(port: number): BoardDatagrams;
  /** Called when something may have changed: the board then looks. */
  onActivity(listener: () => void): void;
  /** Cuts all connections, as when the board loses its network. */
  cut(): void;
  /** Takes the board's network away, or gives it back: datagrams are lost meanwhile, connections stand still. */
  reach(there: boolean): void;
  /** Cuts everything that is open, as when the board loses power. */
  reset(): void;
}
