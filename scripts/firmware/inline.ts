/**
 * Puts the body of a one-line function in the place of its call. A call costs the interpreter 11,000 instructions, an
 * operator about 1,000, so the operations on bytes and whatever is marked `@inline` must not stay functions.
 */
import ts from "typescript";

interface Inlined {
  parameters: string[];
  result: ts.Expression;
}

/** Native functions without effect. */
const QUIET = /^(String\.fromCharCode|E\.CRC32|Math\.\w+|.*\.(charCodeAt|substring|slice|indexOf))$/;

/** What to substitute for a name. */
type Names = ReadonlyMap<string, string>;

export class InlineError extends Error {}

/** Marks every exported function of a module's text. */
export function markExports(code: string): string {
  return code.replace(/^export function /gm, "/** @inline */\nexport function ");
}

/**
 * Inlines all marked top-level functions of an ES5 script and removes them.
 * @throws InlineError where a marked function is more than one return statement
 */
export function inlineMarked(code: string): string {
  const script = ts.createSourceFile("bundle.js", code, ts.ScriptTarget.ES5, true, ts.ScriptKind.JS);
  const inlined = new Map<string, Inlined>();
  for (const statement of script.statements)
    if (isMarked(statement)) inlined.set(statement.name!.text, singleReturn(statement));
  refuseShadows(script, inlined);
  return inlined.size === 0 ? code : new Inliner(inlined).scope(script);
}

/** Calls are found by name alone: no variable or parameter may bear the name of a marked function. */
function refuseShadows(node: ts.Node, inlined: ReadonlyMap<string, Inlined>): void {
  const declares = ts.isVariableDeclaration(node) || ts.isParameter(node) || ts.isFunctionExpression(node);
  const name = declares ? node.name?.getText() : undefined;
  if (name !== undefined && inlined.has(name))
    throw new InlineError(`a variable or parameter is named ${name}, as an @inline function is; give it another name`);
  ts.forEachChild(node, (child) => refuseShadows(child, inlined));
}

function isMarked(node: ts.Node): node is ts.FunctionDeclaration {
  return ts.isFunctionDeclaration(node) && ts.getJSDocTags(node).some((tag) => tag.tagName.text === "inline");
}

function singleReturn(node: ts.FunctionDeclaration): Inlined {
  const [only, second] = node.body!.statements;
  if (!only || second || !ts.isReturnStatement(only) || !only.expression)
    throw new InlineError(`${node.name!.text} is marked @inline: make it one return statement, or take the mark away`);
  return { parameters: node.parameters.map(({ name }) => name.getText()), result: only.expression };
}

class Inliner {
  /** Variables that the function under work needs for arguments which may run only once. */
  private temporaries: string[] = [];
  private made = 0;

  constructor(private readonly inlined: ReadonlyMap<string, Inlined>) {}

  /** A function's body or the whole script, with the variables that it needs declared in front. */
  scope(body: ts.SourceFile | ts.Block, names: Names = new Map()): string {
    const outer = this.temporaries;
    this.temporaries = [];
    const text = this.parts(body, names);
    const declared = this.temporaries.length > 0 ? `var ${this.temporaries.join(", ")};` : "";
    this.temporaries = outer;
    return ts.isBlock(body) ? `{${declared}${text.slice(1)}` : declared + text;
  }

  /** A node's text, with marked functions gone, their calls replaced and names substituted. */
  private text(node: ts.Node, names: Names): string {
    if (isMarked(node)) return "";
    if (ts.isIdentifier(node)) return names.get(node.text) ?? node.text;
    if (ts.isBlock(node) && ts.isFunctionLike(node.parent)) return this.scope(node, names);
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) {
      const target = this.inlined.get(node.expression.text);
      if (target) return this.call(node, target, names);
    }
    return this.parts(node, names);
  }

  private parts(node: ts.Node, names: Names): string {
    const code = node.getSourceFile().text;
    let out = "";
    let at = node.getStart();
    for (const child of children(node)) {
      out += code.slice(at, child.getStart()) + this.text(child, names);
      at = child.end;
    }
    return out + code.slice(at, node.end);
  }

  /** Whether it has no effect: reads, and calls of functions that have none. */
  private isQuiet(node: ts.Node): boolean {
    if (ts.isNewExpression(node) || assigns(node)) return false;
    if (ts.isCallExpression(node)) {
      const name = node.expression.getText();
      if (!this.inlined.has(name) && !QUIET.test(name)) return false;
    }
    return children(node).every((child) => this.isQuiet(child));
  }

  private call(call: ts.CallExpression, target: Inlined, names: Names): string {
    const substituted = new Map<string, string>();
    // Arguments with effects must run in their order, each exactly once.
    const ordered = call.arguments.some((argument) => !this.isQuiet(argument));
    let first = "";
    target.parameters.forEach((parameter, i) => {
      const argument = call.arguments[i];
      let text = argument ? `(${this.text(argument, names)})` : "void 0";
      const cheap = argument && (ordered ? isName(argument) : uses(target.result, parameter) === 1 || isRead(argument));
      if (argument && !cheap) {
        const temporary = `inlined$${this.made++}`;
        this.temporaries.push(temporary);
        first += `${temporary} = ${text}, `;
        text = temporary;
      }
      substituted.set(parameter, text);
    });
    return `(${first}${this.text(target.result, substituted)})`;
  }
}

/** Children in the order of the text, without the names of properties. */
function children(node: ts.Node): ts.Node[] {
  const found: ts.Node[] = [];
  ts.forEachChild(node, (child) => {
    const isLabel =
      (ts.isPropertyAccessExpression(node) || ts.isPropertyAssignment(node)) &&
      (node as ts.Node & { name: ts.Node }).name === child;
    if (!isLabel) found.push(child);
  });
  return found;
}

function uses(node: ts.Node, name: string): number {
  if (ts.isIdentifier(node)) return node.text === name ? 1 : 0;
  return children(node).reduce((sum, child) => sum + uses(child, name), 0);
}

function isName(node: ts.Node): boolean {
  return ts.isIdentifier(node) || ts.isLiteralExpression(node);
}

/** Whether it only reads and computes: running it twice, or never, changes nothing and costs little. */
function isRead(node: ts.Node): boolean {
  return !ts.isCallOrNewExpression(node) && !makes(node) && !assigns(node) && children(node).every(isRead);
}

function makes(node: ts.Node): boolean {
  return ts.isFunctionLike(node) || ts.isObjectLiteralExpression(node) || ts.isArrayLiteralExpression(node);
}

function assigns(node: ts.Node): boolean {
  if (ts.isPostfixUnaryExpression(node) || ts.isDeleteExpression(node)) return true;
  if (ts.isPrefixUnaryExpression(node))
    return node.operator === ts.SyntaxKind.PlusPlusToken || node.operator === ts.SyntaxKind.MinusMinusToken;
  if (!ts.isBinaryExpression(node)) return false;
  const { kind } = node.operatorToken;
  return kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
}
