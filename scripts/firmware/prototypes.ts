/**
 * The methods of a class as one object literal, in place of an assignment for each: three bytes of the board's Storage less. And each prototype is made anew: the
 * interpreter's own names its constructor, which takes two variables and nobody asks for.
 */
import ts from "typescript";

/** A statement, or one of several expressions that the minifier has made one of. */
type Piece = ts.Statement | ts.Expression;

/** @param code a minified script */
export function writePrototypes(code: string): string {
  const script = ts.createSourceFile("bundle.js", code, ts.ScriptTarget.ES5, true, ts.ScriptKind.JS);
  let out = "";
  /** The class whose literal is open. */
  let open: string | undefined;
  /** Classes whose prototypes have members already. */
  const begun = new Set<string>();
  const pieces = script.statements.flatMap(piecesOf);
  // A part of the program adds methods to classes that stand in the program.
  const here = new Set(pieces.flatMap(namesOf));
  for (const piece of pieces) {
    const method = methodOf(piece);
    if (method && method.owner === open) out += `,${method.name}:${method.made}`;
    else {
      if (open !== undefined) out += "};";
      open = method && here.has(method.owner) && !begun.has(method.owner) ? method.owner : undefined;
      if (method && open !== undefined) out += `${method.owner}.prototype={${method.name}:${method.made}`;
      else out += ts.isStatement(piece) ? piece.getText() : `${piece.getText()};`;
      if (method) begun.add(method.owner);
      else if (!ts.isFunctionDeclaration(piece))
        for (const [, owner] of piece.getText().matchAll(/([\w$]+)\.prototype\b/g)) begun.add(owner!);
    }
  }
  return open === undefined ? out : `${out}};`;
}

function piecesOf(statement: ts.Statement): Piece[] {
  const pieces = ts.isExpressionStatement(statement) ? operands(statement.expression) : [];
  // At the beginning of a statement `function` would declare one.
  return pieces.some(methodOf) && !pieces.some((piece) => piece.getText().startsWith("function"))
    ? pieces
    : [statement];
}

function operands(node: ts.Expression): ts.Expression[] {
  return ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.CommaToken
    ? [...operands(node.left), ...operands(node.right)]
    : [node];
}

/** What it declares, or assigns to. */
function namesOf(piece: Piece): string[] {
  if (ts.isFunctionDeclaration(piece)) return [piece.name!.text];
  if (ts.isVariableStatement(piece)) return piece.declarationList.declarations.map(({ name }) => name.getText());
  const expressions = ts.isExpressionStatement(piece) ? operands(piece.expression) : [piece];
  return expressions.flatMap((node) =>
    ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken && ts.isIdentifier(node.left)
      ? [node.left.text]
      : [],
  );
}

/** Of `X.prototype.NAME=function...`. */
function methodOf(piece: ts.Node): { owner: string; name: string; made: string } | undefined {
  const node = ts.isExpressionStatement(piece) ? piece.expression : piece;
  if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.EqualsToken) return undefined;
  const { left, right } = node;
  if (!ts.isPropertyAccessExpression(left) || !ts.isFunctionExpression(right)) return undefined;
  const { expression: prototype, name } = left;
  if (!ts.isPropertyAccessExpression(prototype) || prototype.name.text !== "prototype") return undefined;
  return { owner: prototype.expression.getText(), name: name.text, made: right.getText() };
}
