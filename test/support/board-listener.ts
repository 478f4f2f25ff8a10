/** What a program on a board offers to hosts and to other programs with the module `sockets`. */
import assert from "node:assert/strict";
import { POLLIN, SOCK_SEQPACKET, SOCK_STREAM, socketsOf, SOL_DEVICE } from "../../host/index.js";
import type { Board } from "../../host/index.js";
import { saidBy } from "./board-sockets.js";
import type { Runtime } from "./live-board.js";
import { withProgram } from "./same-text.js";
import { until } from "./wait.js";

/** A server that turns what it reads to capitals, a listener that never accepts, and a client of the first one. */
const PROGRAM = `
var k = require("sockets");
function say(name, error, result) { print("@" + name + " " + (error ? error.code : result)) }
function serve(s) {
  k.accept(s, function (error, c) {
    if (error) return say("accept", error);
    serve(s);
    function next() {
      k.recv(c, 200, 0, function (error, data) {
        if (error || data === null) return k.close(c);
        k.send(c, data.toUpperCase(), 0, next);
      });
    }
    next();
  });
}
var upper = k.socket(k.AF_DEVICE, k.SOCK_STREAM), full = k.socket(k.AF_DEVICE, k.SOCK_SEQPACKET);
k.listen(upper, 4, function (error) { say("unbound", error) });
k.bind(upper, "printer0", function (error) { say("name", error) });
k.bind(upper, "program:upper", function () {
  k.listen(upper, 4, function (error) {
    say("listens", error, k.getsockname(upper));
    serve(upper);
    var twin = k.socket(k.AF_DEVICE, k.SOCK_STREAM);
    k.bind(twin, "program:upper", function () { k.listen(twin, 1, function (error) { say("twin", error); client() }) });
  });
});
k.bind(full, "program:full", function () { k.listen(full, 2, function () {}) });
function client() {
  var c = k.socket(k.AF_DEVICE, k.SOCK_STREAM);
  k.setsockopt(c, k.SOL_SOCKET, k.SO_RCVTIMEO, 50, function () {});
  k.connect(c, "program:upper", function (error) {
    say("client", error, k.getpeername(c));
    k.recv(c, 9, k.MSG_DONTWAIT, function (error) {
      say("dontwait", error);
      k.recv(c, 9, 0, function (error) {
        say("late", error);
        k.poll([{ socket: c, events: k.POLLIN | k.POLLOUT }], 0, function (error, n) {
          say("poll", error, n);
          k.send(c, "shout", 0, function () {
            k.select([c, full], [], [], 5000, function (error, ready) {
              say("select", error, ready.read.length + (ready.read[0] == c));
              k.recvfrom(c, 9, 0, function (error, got) { say("recvfrom", error, got.data + " " + got.address); k.close(c, options) });
            });
          });
        });
      });
    });
  });
}
function options() {
  var s = k.socket(k.AF_DEVICE, k.SOCK_STREAM);
  k.getsockopt(s, k.SOL_SOCKET, k.SO_TYPE, function (error, type) { say("type", error, type) });
  k.setsockopt(s, k.SOL_SOCKET, 9, 1, function (error) { say("keepalive", error) });
  k.setsockopt(s, k.SOL_SOCKET, k.SO_RCVBUF, 512, function (error) { say("rcvbuf", error, "set") });
  k.connect(s, "nowhere", function (error) {
    say("nowhere", error);
    k.getsockopt(s, k.SOL_SOCKET, k.SO_ERROR, function (error, code) { say("error", error, code) });
    k.connect(s, "printer0:raw", function (error) {
      k.getsockopt(s, k.SOL_DEVICE, "baud", function (error, baud) {
        say("baud", error, baud > 0);
        k.setsockopt(s, k.SOL_DEVICE, "colour", 1, function (error) { say("colour", error); k.close(s, datagrams) });
      });
    });
  });
}
function datagrams() {
  var d = k.socket(k.AF_DEVICE, k.SOCK_DGRAM);
  k.sendto(d, "lost", 0, ":discard", function (error, n) {
    say("sendto", error, n);
    k.sendto(d, "lost", 0, "elsewhere", function (error) { say("elsewhere", error); k.close(d) });
  });
}
var end = k.socket(k.AF_DEVICE, k.SOCK_STREAM);
k.bind(end, "program:end", function () {
  k.listen(end, 1, function () { k.accept(end, function () { k.close(full); k.close(end) }) });
});
`;

const LINES = [
  "@unbound EDESTADDRREQ",
  "@name EINVAL",
  "@listens program:upper",
  "@twin EADDRINUSE",
  "@client program:upper",
  "@dontwait EAGAIN",
  "@late EAGAIN",
  "@poll 1",
  "@select 2",
  "@recvfrom SHOUT program:upper",
  "@type 1",
  "@keepalive ENOPROTOOPT",
  "@rcvbuf set",
  "@nowhere ENODEV",
  "@error ENODEV",
  "@baud true",
  "@colour ENOPROTOOPT",
  "@sendto 4",
  "@elsewhere EISCONN",
];

export async function assertBoardListens(runtime: Runtime): Promise<void> {
  const live = await withProgram(runtime, { program: PROGRAM }, `setTimeout(function(){require("program")},500);`);
  try {
    // The board's own program first: both ends of its sockets take the board's memory.
    const missing = (): string[] => LINES.filter((line) => !saidBy(live).includes(line));
    await until(
      () => missing().length === 0,
      () => `${missing().join(", ")} of ${live.console.join("\n")}`,
      30_000,
    );
    const board = await live.connect("tcp");
    const [first, second] = [await board.open("program:upper"), await board.open("program:upper")];
    // One slow client holds up nobody: the first one has sent nothing yet.
    for (const [socket, text] of [
      [second, "second"],
      [first, "first"],
    ] as const) {
      socket.end(text);
      const said: Buffer[] = [];
      for await (const piece of socket) said.push(piece as Buffer);
      assert.equal(Buffer.concat(said).toString(), text.toUpperCase());
    }
    await assertBsd(board);
    await assert.rejects(board.open("program:nobody"), { code: "ECONNREFUSED" });
    await assert.rejects(board.open("program:full"), { code: "ESOCKTNOSUPPORT" });
    const waiting = [1, 2].map(() => board.connect("program:full", { type: SOCK_SEQPACKET }));
    const refused = waiting.map((each) => assert.rejects(each, { code: "ECONNREFUSED" }));
    await assert.rejects(board.connect("program:full", { type: SOCK_SEQPACKET }), { code: "ECONNREFUSED" });
    // The listener is closed before it has accepted.
    (await board.open("program:end")).destroy();
    await Promise.all(refused);
  } finally {
    await live.stop();
  }
}

/** The same with the host's BSD calls. */
async function assertBsd(board: Board): Promise<void> {
  const calls = socketsOf(board);
  const s = calls.socket("AF_DEVICE", SOCK_STREAM);
  await calls.connect(s, "program:upper");
  await calls.send(s, "bsd");
  assert.equal(await calls.poll([{ socket: s, events: POLLIN }], 5000), 1);
  assert.equal(String(await calls.recv(s, 9)), "BSD");
  await assert.rejects(calls.getsockopt(s, SOL_DEVICE, "baud"), { code: "ENOPROTOOPT" });
  await calls.close(s);
}
