/** The failures that source text can say: what begins with an errno name, in all its variants. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

/** For what is only known when it is said. */
const SAID = "7";

/** Of all TypeScript in a folder of the repository. */
export function failureTexts(folder: string): string[] {
  const root = join(import.meta.dirname, "../..", folder);
  const found: string[] = [];
  for (const name of readdirSync(root, { recursive: true, encoding: "utf8" })) {
    if (!name.endsWith(".ts")) continue;
    const file = join(root, name);
    collect(ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest), found);
  }
  return found;
}

function collect(node: ts.Node, found: string[]): void {
  if (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node) || isSum(node))
    found.push(...variants(node as ts.Expression).filter((text) => /^E[A-Z0-9]+: /.test(text)));
  else ts.forEachChild(node, (child) => collect(child, found));
}

function isSum(node: ts.Node): node is ts.BinaryExpression {
  return ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken;
}

function variants(node: ts.Expression): string[] {
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (ts.isParenthesizedExpression(node)) return variants(node.expression);
  if (ts.isConditionalExpression(node)) return [...variants(node.whenTrue), ...variants(node.whenFalse)];
  if (isSum(node)) return sums(variants(node.left), variants(node.right));
  if (!ts.isTemplateExpression(node)) return [SAID];
  return node.templateSpans.reduce(
    (before, { expression, literal }) => sums(sums(before, variants(expression)), [literal.text]),
    [node.head.text],
  );
}

function sums(heads: string[], tails: string[]): string[] {
  return heads.flatMap((head) => tails.map((tail) => head + tail));
}
