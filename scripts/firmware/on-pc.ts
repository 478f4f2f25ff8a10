/** A board's firmware for the interpreter's Linux build: to measure what the board's own figures and features make of it. */
import type { Compiled } from "./compile.js";

/** What of a board's file is about its hardware, and what a PC has in place of it: terminals by their paths, and the system's network. */
const HARDWARE: readonly (readonly [RegExp, string])[] = [
  [/\bpaths: false\b/, "paths: true"],
  [/\bnetwork: \{\s*module: "\w*"/, 'network: { module: ""'],
];

/** @param boards whose files are among what was compiled */
export function onPc(compiled: Compiled, boards: readonly string[]): Compiled {
  const changed = boards.map((id): [string, string] => {
    const file = `boards/${id}`;
    return [
      file,
      HARDWARE.reduce((text, [is, becomes]) => replaced(file, text, is, becomes), compiled.modules.get(file)!),
    ];
  });
  return { ...compiled, modules: new Map([...compiled.modules, ...changed]) };
}

function replaced(file: string, text: string, is: RegExp, becomes: string): string {
  if (!is.test(text)) throw new Error(`${file} says nothing that matches ${is}`);
  return text.replace(is, becomes);
}
