/**
 * Operators and reserved words as the interpreter's tokens of one byte: a fifth of the text, and less to read each time. A long text of bytes is a token, too: of a module
 * in Storage it takes no memory.
 */
import ts from "typescript";
import { rawText, tokens } from "../../boards/tokens.js";

/** Bytes of a table. */
const LONG = 64;

/** @param code a minified script in ASCII */
export function tokenise(code: string): string {
  const script = ts.createSourceFile("bundle.js", code, ts.ScriptTarget.ES5, true, ts.ScriptKind.JS);
  let out = "";
  const visit = (node: ts.Node): void => {
    const isUndefined = ts.isVoidExpression(node) && ts.isNumericLiteral(node.expression);
    const parts = isUndefined ? [] : node.getChildren(script);
    if (parts.length > 0) return parts.forEach(visit);
    const text = isUndefined ? "undefined" : node.getText(script);
    const token = isTable(node)
      ? rawText(node.text)
      : ts.isStringLiteral(node)
        ? literal(node.text)
        : ts.isIdentifier(node)
          ? undefined
          : tokens.get(text);
    const next = token ?? text;
    if (apart(out, next)) out += " ";
    out += next;
  };
  visit(script);
  return out;
}

/** It would be longer with its escapes. */
function isTable(node: ts.Node): node is ts.StringLiteral {
  return ts.isStringLiteral(node) && node.text.length >= LONG && /[^ -~]/.test(node.text);
}

/** The shortest that the interpreter reads as this text: most control characters stand as they are. */
function literal(text: string): string {
  const escaped = text
    .replace(/["\\]/g, "\\$&")
    .replace(/\n/g, "\\n")
    .replace(/\r/g, "\\r")
    .replace(/\0(?![0-9])/g, "\\0")
    .replace(/[\0\x7f-\xff]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, "0")}`);
  return `"${escaped}"`;
}

/** Whether what stands side by side would be read as one. */
function apart(left: string, right: string): boolean {
  return /[\w$]$/.test(left) ? /^[\w$]/.test(right) : /[-+]$/.test(left) && left.slice(-1) === right[0];
}
