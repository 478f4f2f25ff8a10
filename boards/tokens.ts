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

/** A program as it reads without tokens: no other byte of it is above 127. */
export function detokenise(program: string): string {
  return program.replace(/[\x80-\xff]/g, (token) => {
    const word = WORDS[token.charCodeAt(0) - FIRST];
    if (word === undefined) throw new RangeError(`the program has a byte ${token.charCodeAt(0)}, which is no token`);
    return /\w/.test(word) ? ` ${word} ` : word;
  });
}
