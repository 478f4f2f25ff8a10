import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { receipt, sampleReceipt } from "../../../../examples/receipts/receipt.js";
import { CommandScanner } from "../../../../protocols/device/escpos/index.js";
import { Bench } from "./bench.js";

describe("sample receipt", () => {
  it("looks as it should, to the last dot", () => {
    const bench = new Bench();
    bench.sendNow([...sampleReceipt()]);
    const { paper } = bench.printer;
    const lines = paper.text().split("\n");
    const from = lines.indexOf("Table 7                           Receipt 004217");
    assert.deepEqual(lines.slice(from, from + 17), [
      "Table 7                           Receipt 004217",
      "21 Nov 2026                                13:05",
      "─".repeat(48),
      "2   Flat white                   3.40       6.80",
      "1   Earl Grey, pot               3.10       3.10",
      "1   Crab sandwich               11.50      11.50",
      "      no mayonnaise",
      "3   Saffron bun                  2.25       6.75",
      "─".repeat(48),
      "Subtotal                                   28.15",
      "VAT 20 % included                           4.69",
      "─".repeat(48),
      "T O T A L                           £ 2 8 . 1 5",
      "─".repeat(48),
      "Card ending in  1881                       28.15",
      "       Contactless, no signature required",
      "",
    ]);
    const texts = paper.entries.flatMap((entry) => (entry.kind === "picture" && entry.text ? [entry.text] : []));
    assert.deepEqual(texts, ["5024680135796"]);
    const hash = createHash("sha256").update(paper.bitmap().dots).digest("hex");
    assert.equal(`${paper.height} ${hash.slice(0, 16)}`, "1188 395691811d044c4b");
  });

  it("uses nothing that this printer does not do, but for settings of two-byte characters", () => {
    const bench = new Bench();
    bench.sendNow([...sampleReceipt()]);
    assert.deepEqual(Object.keys(bench.printer.ignored).sort(), ["FS ( A", "FS -", "FS C", "FS S"]);
  });

  it("is a whole number of commands", () => {
    const scanner = new CommandScanner();
    const bytes = sampleReceipt();
    assert.equal(scanner.push(bytes), bytes.length);
  });

  it("fits narrow paper as well", () => {
    const bench = new Bench({ width: 384 });
    bench.sendNow([...receipt("Left | right", 32)]);
    assert.match(bench.printer.paper.text(), /^Left {23}right\n/);
  });
});
