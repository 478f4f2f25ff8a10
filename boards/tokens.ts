/**
 * The interpreter reads operators and reserved words as one byte too: what its own `pretokenise` makes of a program.
 * Source: Espruino 2v29, src/jslex.h, LEX_TYPES; the numbers are part of its interface and do not change.
 */

/** Number of the first of `WORDS`. */
const FIRST = 138;

const WORDS = (
  "== === != !== <= << <<= >= >> >>> >>= >>>= += -= ++ -- *= /= %= &= && |= || ^= => " +
  "if else do while for break continue function return var let const this throw try catch finally " +
  "true false null undefined new in instanceof switch case default delete typeof void"
).split(" ");

/** Each operator and reserved word as its one byte. */
export const tokens: ReadonlyMap<string, string> = new Map(
  WORDS.map((word, i) => [word, String.fromCharCode(FIRST + i)]),
);

/** Before a text as it is, which the interpreter does not copy when it is in flash: how long it is in one byte, or in two, the lower one first. */
const SHORT = "\xd1";
const LONG = "\xd2";

/** A text as one token. @param text one character a byte, of at most 65,535 */
export function rawText(text: string): string {
  const { length } = text;
  const [low, high] = [String.fromCharCode(length & 0xff), String.fromCharCode(length >> 8)];
  return (length < 256 ? SHORT + low : LONG + low + high) + text;
}

/** A program as it reads without tokens: no other byte of it is above 127, but in the comment that it may begin with. */
export function detokenise(program: string): string {
  let at = program.startsWith("/*") ? program.indexOf("*/") : 0;
  let text = program.slice(0, at);
  while (at < program.length) {
    const first = program[at]!;
    if (first === SHORT || first === LONG) {
      const begin = at + (first === SHORT ? 2 : 3);
      const length = program.charCodeAt(at + 1) + (first === LONG ? program.charCodeAt(at + 2) << 8 : 0);
      at = begin + length;
      text += JSON.stringify(program.slice(begin, at));
    } else {
      text += first < "\x80" ? first : wordOf(first);
      at++;
    }
  }
  return text;
}

function wordOf(token: string): string {
  const word = WORDS[token.charCodeAt(0) - FIRST];
  if (word === undefined) throw new RangeError(`the program has a byte ${token.charCodeAt(0)}, which is no token`);
  return /\w/.test(word) ? ` ${word} ` : word;
}
