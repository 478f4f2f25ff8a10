import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import { PassThrough, Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { setTimeout as delay } from "node:timers/promises";
import { connect, systemClock } from "../../host/index.js";
import { serve } from "./cli/run.js";
import { FakeBoard, FakeSession, UDP } from "./fake-board.js";

async function serveUdp(): Promise<{ address: string; close(): void }> {
  const board = new FakeBoard(systemClock);
  const server = createSocket("udp4");
  const peers = new Map<number, FakeSession>();
  server.on("message", (data, { port }) => {
    if (!peers.has(port)) peers.set(port, new FakeSession(board, UDP, (frame) => (server.send(frame, port), true)));
    peers.get(port)!.receive(data);
  });
  await new Promise<void>((resolve) => server.bind(0, "127.0.0.1", resolve));
  const close = (): void => {
    for (const session of peers.values()) session.die();
    server.close();
  };
  return { address: `udp://127.0.0.1:${server.address().port}`, close };
}

describe("on this machine's own network", () => {
  for (const [name, start] of Object.entries({ TCP: serve, UDP: serveUdp })) {
    it(`megabytes go there and back over ${name}, on many sockets at once`, async () => {
      const server = await start();
      await using board = await connect(server.address);
      const echo = async (size: number): Promise<void> => {
        const bytes = randomBytes(size);
        const back = new PassThrough();
        const [, got] = await Promise.all([
          pipeline(Readable.from([bytes]), await board.open("echo"), back),
          buffer(back),
        ]);
        assert.ok(got.equals(bytes));
      };
      await Promise.all([echo(2_000_000), echo(300_000), echo(1), echo(1000)]);
      await board.close();
      server.close();
    });

    it(`a reader that stops does not fill this process's memory over ${name}`, async () => {
      const server = await start();
      await using board = await connect(server.address);
      const socket = await board.open(":chargen");
      await delay(100);
      const before = socket.bytesRead;
      await delay(200);
      assert.equal(socket.bytesRead, before);
      assert.ok(before <= 16_384 + 4096 + 524, `${before}`);
      socket.destroy();
      await board.close();
      server.close();
    });
  }
});
