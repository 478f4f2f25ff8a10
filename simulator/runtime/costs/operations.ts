/**
 * What the interpreter does when it runs a program text: it reads the text anew each time, token by token, and finds
 * each name by trying those before it. `scripts/costs.ts` measures what each of these takes.
 */
export const OPERATIONS = {
  token: "a token read or passed over",
  letter: "a letter of a name, a number or a string",
  skipped: "a token of an expression that is read but not run",
  statement: "a statement",
  block: "a block",
  expression: "an expression with all its levels of precedence",
  value: "an operand",
  number: "a number in the text",
  text: "a string in the text",
  lookup: "a name looked up",
  scope: "a scope in which a name is sought",
  passed: "a name passed over in a search",
  builtin: "a name found among the interpreter's own",
  declare: "a variable that comes into being",
  member: "a field sought by its name",
  inherited: "a field that is not the object's own",
  index: "a field sought by a value",
  operator: "an operator with two sides",
  logical: "&& or ||",
  unary: "an operator with one side",
  condition: "a ? b : c",
  branch: "an if",
  assign: "an assignment",
  update: "++ or --",
  append: "+= and its like",
  site: "a call as it is written, with its brackets",
  argument: "an argument",
  call: "a function of the program called",
  parameter: "a parameter of it",
  native: "a function of the interpreter's called",
  construct: "new",
  function: "a function that comes into being",
  object: "an object that comes into being",
  field: "a field of it",
  array: "an array that comes into being",
  element: "an element of it",
  loop: "a loop begun",
  turn: "a turn of a loop",
  switch: "a switch",
  case: "a case compared",
  return: "a value returned",
} as const;

export type Operation = keyof typeof OPERATIONS;

export const operations = Object.keys(OPERATIONS) as Operation[];

/** How often each is done. */
export type Counts = Partial<Record<Operation, number>>;

export function add(to: Counts, what: Counts, times = 1): void {
  for (const [name, count] of Object.entries(what) as [Operation, number][]) to[name] = (to[name] ?? 0) + count * times;
}
