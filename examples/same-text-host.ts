/** The host's side of examples/same-text.cjs. `npx tsx examples/same-text-host.ts tcp://127.0.0.1:9180` */
import { createRequire } from "node:module";
import { connect, socketsOf } from "../host/index.js";
import type { BoardSockets } from "../host/index.js";

type SameText = (sockets: BoardSockets, say: (text: string) => void) => void;

const [address = "tcp://127.0.0.1:9180"] = process.argv.slice(2);
const sameText = createRequire(import.meta.url)("./same-text.cjs") as SameText;

const board = await connect(address);
sameText(socketsOf(board), (text) => {
  console.log(text);
  void board.close();
});
