/** A transport whose connections can be cut as a network does it: neither side is asked. */
import { DevsockError } from "../../host/index.js";
import type { Transport } from "../../host/index.js";

export interface Severed {
  transport: Transport;
  /** Ends the connection of the moment: what is under way in it is lost. */
  cut(): void;
  /** Connections so far. */
  opened(): number;
}

export function severed(inner: Transport): Severed {
  let opened = 0;
  let cut = (): void => undefined;
  return {
    opened: () => opened,
    cut: () => cut(),
    transport: {
      ...inner,
      async open(events, signal) {
        let alive = true;
        opened++;
        const connection = await inner.open({ ...events, data: (bytes) => void (alive && events.data(bytes)) }, signal);
        cut = () => {
          if (!alive) return;
          alive = false;
          void connection.close();
          events.closed(
            new DevsockError("ECONNRESET: the connection was cut", { origin: "link", address: inner.address }),
          );
        };
        return { send: (frame) => !alive || connection.send(frame), close: () => connection.close() };
      },
    },
  };
}
