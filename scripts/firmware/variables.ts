/**
 * A variable is there only once its `var` has run: what is assigned before that is one of an outer function, or of all. The minifier puts a function
 * into the place of its call and declares what that needs behind it; here those declarations go before their first use.
 */
import ts from "typescript";

/** A `var` without a value that goes elsewhere. */
interface Move {
  statement: ts.VariableStatement;
  /** Where it goes: in front of the statement that begins there. */
  to: number;
}

/** Rewrites an ES5 script so that each `var` without a value stands before the first use of its names. */
export function declareFirst(code: string): string {
  const script = ts.createSourceFile("bundle.js", code, ts.ScriptTarget.ES5, true, ts.ScriptKind.JS);
  const moves: Move[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) || ts.isSourceFile(node)) moves.push(...movesOf(node));
    ts.forEachChild(node, visit);
  };
  visit(script);
  // From the end: what stands before keeps its place.
  const edits = moves.flatMap(({ statement, to }) => [
    { at: statement.getStart(), end: statement.end, text: "" },
    { at: to, end: to, text: statement.getText() },
  ]);
  return edits
    .sort((one, other) => other.at - one.at)
    .reduce((text, edit) => text.slice(0, edit.at) + edit.text + text.slice(edit.end), code);
}

function movesOf(owner: ts.Node): Move[] {
  /** Where each name is used first. */
  const first = new Map<string, ts.Identifier>();
  const moves: Move[] = [];
  const visit = (node: ts.Node): void => {
    if (node !== owner && ts.isFunctionLike(node)) return;
    if (ts.isVariableStatement(node) && node.declarationList.declarations.every(({ initializer }) => !initializer)) {
      const used = node.declarationList.declarations.flatMap(({ name }) => first.get(name.getText()) ?? []);
      if (used.length > 0) moves.push({ statement: node, to: placeFor(node, Math.min(...used.map(({ pos }) => pos))) });
      return;
    }
    if (ts.isIdentifier(node) && !first.has(node.text) && !isMember(node)) first.set(node.text, node);
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(owner, (child) => {
    if (!ts.isParameter(child)) visit(child);
  });
  return moves;
}

/** The beginning of the statement, among those with which the declaration stands, that holds the use at `use` or comes behind it. */
function placeFor(declaration: ts.VariableStatement, use: number): number {
  const { statements } = declaration.parent as ts.Block | ts.SourceFile;
  return statements.find(({ end }) => end > use)!.getStart();
}

function isMember(node: ts.Identifier): boolean {
  const { parent } = node;
  return (
    (ts.isPropertyAccessExpression(parent) && parent.name === node) ||
    (ts.isPropertyAssignment(parent) && parent.name === node)
  );
}
