import assert from "node:assert/strict";
import { EdfRecorder } from "../../../host/bridge/edf/recorder.js";
import { sensorTable } from "../../../protocols/device/sensor/index.js";
import { placesOf, readEdf } from "../../support/edf.js";

const START = Date.UTC(2026, 10, 28, 12);
/** Bytes of the header of one channel and annotations, and of a record. */
const HEADER = 768;
const SAMPLES = 2 * 250;
const RECORD = SAMPLES + 320;

/** Two records, the second with 200 places that have no value. */
function recorded(): Buffer {
  const recorder = new EdfRecorder(sensorTable("ad8232")!, 250);
  for (let i = 0; i < 300; i++) {
    const rest = { number: i, boot: 1, uncertainty: 1, why: "" };
    recorder.reading({ kind: "reading", utc: START + 4 * i, values: [Math.sin(i / 9)], ...rest });
  }
  recorder.finish(START);
  const pieces = recorder.take();
  const file = Buffer.alloc(Math.max(...pieces.map(({ at, bytes }) => at + bytes.length)));
  for (const { at, bytes } of pieces) bytes.copy(file, at);
  return file;
}

/** What is done to a right file, and what the reader says then. */
const deviations: [title: string, change: (file: Buffer) => Buffer | void, words: RegExp][] = [
  ["another version", (file) => void file.write("1", 0), /'1'/],
  ["a letter that is not ASCII", (file) => void file.writeUInt8(0xfc, 8), /printable ASCII/],
  ["a field that is not left-justified", (file) => void file.write(" 2", 236), /not left-justified/],
  ["a patient of three subfields", (file) => void file.write("X X X  ", 8), /four subfields/],
  ["an unknown sex", (file) => void file.write("X Q X X", 8), /FMX/],
  ["another date in the recording", (file) => void file.write("29", 98), /both dates/],
  ["a month in lower case", (file) => void file.write("nov", 101), /no date/],
  ["an hour of 24", (file) => void file.write("24", 176), /no time/],
  ["a header of another length", (file) => void file.write("512", 184), /bytes of the header/],
  ["no EDF+", (file) => void file.write("     ", 192), /EDF\+D/],
  ["a record more than there is", (file) => void file.write("3", 236), /as long as its header says/],
  ["a record less", (file) => void file.write("1", 236), /as long as its header says/],
  ["an unknown number of records", (file) => void file.write("-1", 236), /as long as its header says/],
  ["a byte less", (file) => file.subarray(0, -1), /as long as its header says/],
  ["a comma in a number", (file) => void file.write("1,0", 244), /no number/],
  ["no annotations", (file) => void file.write("EDF Remarks    ", 272), /signal of annotations/],
  ["an empty physical range", (file) => void file.write("-1.53", 480), /physical range/],
  ["a digital range upside down", (file) => void file.write("-32768", 512), /digital range/],
  ["a unit of the annotations", (file) => void file.write("mV", 456), /annotations have neither/],
  ["a record without its time", (file) => void file.fill(0, HEADER + SAMPLES, HEADER + RECORD), /has its time/],
  ["a time with a text", (file) => void file.write("+0\x14X\x14\0", HEADER + SAMPLES), /''|empty annotation/],
  ["a time without a sign", (file) => void file.write("00", HEADER + SAMPLES), /no time-stamped/],
  ["a first record after a second", (file) => void file.write("+1", HEADER + SAMPLES), /first second/],
  ["records that overlap", (file) => void file.write("+0", HEADER + RECORD + SAMPLES), /overlap/],
  ["a list that is not ended", (file) => void file.fill(0x41, HEADER + RECORD - 1, HEADER + RECORD), /zero byte/],
  ["bytes behind the lists", (file) => void file.write("A", HEADER + RECORD - 9), /no time-stamped/],
];

describe("the strict reader of EDF+ files", () => {
  it("takes a right file", () => {
    const file = recorded();
    assert.equal(file.length, HEADER + 2 * RECORD);
    assert.equal(placesOf(readEdf(file)).filter(({ values }) => values[0] !== null).length, 300);
  });

  for (const [title, change, words] of deviations)
    it(`refuses ${title}`, () => {
      const file = recorded();
      assert.throws(() => readEdf(change(file) ?? file), words);
    });

  it("refuses a place without a value that nothing tells of, and a value where none is said to be", () => {
    const silent = recorded();
    silent.writeInt16LE(-32768, HEADER + 2 * 7);
    assert.throws(() => placesOf(readEdf(silent)), /nothing says so/);
    const loud = recorded();
    loud.writeInt16LE(5, HEADER + RECORD + 2 * 249);
    assert.throws(() => placesOf(readEdf(loud)), /is said to have no value/);
  });
});
