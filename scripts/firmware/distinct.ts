/**
 * Gives block variables of one name in one function names of their own. As ES5 they would be one `var`, of which the
 * minifier keeps the first alone; the interpreter makes a variable when its `var` runs, and where that one lies in a
 * branch not taken an assignment in the other branch would go to the module's variable of the same short name.
 */
import ts from "typescript";

export function distinctNames(program: ts.Program): ts.TransformerFactory<ts.SourceFile> {
  const checker = program.getTypeChecker();
  return (context) => (file) => {
    const names = new Map<ts.Symbol, string>();
    collect(file, new Map(), checker, names);
    const rename = (node: ts.Node): ts.Node => {
      if (ts.isShorthandPropertyAssignment(node)) {
        const name = names.get(checker.getShorthandAssignmentValueSymbol(node)!);
        return name ? ts.factory.createPropertyAssignment(node.name, ts.factory.createIdentifier(name)) : node;
      }
      if (ts.isIdentifier(node)) {
        const symbol = checker.getSymbolAtLocation(node);
        const name = symbol && names.get(symbol);
        return name ? ts.factory.createIdentifier(name) : node;
      }
      return ts.visitEachChild(node, rename, context);
    };
    return names.size > 0 ? ts.visitEachChild(file, rename, context) : file;
  };
}

/** @param counts how often a name was declared in the function around `node` */
function collect(
  node: ts.Node,
  counts: Map<string, number>,
  checker: ts.TypeChecker,
  names: Map<ts.Symbol, string>,
): void {
  const inner = ts.isFunctionLike(node) ? new Map<string, number>() : counts;
  if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name)) {
    const { text } = node.name;
    const count = counts.get(text) ?? 0;
    counts.set(text, count + 1);
    if (count > 0) names.set(checker.getSymbolAtLocation(node.name)!, `${text}$${count}`);
  }
  ts.forEachChild(node, (child) => collect(child, inner, checker, names));
}
