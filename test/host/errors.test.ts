import assert from "node:assert/strict";
import { DevsockError, fromNode } from "../../host/index.js";
import type { Subject } from "../../host/index.js";

describe("an error", () => {
  it("has a code for programs and a sentence for people", () => {
    const error = new DevsockError("EBUSY: printer0 has a job; wait", { origin: "peer", address: "printer0:job" });
    assert.equal(error.code, "EBUSY");
    assert.equal(error.sentence, "printer0 has a job; wait");
    assert.equal(error.message, "EBUSY: printer0 has a job; wait");
    assert.deepEqual(JSON.parse(JSON.stringify(error)), {
      code: "EBUSY",
      message: "printer0 has a job; wait",
      origin: "peer",
      address: "printer0:job",
    });
  });

  it("does not pass on what a peer made up to fool a program or a terminal", () => {
    for (const text of ["", "no code", ": x", "ebusy: x", "\x1b]0;title\x07: x", "E: x", "EBUSY"]) {
      const error = new DevsockError(text);
      assert.equal(error.code, "EPROTO");
      assert.match(error.sentence, /^the other side said "/);
    }
    const error = new DevsockError(`EIO: \x1b[31mred\x9b2J${"x".repeat(9000)}`);
    assert.equal(error.code, "EIO");

    assert.doesNotMatch(error.message, /[\x00-\x1f\x7f-\x9f]/);
    assert.equal(error.message.length, 2000);
  });

  const cases: [Subject, string, string, RegExp][] = [
    ["file", "ENOENT", "a.bin", /there is no file a\.bin; check the path/],
    ["file", "EISDIR", "dir", /dir is a directory; name a file/],
    ["file", "EACCES", "a.bin", /a\.bin may not be read; give yourself permission/],
    ["network", "ECONNREFUSED", "tcp://h:1", /nothing listens at tcp:\/\/h:1; check the port/],
    ["network", "ENOTFOUND", "tcp://h:1", /the name in tcp:\/\/h:1 is unknown; check its spelling/],
    ["network", "EADDRINUSE", "port 9180", /port 9180 is in use by another program; .* or 0 for any/],
    ["network", "EHOSTUNREACH", "tcp://h:1", /no way to tcp:\/\/h:1; check the address/],
    ["serial", "ENOENT", "/dev/ttyX", /no serial port \/dev\/ttyX; plug the board in/],
    ["serial", "EACCES", "/dev/ttyX", /\/dev\/ttyX may not be opened; join the port's group/],
    ["serial", "ENOTTY", "/dev/null", /\/dev\/null is no serial port; look for one/],
    ["output", "ENOENT", "a/log", /a\/log cannot be created, its directory does not exist; create that first/],
    ["output", "EACCES", "log", /log may not be written; give yourself permission/],
    ["serial", "EBUSY", "/dev/ttyX", /another program has \/dev\/ttyX open; close it first/],
  ];
  for (const [subject, code, address, words] of cases)
    it(`of Node's, ${code} of a ${subject}, says what to do`, () => {
      const cause = Object.assign(new Error("as the system says it"), { code });
      const error = fromNode(cause, subject, address);
      assert.equal(error.code, code);
      assert.match(error.sentence, words);
      assert.equal(error.address, address);
      assert.equal(error.cause, cause);
    });

  it("of Node's that is not known keeps its code and words", () => {
    const error = fromNode(Object.assign(new Error("strange"), { code: "ESTRANGE" }), "network", "tcp://h:1");
    assert.equal(error.code, "ESTRANGE");
    assert.match(error.sentence, /tcp:\/\/h:1: strange/);
    assert.equal(fromNode("thrown", "file", "a").code, "EIO");
    assert.equal(fromNode(error, "file", "a"), error);
  });
});
