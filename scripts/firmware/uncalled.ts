/**
 * Functions and methods that nothing in a build calls, and what only those call: in a build without a feature, what was there for that one. The minifier leaves out functions by itself, and no
 * methods: for all that it knows somebody else asks for them.
 */
import ts from "typescript";
import { isName } from "./globals.js";
import { piecesOf } from "./later.js";
import { definition, isMethod } from "./overlays.js";

export interface Called {
  code: string;
  /** What is not there any more: methods with a dot in front. */
  dropped: ReadonlySet<string>;
}

/**
 * @param code minified
 * @param members names that only our own members have
 * @param roots functions that others call
 */
export function withoutUncalled(code: string, members: ReadonlySet<string>, roots: ReadonlySet<string>): Called {
  const script = ts.createSourceFile("bundle.js", code, ts.ScriptTarget.ES5, true, ts.ScriptKind.JS);
  const pieces = script.statements.map((statement) => piecesOf(statement));
  const definitions = new Map<string, ts.Node[]>();
  const mentioned = new Set(roots);
  for (const node of pieces.flat()) {
    const name = definition(node)?.name;
    if (name === undefined || (isMethod(name) && !members.has(name.slice(1)))) mention(node, mentioned);
    else definitions.set(name, [...(definitions.get(name) ?? []), node]);
  }
  // What is added on the way is gone over, too. A method mentions its class.
  for (const name of mentioned) for (const node of definitions.get(name) ?? []) mention(node, mentioned);
  const dropped = new Set([...definitions.keys()].filter((name) => !mentioned.has(name)));
  const texts = script.statements.map((statement, i) => {
    const left = pieces[i]!.filter((node) => !dropped.has(definition(node)?.name ?? ""));
    if (left.length === pieces[i]!.length) return statement.getFullText();
    return left.length > 0 ? `${left.map((node) => node.getText()).join()};` : "";
  });
  return { code: texts.join(""), dropped };
}

/** Adds what a node names in whatever way: called, handed around, or as a text that a member may be found by. */
function mention(node: ts.Node, names: Set<string>): void {
  if (ts.isIdentifier(node)) names.add(isName(node) ? node.text : `.${node.text}`);
  if (ts.isStringLiteral(node)) names.add(node.text).add(`.${node.text}`);
  ts.forEachChild(node, (child) => mention(child, names));
}
