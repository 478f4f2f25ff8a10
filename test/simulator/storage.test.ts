import assert from "node:assert/strict";
import { Flash } from "../../simulator/runtime/storage.js";
import { run } from "./board.js";

describe("simulated interpreter: Storage", () => {
  it("fills a file that was made larger, and refuses to write over what is there", () => {
    const board = run(`
      var s = require("Storage");
      s.write("a", "Hello", 0, 12); s.write("a", " World!", 5); print(s.read("a"), s.read("a", 6, 5));
      try { s.write("a", "J", 0 + 1) } catch (e) { print(e.message) }
      try { s.write("a", "too long", 8) } catch (e) { print(e.message) }`);
    assert.deepEqual(board.lines, [
      "Hello World! World",
      "File already written with different data",
      "Too much data for file size",
    ]);
  });

  it("has an end", () => {
    const flash = new Flash(1000);
    flash.write("a", new Uint8Array(900).fill(1));
    assert.throws(() => flash.write("b", new Uint8Array(100).fill(2)), /Unable to find or create file/);
    flash.erase("a");
    assert.equal(flash.write("b", new Uint8Array(100).fill(2)), true);
  });

  it("keeps names of 28 characters", () => {
    const flash = new Flash(1000);
    flash.write("x".repeat(40), Uint8Array.of(1));
    assert.deepEqual(flash.names(), ["x".repeat(28)]);
  });

  it("gives modules, once each", () => {
    const board = run(`
      require("Storage").write("m", "print('loaded'); exports.answer = function () { return 42 };");
      print(require("m").answer(), require("m") === require("m"));
      try { require("none") } catch (e) { print(e.message) }`);
    assert.deepEqual(board.lines, ["loaded", "42 true", 'Module "none" not found']);
  });
});
