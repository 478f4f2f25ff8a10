/**
 * Viewers of a stream, in a process of their own: `viewers.ts URL WELL SECONDS ILL`. With `ill` one is dead and one reads 1 KB a second from
 * the beginning; at a line on standard input so many others come, for so long. Then it prints the numbers of the images that each had.
 */
import { once } from "node:events";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

const [address, well, seconds, ill] = process.argv.slice(2) as [string, string, string, string?];
const url = new URL(address);

function watch(): Socket {
  const socket = connect(Number(url.port), url.hostname);
  socket.on("error", () => undefined);
  socket.write(`GET ${url.pathname} HTTP/1.1\r\nHost: ${url.host}\r\n\r\n`);
  return socket;
}

/** Numbers of the images that came whole. */
function count(socket: Socket): number[] {
  const numbers: number[] = [];
  let rest: Buffer = Buffer.alloc(0);
  socket.on("data", (data) => {
    rest = Buffer.concat([rest, data]);
    for (;;) {
      const head = rest.subarray(0, 600).toString("latin1");
      const found = /content-length: (\d+)\r\n[^]*?\r\n\r\n(?=[^]{6}image (\d+))/.exec(head);
      const end = found ? found.index + found[0].length + Number(found[1]) : Infinity;
      if (rest.length < end) return;
      numbers.push(Number(found![2]));
      rest = rest.subarray(end);
    }
  });
  return numbers;
}

/** The dead one, and the slow one. */
const [dead, slow] = ill === "ill" ? [watch().pause(), watch().pause()] : [];
const timer = setInterval(() => slow?.read(1024), 1000);
await once(process.stdin, "data");
const sockets = Array.from({ length: Number(well) }, watch);
const numbers = sockets.map(count);
while (numbers.some(({ length }) => length === 0)) await pause(10);
await pause(Number(seconds) * 1000);
process.stdout.write(JSON.stringify(numbers));
clearInterval(timer);
for (const socket of [dead, slow, ...sockets]) socket?.destroy();
process.stdin.destroy();
