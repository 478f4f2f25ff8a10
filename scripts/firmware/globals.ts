/**
 * The firmware is evaluated at the top level of the boot file, not as a module: each function of a module keeps a
 * reference to the module's scope, which is a variable. So its names are those of every program on the board, and each of
 * them begins with `$`, which programs leave to it.
 */
import ts from "typescript";

/** Puts `$` before every name that a minified ES5 script declares at its top level, or another prefix. */
export function reserveGlobals(code: string, prefix = "$"): string {
  const script = ts.createSourceFile("bundle.js", code, ts.ScriptTarget.ES5, true, ts.ScriptKind.JS);
  const globals = declared(script);
  const starts: number[] = [];
  const visit = (node: ts.Node, hidden: ReadonlySet<string>): void => {
    const inner = ts.isFunctionLike(node) || ts.isCatchClause(node) ? new Set([...hidden, ...declared(node)]) : hidden;
    if (ts.isIdentifier(node) && isName(node) && globals.has(node.text) && !hidden.has(node.text))
      starts.push(node.getStart());
    // A function's own name is of the scope around it.
    ts.forEachChild(node, (child) =>
      visit(child, ts.isFunctionDeclaration(node) && child === node.name ? hidden : inner),
    );
  };
  visit(script, new Set());
  return [...starts, code.length].map((start, i) => code.slice(starts[i - 1] ?? 0, start)).join(prefix);
}

/** Names that a function or the script declares, parameters, variables wherever they stand and functions; of `catch` what it gives. */
export function declared(scope: ts.Node): Set<string> {
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    const declares = ts.isVariableDeclaration(node) || ts.isParameter(node) || ts.isFunctionDeclaration(node);
    if (declares && node !== scope && node.name && ts.isCatchClause(node.parent) === ts.isCatchClause(scope))
      names.add(node.name.getText());
    if (node === scope || !ts.isFunctionLike(node)) ts.forEachChild(node, visit);
  };
  visit(scope);
  return names;
}

/** Whether an identifier stands for a variable, and not for a member or a label of an object. */
export function isName(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  return !ts.isPropertyAssignment(parent) || parent.initializer === node;
}
