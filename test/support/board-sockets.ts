/** What a program on a board does with the module `sockets`. */
import assert from "node:assert/strict";
import { SOCK_SEQPACKET } from "../../host/index.js";
import type { LiveBoard, Runtime } from "./live-board.js";
import { withProgram } from "./same-text.js";
import { until } from "./wait.js";

/** Each test says a line. */
const PROGRAM = `
var sockets = require("sockets"), piece = "x".repeat(500);
function thrown(name, family, type) {
  try { sockets.socket(family, type) } catch (error) { print("@" + name + " " + error.code) }
}
thrown("family", "AF_INET", 1);
thrown("type", sockets.AF_DEVICE, 10);
print("@port " + sockets.getservbyname("pdl-datastream").port + " " + sockets.getservbyname("toString"));

function fails(name, address, type, next) {
  var s = sockets.socket(sockets.AF_DEVICE, type);
  sockets.connect(s, address, function (error) {
    print("@" + name + " " + (error ? error.code : "open"));
    next();
  });
}
function chargen(next) {
  var s = sockets.socket(sockets.AF_DEVICE, sockets.SOCK_STREAM), got = 0;
  function read(error, data) {
    if (error) return print("@chargen " + error.code);
    got += data.length;
    if (got < 3000) return sockets.recv(s, 100, 0, read);
    print("@chargen " + (got < 3100));
    sockets.close(s, next);
  }
  sockets.connect(s, ":chargen", function () { sockets.recv(s, 100, 0, read) });
}
function discard(type, name, next) {
  var s = sockets.socket(sockets.AF_DEVICE, type), sent = 0;
  function write(error, n) {
    if (error) return print("@" + name + " " + error.code);
    sent += n || 0;
    if (sent < 20000) return sockets.send(s, type == sockets.SOCK_RDM ? piece.substring(0, 200) : piece, 0, write);
    print("@" + name + " " + sent);
    sockets.close(s, next);
  }
  sockets.connect(s, ":discard", write);
}
function call() {
  var s = sockets.socket(sockets.AF_DEVICE, sockets.SOCK_SEQPACKET);
  sockets.connect(s, "host:log", function (error) {
    if (error) return setTimeout(call, 100);
    sockets.send(s, "a record", 0, function () {
      sockets.recv(s, 700, 0, function (error, data) {
        print("@answer " + data.length);
        sockets.recv(s, 10, 0, function (error, data) {
          print("@then " + error + " " + data);
          sockets.close(s);
        });
      });
    });
  });
}
fails("nobody", "camera9", sockets.SOCK_STREAM, function () {
  fails("wrong type", "printer0:status", sockets.SOCK_RDM, function () {
    chargen(function () {
      discard(sockets.SOCK_STREAM, "stream", function () {
        discard(sockets.SOCK_SEQPACKET, "records", function () {
          discard(sockets.SOCK_RDM, "rdm", call);
        });
      });
    });
  });
});
`;

const LINES = [
  "@family EAFNOSUPPORT",
  "@type ESOCKTNOSUPPORT",
  "@nobody ENODEV",
  "@wrong type ESOCKTNOSUPPORT",
  "@port 9100 null",
  "@chargen true",
  "@stream 20000",
  "@records 20000",
  "@rdm 20000",
  "@answer 700",
  "@then null null",
];

export async function assertBoardSockets(runtime: Runtime): Promise<void> {
  const live = await withProgram(runtime, { program: PROGRAM }, `setTimeout(function(){require("program")},500);`);
  try {
    const board = await live.connect("tcp");
    const server = board.listen("log", { type: SOCK_SEQPACKET });
    const socket = await server.accept();
    assert.equal(String(await socket.recv()), "a record");
    // Longer than the board asks for: it gets the beginning.
    await socket.send(Buffer.alloc(5000, 65));
    socket.end();
    const missing = (): string[] => LINES.filter((line) => !saidBy(live).includes(line));
    await until(
      () => missing().length === 0,
      () => `${missing().join(", ")} of ${live.console.join("\n")}`,
      60_000,
    );
  } finally {
    await live.stop();
  }
}

/** The lines of the program, without what the interpreter's console prints around them. */
export function saidBy(live: LiveBoard): string[] {
  return live.console.flatMap((line) => /@.*$/.exec(line)?.[0].trimEnd() ?? []);
}
