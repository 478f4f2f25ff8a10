/**
 * Members that may get names of one or two letters. A name of more than four characters costs the board a variable
 * for each object that has it. Short may become what only our objects with methods declare: classes, and interfaces that
 * have a method or are marked `@internal`. Any other interface or object may be JSON; nor may what the language or the interpreter has, or what is read
 * from an `any`.
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
      if (name !== undefined) (!file.isDeclarationFile && isOurs(node, checker) ? ours : others).add(name);
      if (ts.isPropertyAccessExpression(node) && checker.getTypeAtLocation(node.expression).flags & ts.TypeFlags.Any)
        others.add(node.name.text);
      if (ts.isStringLiteral(node) && !picks(node)) others.add(node.text);
      ts.forEachChild(node, visit);
    };
    visit(file);
  }
  return [...ours].filter((name) => !others.has(name)).sort();
}

/** Whether it names a member of a type: `Pick<Socket, "word">`. */
function picks(node: ts.StringLiteral): boolean {
  let type: ts.Node = node.parent;
  while (ts.isLiteralTypeNode(type) || ts.isUnionTypeNode(type)) type = type.parent;
  return ts.isTypeReferenceNode(type) && type.typeName.getText() === "Pick";
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

/** Whether a member is of a class or an interface with methods, or in an object made as one. */
function isOurs(node: ts.Node, checker: ts.TypeChecker): boolean {
  const { parent } = node;
  if (ts.isClassDeclaration(parent) || ts.isParameter(node)) return true;
  if (ts.isInterfaceDeclaration(parent)) return parent.members.some(isMethod) || isInternal(parent);
  if (!ts.isObjectLiteralExpression(parent)) return false;
  const declared = checker.getContextualType(parent)?.getProperty(memberName(node)!)?.declarations ?? [];
  return declared.length > 0 && declared.every((of) => of.parent !== parent && isOurs(of, checker));
}

function isInternal(node: ts.InterfaceDeclaration): boolean {
  return ts.getJSDocTags(node).some(({ tagName }) => tagName.text === "internal");
}

function isMethod(member: ts.TypeElement): boolean {
  return ts.isMethodSignature(member) || (ts.isPropertySignature(member) && !!member.type && isFunction(member.type));
}

function isFunction(type: ts.TypeNode): boolean {
  if (ts.isParenthesizedTypeNode(type)) return isFunction(type.type);
  return ts.isFunctionTypeNode(type) || (ts.isUnionTypeNode(type) && type.types.some(isFunction));
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
