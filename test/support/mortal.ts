/** A transport of a host that dies: its process is killed, or its machine loses its power. */
import { DevsockError } from "../../host/index.js";
import type { Transport } from "../../host/index.js";

export interface Mortal {
  transport: Transport;
  /** The process ends: its connections are closed by the system, nothing else is said, and it never comes back. */
  kill(): void;
  /** The machine is gone: the other side hears nothing at all. */
  vanish(): void;
}

export function mortal(inner: Transport): Mortal {
  let alive = true;
  let close = (): void => undefined;
  return {
    kill: () => {
      alive = false;
      close();
    },
    vanish: () => void (alive = false),
    transport: {
      ...inner,
      async open(events, signal) {
        if (!alive) throw new DevsockError("ENETDOWN: this host is dead", { origin: "link", address: inner.address });
        const heard = (run: () => void): void => void (alive && run());
        const connection = await inner.open(
          {
            data: (bytes) => heard(() => events.data(bytes)),
            drain: () => heard(() => events.drain()),
            closed: (why) => heard(() => events.closed(why)),
          },
          signal,
        );
        close = () => void connection.close();
        return { send: (frame) => !alive || connection.send(frame), close: () => connection.close() };
      },
    },
  };
}
