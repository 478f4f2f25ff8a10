/** Programs that tell of every built-in that Node knows whether it is there. */

/** An instance of each constructor, as the program makes it. */
const instances: Record<string, string> = {
  Object: "({})",
  Function: "function(){}",
  Array: "[]",
  String: '""',
  Number: "1",
  Boolean: "true",
  Error: 'new Error("")',
  TypeError: 'new TypeError("")',
  SyntaxError: 'new SyntaxError("")',
  ReferenceError: 'new ReferenceError("")',
  Date: "new Date(0)",
  RegExp: "/a/",
  Promise: "new Promise(function(r){r(1)})",
  ArrayBuffer: "new ArrayBuffer(4)",
  DataView: "new DataView(new ArrayBuffer(4))",
};
const typedArrays = ["Uint8", "Int8", "Uint8Clamped", "Uint16", "Int16", "Uint32", "Int32", "Float32", "Float64"];
for (const kind of typedArrays) instances[`${kind}Array`] = `new ${kind}Array(2)`;

/** Present in one and of no use to a program: left out of the comparison. */
const ignored = new Set(["length", "name", "prototype", "constructor", "arguments", "caller"]);

/** Constants that no program can remove, and what traces of exceptions need: they stay on the simulated one. */
const fixed = new Set(["MAX_SAFE_INTEGER", "MIN_SAFE_INTEGER", "EPSILON", "BYTES_PER_ELEMENT", "stackTraceLimit"]);

function names(value: object): string[] {
  return Object.getOwnPropertyNames(value).filter(
    (name) => /^[a-z]\w*$/i.test(name) && !ignored.has(name) && !fixed.has(name),
  );
}

/** Text of a program that fits into the RAM of a board with 5,000 variables. */
const LONGEST = 15_000;

/** Programs that together print a line for each name: `Math.trunc false`. */
export function presencePrograms(): string[] {
  const programs: string[] = [];
  let program = "";
  const tell = (label: string, expression: string, first = ""): void => {
    if (program.length > LONGEST) {
      programs.push(program);
      program = first;
    }
    program += `try{print("${label} "+(typeof ${expression}!="undefined"))}catch(e){print("${label} false")}\n`;
  };
  // Espruino's File is one of its file system, and no relation
  for (const name of names(globalThis)) if (name !== "undefined" && name !== "File") tell(name, name);
  for (const [name, instance] of Object.entries(instances)) {
    const constructor = (globalThis as Record<string, unknown>)[name] as { prototype: object };
    for (const member of names(constructor)) tell(`${name}.${member}`, `${name}.${member}`);
    const first = `var o=${instance};\n`;
    program += first;
    for (const member of members(constructor.prototype)) tell(`${name}#${member}`, `o.${member}`, first);
  }
  for (const name of ["Math", "JSON"])
    for (const member of names((globalThis as Record<string, unknown>)[name] as object))
      tell(`${name}.${member}`, `${name}.${member}`);
  return [...programs, program];
}

function members(prototype: object): Set<string> {
  const found = new Set<string>();
  for (let at: object | null = prototype; at; at = Object.getPrototypeOf(at) as object | null)
    for (const name of names(at)) found.add(name);
  return found;
}
