/**
 * A socket on a board is a Node stream: here bytes go to the printer as they are, and what the printer says comes
 * back. `npx tsx examples/raw-socket.ts tcp://127.0.0.1:9180`
 */
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { connect } from "../host/index.js";

const [address = "tcp://127.0.0.1:9180"] = process.argv.slice(2);

/** Reset, a line of text, paper feed, and GS r 1: the printer answers with a byte about its paper. */
const document = [Buffer.from("\x1b@Hello from a Duplex\n\n\n\n"), Buffer.from([0x1d, 0x72, 0x01])];

await using board = await connect(address);
const socket = await board.open("printer0:raw");
await pipeline(Readable.from(document), socket, async (answers: AsyncIterable<Buffer>) => {
  for await (const answer of answers) console.log("the printer says", answer);
});
