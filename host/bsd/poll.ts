/** poll and select: which sockets can be used without waiting. */
import { POLLERR, POLLHUP, POLLIN, POLLNVAL, POLLOUT, POLLPRI } from "../constants.js";
import { canceled, DevsockError } from "../errors.js";
import type { SocketHandle } from "./handle.js";
import { answered, signalOf } from "./last.js";
import type { Last } from "./last.js";

/** One socket that poll looks at. */
export interface Polled {
  socket: SocketHandle;
  /** What is asked for: POLLIN, POLLOUT, POLLPRI. */
  events: number;
  /** What is so; POLLERR, POLLHUP and POLLNVAL are always told. */
  revents?: number;
}

export interface Selected {
  read: SocketHandle[];
  write: SocketHandle[];
  except: SocketHandle[];
}

/**
 * Waits until one of the sockets is ready.
 * @param timeout ms; 0 only looks, a negative one waits for ever
 * @returns how many are: their `revents` say for what
 */
export function poll(sockets: Polled[], timeout: number, last?: Last<number>): Promise<number> {
  return answered(last, () => waited(sockets, timeout, signalOf(last)));
}

/** The same with lists, as select has it. */
export function select(
  read: SocketHandle[],
  write: SocketHandle[],
  except: SocketHandle[],
  timeout: number,
  last?: Last<Selected>,
): Promise<Selected> {
  return answered(last, async () => {
    const asked = [...new Set([...read, ...write, ...except])].map((socket): Polled => {
      const events =
        (read.includes(socket) ? POLLIN : 0) |
        (write.includes(socket) ? POLLOUT : 0) |
        (except.includes(socket) ? POLLPRI : 0);
      return { socket, events };
    });
    await waited(asked, timeout, signalOf(last));
    if (asked.some(({ revents = 0 }) => revents & POLLNVAL))
      throw new DevsockError("EBADF: one of the sockets is closed; leave it out");
    const those = (bits: number, of: SocketHandle[]): SocketHandle[] =>
      asked.filter(({ socket, revents = 0 }) => revents & bits && of.includes(socket)).map(({ socket }) => socket);
    return {
      read: those(POLLIN | POLLHUP | POLLERR, read),
      write: those(POLLOUT | POLLERR, write),
      except: those(POLLPRI, except),
    };
  });
}

async function waited(sockets: Polled[], timeout: number, signal: AbortSignal | undefined): Promise<number> {
  const first = look(sockets);
  if (first > 0 || timeout === 0) return first;
  return new Promise((resolve, reject) => {
    const stops: (() => void)[] = [];
    const settle = (run: () => void): void => {
      for (const stop of stops.splice(0)) stop();
      run();
    };
    const again = (): void => {
      const count = look(sockets);
      if (count > 0) settle(() => resolve(count));
    };
    const abort = (): void => settle(() => reject(canceled(signal!, "waiting was given up")));
    if (signal?.aborted) return abort();
    signal?.addEventListener("abort", abort, { once: true });
    stops.push(() => signal?.removeEventListener("abort", abort));
    for (const { socket } of sockets) stops.push((socket.endpoint ?? socket.listener)?.onchange(again) ?? (() => {}));
    if (timeout < 0) return;
    const timer = setTimeout(() => settle(() => resolve(0)), timeout);
    stops.push(() => clearTimeout(timer));
  });
}

/** Sets `revents`. @returns how many have any */
function look(sockets: Polled[]): number {
  let count = 0;
  for (const polled of sockets) {
    polled.revents = eventsOf(polled);
    if (polled.revents) count++;
  }
  return count;
}

function eventsOf({ socket, events }: Polled): number {
  if (socket.closed) return POLLNVAL;
  if (socket.listener) return socket.listener.pending > 0 ? events & POLLIN : 0;
  if (!socket.endpoint) return POLLHUP;
  const { readable, writable, urgent, failed, hungUp } = socket.endpoint.ready();
  const now = (readable ? POLLIN : 0) | (writable ? POLLOUT : 0) | (urgent ? POLLPRI : 0);
  return (now & events) | (failed ? POLLERR : 0) | (hungUp ? POLLHUP : 0);
}
