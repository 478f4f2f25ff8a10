/**
 * Last touches that the minifier does not know of. String.fromCharCode is how the board makes bytes, and each call
 * costs 11,000 instructions: constant ones become literals, adjoining ones become one. Offsets are added up. What a member
 * grows by is appended to it where it is, without a copy of the rest.
 */
import ts from "typescript";

/** Rewrites an ES5 script without changing what it does. */
export function touchUp(code: string): string {
  const script = ts.createSourceFile("bundle.js", code, ts.ScriptTarget.ES5, true, ts.ScriptKind.JS);
  return rewrite(script);
}

function rewrite(node: ts.Node): string {
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
    const parts = concatenated(node);
    if (parts && parts.length > 1) return written(parts);
  }
  const bytes = bytesOf(node);
  if (bytes) return written([node as ts.Expression]);
  const offset = isOffset(node) ? sum(node) : undefined;
  if (offset) return offset;
  const more = added(node);
  if (more) return more;
  const { text } = node.getSourceFile();
  let out = "";
  let at = node.getStart();
  ts.forEachChild(node, (child) => {
    out += text.slice(at, child.getStart()) + rewrite(child);
    at = child.end;
  });
  return out + text.slice(at, node.end);
}

/** The arguments of a String.fromCharCode. */
function bytesOf(node: ts.Node): readonly ts.Expression[] | undefined {
  return ts.isCallExpression(node) && node.expression.getText() === "String.fromCharCode" ? node.arguments : undefined;
}

/** The operands of a chain of `+` that begins with text, so that every `+` of it joins text. */
function concatenated(node: ts.Expression): ts.Expression[] | undefined {
  const inner = ts.isParenthesizedExpression(node) ? node.expression : node;
  if (!ts.isBinaryExpression(inner) || inner.operatorToken.kind !== ts.SyntaxKind.PlusToken)
    return bytesOf(inner) || ts.isStringLiteral(inner) ? [inner] : undefined;
  const left = concatenated(inner.left);
  return left && [...left, ...(concatenated(inner.right) ?? [inner.right])];
}

function written(parts: ts.Expression[]): string {
  const out: string[] = [];
  let codes: ts.Expression[] = [];
  const flush = (): void => {
    if (codes.length > 0) out.push(characters(codes));
    codes = [];
  };
  for (const part of parts) {
    const bytes = bytesOf(part);
    if (bytes) codes.push(...bytes);
    else {
      flush();
      out.push(rewrite(part));
    }
  }
  flush();
  return out.join("+");
}

function characters(codes: ts.Expression[]): string {
  if (codes.every(ts.isNumericLiteral)) return `"${codes.map((code) => escaped(constant(code))).join("")}"`;
  return `String.fromCharCode(${codes.map((code) => (ts.isNumericLiteral(code) ? constant(code) : rewrite(code))).join(",")})`;
}

/** The board takes the low eight bits of a code. */
function constant(code: ts.NumericLiteral): number {
  return Number(code.text) & 255;
}

function escaped(code: number): string {
  const char = String.fromCharCode(code);
  return /[ !#-[\]-~]/.test(char) ? char : `\\x${code.toString(16).padStart(2, "0")}`;
}

/** Whether it is the number of a byte: `t.charCodeAt(<this>)`. */
function isOffset(node: ts.Node): node is ts.BinaryExpression {
  const { parent } = node;
  return (
    ts.isBinaryExpression(node) &&
    ts.isCallExpression(parent) &&
    parent.arguments[0] === node &&
    ts.isPropertyAccessExpression(parent.expression) &&
    parent.expression.name.text === "charCodeAt"
  );
}

/** `at+2+1` as `at+3`. */
function sum(node: ts.BinaryExpression): string | undefined {
  const { left, right, operatorToken } = node;
  if (operatorToken.kind !== ts.SyntaxKind.PlusToken || !ts.isNumericLiteral(right)) return undefined;
  if (!ts.isBinaryExpression(left) || left.operatorToken.kind !== ts.SyntaxKind.PlusToken) return undefined;
  if (!ts.isNumericLiteral(left.right)) return undefined;
  return `${rewrite(left.left)}+${Number(left.right.text) + Number(right.text)}`;
}

/** `a.b=a.b+c` as `a.b+=c`. The interpreter reads `a.b` behind `c` then: which has to be a mere name. */
function added(node: ts.Node): string | undefined {
  if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.EqualsToken) return undefined;
  const { left, right } = node;
  if (!ts.isPropertyAccessExpression(left) || !ts.isBinaryExpression(right)) return undefined;
  if (right.operatorToken.kind !== ts.SyntaxKind.PlusToken || !ts.isIdentifier(right.right)) return undefined;
  return right.left.getText() === left.getText() ? `${left.getText()}+=${right.right.text}` : undefined;
}
