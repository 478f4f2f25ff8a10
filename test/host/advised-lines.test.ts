import assert from "node:assert/strict";
import { AdvisedLines } from "../../host/bridge/advised-lines.js";

describe("a board's lines for a program without the library", () => {
  it("say what to do about a failure, however they are cut", () => {
    const said = '{"taken":1}\n{"taken":2,"failed":"EHOSTDOWN: Küche \\"1\\" does not answer"}\n{"done"';
    const told =
      '{"taken":1}\n{"taken":2,"failed":"EHOSTDOWN: Küche \\"1\\" does not answer; is it on, are both data wires connected, is its baud right?"}\n';
    for (let size = 1; size < said.length; size++) {
      const lines = new AdvisedLines();
      const bytes = Buffer.from(said);
      let came = "";
      for (let at = 0; at < bytes.length; at += size) came += lines.push(bytes.subarray(at, at + size)).toString();
      assert.equal(came, told);
      assert.equal(lines.flush().toString(), '{"done"');
    }
  });

  it("are otherwise what came, even if that is no JSON, no text or no line", () => {
    for (const came of ['{"why":"","up":true}\n', '"why":"\\x"\n', "\xff\xfe\n", "x".repeat(20_000)]) {
      const bytes = Buffer.from(came, "latin1");
      assert.ok(new AdvisedLines().push(bytes).equals(bytes));
    }
  });
});
