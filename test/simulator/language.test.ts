import assert from "node:assert/strict";
import { run } from "./board.js";

/** What a program prints before its first callback. */
function output(program: string): string[] {
  return run(program).lines;
}

describe("simulated interpreter: the language", () => {
  it("lacks what Espruino lacks", () => {
    const missing =
      "Map Set Symbol BigInt WeakMap Proxy Reflect TextEncoder Buffer queueMicrotask setImmediate structuredClone fetch " +
      "Array.from Array.of Object.freeze Object.is Number.isInteger Math.trunc Math.imul Math.log2 Promise.race " +
      "[].flat [].at [].reduceRight ''.codePointAt ''.trimEnd ''.at Promise.prototype.finally String.raw";
    for (const name of missing.split(" "))
      assert.deepEqual(output(`print(typeof ${name})`), ["undefined"], `${name} must not be there`);
  });

  it("gives the program no way out of its world", () => {
    assert.deepEqual(output("print(typeof process.exit, typeof module, typeof __dirname)"), [
      "undefined undefined undefined",
    ]);
  });

  it("truncates characters to 8 bits and keeps strings binary", () => {
    assert.deepEqual(output("print(String.fromCharCode(0x141,255).charCodeAt(0), '\\xff\\0'.length)"), ["65 2"]);
  });

  it("escapes bytes above ASCII in JSON", () => {
    assert.deepEqual(output("print(JSON.stringify('\\x80\\xab\\\\u00ab'))"), ['"\\u0080\\u00AB\\\\u00ab"']);
  });

  it("takes strings, arrays and typed arrays for a checksum, unsigned", () => {
    assert.deepEqual(output("print(E.CRC32('123456789'), E.CRC32([49]), E.CRC32(new Uint8Array([49])))"), [
      "3421780262 2212294583 2212294583",
    ]);
  });

  it("reports an exception and goes on", async () => {
    const board = run(`
      setTimeout(function () { throw new Error("lost") }, 1);
      setTimeout(function () { print("goes on") }, 2);`);
    await board.clock.run(10);
    assert.match(board.lines[0]!, /^Uncaught Error: lost\n {4}at .*program:2/);
    assert.equal(board.lines[1], "goes on");
    assert.equal(board.runtime.counters.exceptions, 1);
  });

  it("sees time pass while it waits in a loop", async () => {
    const board = run("var end = getTime() + 0.05; while (getTime() < end); print('done')");
    assert.deepEqual(board.lines, ["done"]);
    await board.clock.run(0);
  });

  it("runs the same from the same seed", () => {
    const program = "print(E.hwRand(), E.hwRand(), Math.random())";
    assert.deepEqual(output(program), output(program));
    assert.notDeepEqual(run(program, { runtime: { seed: 2 } }).lines, output(program));
  });
});
