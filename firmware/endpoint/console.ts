/** `:console`: the interpreter's own console as a stream, for who has shown the board's key. docs/protocol/services.md [SVC-50]. */
import { fromText, slice, toText } from "../../protocols/bytes/index.js";
import { Type } from "../../protocols/socket/socket.js";
import type { Socket } from "../../protocols/socket/socket.js";
import type { Sockets } from "../../protocols/socket/sockets.js";
import { increase } from "../io/count.js";

/** Bytes that come at once: they go through the interpreter's event queue, which the least board has 1,024 items of. */
const WINDOW = 512;

/** ms until what is printed is on its way. */
const REST = 100;

/** @internal */
interface Console {
  /** Who has it. */
  socket: Socket | null;
  /** It takes no more now. */
  full: boolean;
  /** Bytes that it did not get, and has not been told of. */
  unsaid: number;
}

/** Once somebody had it. */
let console: Console | undefined;

function tell(text: string): void {
  console!.full = !console!.socket!.send(fromText(text));
}

function remark(text: string): void {
  tell("\r\n[" + text + "]\r\n");
}

/** Listens to the interpreter, for good: what comes while nobody listens would be kept. */
function listen(): Console {
  LoopbackA.on("data", (data) => {
    if (!console!.socket) return;
    if (!console!.full) return tell(data);
    console!.unsaid += data.length;
    increase("unsaid", data.length);
  });
  E.on("errorFlag", (names) => {
    if (console!.socket && names.indexOf("FIFO_FULL") >= 0) remark("the interpreter lost bytes, of this or of devices");
  });
  return { socket: null, full: false, unsaid: 0 };
}

/**
 * @param password the console's; "" in a session without the board's key
 * @later console
 */
export function openConsole(sockets: Sockets, socket: Socket, password: string): void {
  if (socket.type != Type.stream) return sockets.refuseSocket(socket, "ESOCKTNOSUPPORT: this service is a SOCK_STREAM");
  if (!password)
    return sockets.refuseSocket(socket, "EACCES: the console is for sessions with the board's key, and this is none");
  console = console || listen();
  if (console.socket) return sockets.refuseSocket(socket, "EBUSY: somebody else has the console");
  const mine = console;
  mine.socket = socket;
  mine.full = false;
  mine.unsaid = 0;
  const before = E.getConsole();
  socket.enlarge(WINDOW);
  socket.ondata = (frame, from, to) => {
    // Ctrl-C would break off the firmware, which is what runs now.
    LoopbackA.write(
      toText(slice(frame, from, to))
        .split("\x03")
        .join(""),
    );
    // The interpreter takes it when this turn is over.
    setTimeout(() => socket.consume(to - from), 0);
  };
  socket.ondrain = () => {
    mine.full = false;
    if (mine.unsaid) remark(mine.unsaid + " bytes were left out: they came faster than the link takes them");
    mine.unsaid = 0;
  };
  // What was typed last is evaluated before the first timer, and its answer comes before the second.
  socket.onend = () => setTimeout(setTimeout, REST, () => socket.end(), REST);
  socket.onclose = () => {
    mine.socket = null;
    E.setConsole(before, { force: true });
    E.lockConsole();
  };
  sockets.accept(socket);
  E.lockConsole();
  E.setConsole(LoopbackB, { force: true });
  // What was typed before ends with the first line.
  LoopbackA.write("\n" + password + "\n");
}
