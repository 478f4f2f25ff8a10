import assert from "node:assert/strict";
import { connect, DevsockError } from "../../host/index.js";
import type { Connection } from "../../host/index.js";
import { encode } from "../../protocols/index.js";
import { VirtualClock } from "../../simulator/clock.js";
import { random } from "../protocols/pair.js";
import { FakeBoard, TCP, UDP } from "./fake-board.js";
import { inTime } from "./time.js";

describe("a board that sends valid frames with nonsense in them", function () {
  this.timeout(60_000);
  for (const [name, traits] of Object.entries({ TCP, UDP }))
    it(`ends in errors of ours and nothing else, over ${name}`, async () => {
      for (let seed = 1; seed <= 60; seed++) {
        const rand = random(seed);
        const upTo = (n: number): number => Math.floor(rand() * n);
        const clock = new VirtualClock();
        const fake = new FakeBoard(clock);
        const line = fake.line(traits, { delay: 1 });
        let connection: Connection;
        const accept = line.onaccept;
        line.onaccept = (far) => accept((connection = far));
        const board = await inTime(clock, connect(line.transport, { clock }));
        const errors: Error[] = [];
        for (const address of ["echo", ":chargen"]) {
          const socket = await inTime(clock, board.open(address));
          socket.on("error", (error) => errors.push(error)).resume();
        }
        const { session } = fake.sessions[0]!;
        const mark = (session as unknown as { _sendMark: number })._sendMark;
        for (let i = 0; i < 30; i++) {
          const payload = Uint8Array.from({ length: upTo(40) }, () => upTo(256));
          // Most begin with an operation that exists.
          if (rand() < 0.7 && payload.length) payload[0] = upTo(8);
          const word = (upTo(8) << 13) | (upTo(4) << 11) | upTo(5);
          void connection!.send(encode(word, (session.sender.next + upTo(3)) & 2047, payload, rand() < 0.9 ? mark : 0));
          if (rand() < 0.3) await clock.run(20);
        }
        await clock.run(100);
        const info = board.info(AbortSignal.timeout(0)).catch((error: Error) => void errors.push(error));
        await inTime(clock, info);
        await inTime(clock, board.close());
        for (const error of errors) assert.ok(error instanceof DevsockError, `seed ${seed}: ${error.stack}`);
      }
    });
});
