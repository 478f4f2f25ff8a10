/** What a program's tree says without being walked. */
import type { AnyNode } from "acorn";

export function isNumber(node: AnyNode): boolean {
  return node.type === "Literal" && typeof node.value === "number";
}
/** Names that a function's body declares, without those of functions in it. */
export function declaredIn(body: AnyNode): string[] {
  const names = new Set<string>();
  each(body, (node, depth) => {
    if (depth > 0 || !("id" in node) || node.id?.type !== "Identifier") return;
    if (node.type === "VariableDeclarator" || node.type === "FunctionDeclaration") names.add(node.id.name);
  });
  return [...names];
}

/** Visits a node and all in it. @param visit is given how many functions lie between */
export function each(node: AnyNode, visit: (node: AnyNode, depth: number) => void, depth = 0): void {
  visit(node, depth);
  const isFunction = /Function/.test(node.type);
  for (const [key, child] of Object.entries(node) as [string, unknown][]) {
    if (key === "type" || typeof child !== "object" || child === null) continue;
    for (const one of Array.isArray(child) ? (child as unknown[]) : [child])
      if (typeof (one as AnyNode | null)?.type === "string") each(one as AnyNode, visit, depth + (isFunction ? 1 : 0));
  }
}
