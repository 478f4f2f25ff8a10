/**
 * Members that may get names of one or two letters. A name of more than four characters costs the board a variable
 * for each object that has it. Short may become what only our objects with methods declare: classes, and interfaces that
 * have a method or are marked `@internal`. Any other interface or object may be JSON; nor may what the language or the interpreter has, or what is read
 * from an `any`.
 */
import ts from "typescript";

/** What a script of its own has in common with others: members of interfaces that are marked `@shared`, and their short names. */
export type Shared = ReadonlyMap<string, string>;

export interface Names {
  /** In the order of the alphabet. */
  shortenable: string[];
  shared: Shared;
  /** Members that are to have the short name of others, and cannot. */
  faults: string[];
}

export function namesOf(program: ts.Program, entry: string): Names {
  const checker = program.getTypeChecker();
  const ours = new Set<string>();
  const others = new Set<string>(exportsOf(program, entry));
  const shared = sharedNames(program.getSourceFiles().filter(({ isDeclarationFile }) => isDeclarationFile));
  for (const file of program.getSourceFiles()) {
    const visit = (node: ts.Node): void => {
      const name = isShared(node.parent) ? undefined : memberName(node);
      if (name !== undefined) (!file.isDeclarationFile && isOurs(node, checker) ? ours : others).add(name);
      if (ts.isPropertyAccessExpression(node) && checker.getTypeAtLocation(node.expression).flags & ts.TypeFlags.Any)
        others.add(node.name.text);
      if (ts.isStringLiteral(node) && !picks(node)) others.add(node.text);
      ts.forEachChild(node, visit);
    };
    visit(file);
  }
  const faults = [...shared.keys()].filter((name) => others.has(name));
  const shortenable = [...ours].filter((name) => !others.has(name) && !shared.has(name)).sort();
  return { shortenable, shared, faults };
}

const LETTERS = "abcdefghijklmnopqrstuvwxyz";

/** The same names for a program and each of its modules: they end in a digit, as none does that a script has for itself. */
export function sharedNames(files: readonly ts.SourceFile[]): Shared {
  const declared = files.flatMap(({ statements }) => statements.filter(isShared));
  const names = new Set(declared.flatMap(({ members }) => members.flatMap((member) => memberName(member) ?? [])));
  return new Map(
    [...names].sort().map((name, i) => [name, `${LETTERS[i % LETTERS.length]!}${Math.floor(i / LETTERS.length)}`]),
  );
}

function isShared(node: ts.Node | undefined): node is ts.InterfaceDeclaration {
  return node !== undefined && ts.isInterfaceDeclaration(node) && hasTag(node, "shared");
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
  if (ts.isInterfaceDeclaration(parent))
    return parent.members.some(isMethod) || hasTag(parent, "internal") || isShared(parent);
  if (!ts.isObjectLiteralExpression(parent)) return false;
  const declared = checker.getContextualType(parent)?.getProperty(memberName(node)!)?.declarations ?? [];
  return declared.length > 0 && declared.every((of) => of.parent !== parent && isOurs(of, checker));
}

function hasTag(node: ts.InterfaceDeclaration, tag: string): boolean {
  return ts.getJSDocTags(node).some(({ tagName }) => tagName.text === tag);
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
