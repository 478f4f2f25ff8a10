/**
 * Members that may get names of one or two letters. A name of more than four characters costs the board a variable
 * for each object that has it. Short may become what only classes of ours declare: no interface, which may describe
 * JSON, no object literal, nothing of the language or the interpreter, and nothing that is read from an `any`.
 */
import ts from "typescript";

/** @returns the names, in the order of the alphabet */
export function shortenable(program: ts.Program, entry: string): string[] {
  const checker = program.getTypeChecker();
  const ours = new Set<string>();
  const others = new Set<string>(exportsOf(program, entry));
  for (const file of program.getSourceFiles()) {
    const visit = (node: ts.Node): void => {
      const name = memberName(node);
      if (name !== undefined) (!file.isDeclarationFile && ofClass(node) ? ours : others).add(name);
      if (ts.isPropertyAccessExpression(node) && checker.getTypeAtLocation(node.expression).flags & ts.TypeFlags.Any)
        others.add(node.name.text);
      if (ts.isStringLiteral(node)) others.add(node.text);
      ts.forEachChild(node, visit);
    };
    visit(file);
  }
  return [...ours].filter((name) => !others.has(name)).sort();
}

function memberName(node: ts.Node): string | undefined {
  const isMember =
    ts.isClassElement(node) ||
    ts.isTypeElement(node) ||
    ts.isObjectLiteralElement(node) ||
    ts.isParameterPropertyDeclaration(node, node.parent);
  return isMember && node.name && (ts.isIdentifier(node.name) || ts.isStringLiteral(node.name))
    ? node.name.text
    : undefined;
}

function ofClass(node: ts.Node): boolean {
  return ts.isClassDeclaration(node.parent) || ts.isParameter(node);
}

/** What the finished script's users call it by. */
function exportsOf(program: ts.Program, entry: string): string[] {
  const file = program.getSourceFile(entry);
  const symbol = file && program.getTypeChecker().getSymbolAtLocation(file);
  return symbol
    ? program
        .getTypeChecker()
        .getExportsOfModule(symbol)
        .map(({ name }) => name)
    : [];
}
