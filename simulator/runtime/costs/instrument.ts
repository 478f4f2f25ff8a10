/** A program's text with its charges written into it. */
import { walk } from "./charges.js";
import type { Around, Stretch } from "./stretches.js";
import type { Names } from "./names.js";

/** How charges are written: an expression that charges a stretch, and the functions that what may be a string is given to. */
export interface Writer {
  charge: (stretch: Stretch) => string;
  strings: Readonly<Record<Around, string>>;
}

interface Insert {
  at: number;
  text: string;
}

export function instrument(source: string, names: Names, writer: Writer): string {
  const opening: Insert[] = [];
  const closing: (Insert & { start: number; order: number })[] = [];
  walk(source, names).forEach((stretch, order) => {
    const { form, start, end } = stretch;
    const [open, close] =
      form in writer.strings ? [`${writer.strings[form as Around]}(`, ")"] : written(form, writer.charge(stretch));
    if (open) opening.push({ at: start, text: open });
    if (close) closing.push({ at: end, text: close, start, order: form === "else" ? -1 : order });
  });
  opening.sort((a, b) => a.at - b.at);
  // At one place the innermost ends first; an `else` comes behind the braces that it belongs to.
  closing.sort((a, b) => a.at - b.at || b.start - a.start || b.order - a.order);
  return merged(source, opening, closing);
}

function written(form: Stretch["form"], charge: string): [open: string, close: string] {
  switch (form) {
    case "before":
      return [`${charge};`, ""];
    case "braces":
      return [`{${charge};`, "}"];
    case "brackets":
      return [`(${charge},`, ")"];
    default:
      return ["", `else{${charge}}`];
  }
}

/** Where one ends and another begins, the end comes first. */
function merged(source: string, opening: Insert[], closing: Insert[]): string {
  let result = "";
  let at = 0;
  let i = 0;
  let j = 0;
  while (i < opening.length || j < closing.length) {
    const takesClosing = j < closing.length && (i >= opening.length || closing[j]!.at <= opening[i]!.at);
    const insert = takesClosing ? closing[j++]! : opening[i++]!;
    result += source.slice(at, insert.at) + insert.text;
    at = insert.at;
  }
  return result + source.slice(at);
}
