/** A board's counters in words. */

/** Why something was lost or refused, and what it counts. The names are the board's own. */
const LOSSES: Record<string, string> = {
  refused: "clients turned away because all places were taken",
  silent: "clients of port 9100 that lost their turn by silence",
  dropped: "bytes of port 9100 that came after their turn",
  cut: "print jobs that ended in the middle of a command",
  backlost: "bytes from printers that no client took",
  lost: "bytes from printers that the board was too slow for",
  unsaid: "bytes of the console that its reader did not take in time",
  unsent: "bytes that the board's network could not send any more",
  discarded: "bytes on links that were noise or damaged",
  forged: "attempts to come in with a wrong key",
  slowed: "attempts to come in that were put off after a wrong key",
  stale: "attempts to come in with what was said before, or too late",
  foreign: "attempts to come in with another version of the protocol",
  unfinished: "connections that ended, or had 3 s, without what lets them in",
  unanswered: "attempts to come in that were not answered for lack of room",
  refusals: "sockets refused",
  undialled: "tries to reach another board that failed",
  unrelayed: "connections that ended because another board's printer could not be had",
  timeouts: "sessions that ended because nothing was heard",
  evicted: "sessions that had lost their link and were given up for memory",
  missed: "events left out because their reader was slow",
  strange: "datagrams of the network from others than the peer",
  overtaken: "datagrams dropped for newer ones",
  FIFO_FULL: "times that too much came at once and the interpreter lost some",
  BUFFER_FULL: "times that the interpreter lost bytes nobody read",
  UART_OVERFLOW: "times that a UART's hardware lost bytes",
  LOW_MEMORY: "times that the interpreter was low on memory",
  MEMORY: "times that the interpreter ran out of memory",
  CALLBACK: "times that a callback of the interpreter failed",
};

const TRAFFIC: Record<string, string> = {
  sessions: "sessions open",
  received: "frames received",
  duplicates: "frames that came twice",
  resent: "frames sent again",
  resumed: "sessions that went on over another link",
  late: "frames for sockets that had closed",
};

/** What was lost or refused; a name that is not known here stands for itself. */
export function lossesInWords(counters: Record<string, number>): string[] {
  return Object.entries(counters)
    .filter(([name, count]) => count > 0 && !TRAFFIC[name])
    .map(([name, count]) => `${LOSSES[name] ?? name}: ${count}`);
}

/** What went over the links. */
export function trafficInWords(counters: Record<string, number>): string[] {
  return Object.entries(TRAFFIC).flatMap(([name, words]) => (counters[name] ? [`${words}: ${counters[name]}`] : []));
}
