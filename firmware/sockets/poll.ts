/** poll and select: which sockets can be used without waiting. */
import { errorOf, tell, watchers } from "./handle.js";
import type { Callback, Handle } from "./handle.js";

export const POLLIN = 0x1;
export const POLLOUT = 0x4;
export const POLLERR = 0x8;
export const POLLHUP = 0x10;
export const POLLNVAL = 0x20;

/** One socket that poll looks at. */
export interface Polled {
  socket: Handle;
  /** What is asked for: POLLIN, POLLOUT. */
  events: number;
  /** What is so; POLLERR, POLLHUP and POLLNVAL are always told. */
  revents?: number;
}

/** Sets `revents`. @returns how many have any */
function look(polled: Polled[]): number {
  let count = 0;
  for (let i = 0; i < polled.length; i++) {
    const one = polled[i]!;
    const s = one.socket;
    let now = 0;
    if (s.closed) now = POLLNVAL;
    else if (s.backlog) now = s.pending.length ? POLLIN & one.events : 0;
    else if (!s.socket) now = POLLHUP;
    else {
      now = (s.waiting.length || s.ended ? POLLIN : 0) | (s.full ? 0 : POLLOUT);
      now = (now & one.events) | (s.failure ? POLLERR | POLLHUP : 0);
    }
    one.revents = now;
    if (now) count++;
  }
  return count;
}

/**
 * Waits until one of the sockets is ready: `told` gets how many are, and their `revents` say for what.
 * @param timeout ms; 0 only looks, a negative one waits for ever
 */
export function poll(polled: Polled[], timeout: number, told: Callback): void {
  const first = look(polled);
  if (first || !timeout) return tell(told, "", first);
  let timer = 0;
  const settle = (count: number): void => {
    watchers.splice(watchers.indexOf(again), 1);
    if (timer) clearTimeout(timer);
    tell(told, "", count);
  };
  const again = (): void => {
    const count = look(polled);
    if (count) settle(count);
  };
  watchers.push(again);
  if (timeout > 0)
    timer = setTimeout(() => {
      timer = 0;
      settle(0);
    }, timeout);
}

/** The same with lists: `told` gets { read, write, except } of those that are ready. Nothing here is exceptional. */
export function select(read: Handle[], write: Handle[], _except: Handle[], timeout: number, told: Callback): void {
  const polled = read
    .map((socket): Polled => ({ socket, events: POLLIN }))
    .concat(write.map((socket): Polled => ({ socket, events: POLLOUT })));
  poll(polled, timeout, () => {
    const ready = { read: [] as Handle[], write: [] as Handle[], except: [] };
    for (let i = 0; i < polled.length; i++) {
      const { socket, revents } = polled[i]!;
      if (revents == POLLNVAL) return told(errorOf("EBADF: one of the sockets is closed; leave it out"));
      if (revents) (i < read.length ? ready.read : ready.write).push(socket);
    }
    told(null, ready);
  });
}
