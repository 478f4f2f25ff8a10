/**
 * Flags as numbers. The interpreter keeps a small number in the name of what it is the value of, and `true` and `false` in variables of their own: where a value is only ever tested, so that nobody sees the
 * difference, the build writes 1 and 0. docs/decisions/0019-short-values-and-names.md
 */
import ts from "typescript";
import { declared, isName } from "./globals.js";

/** What holds a value: a variable, or a member by its name; of a function that is in one of those, with a `/` behind it what it is given as its parameters and what it gives. */
type Slot = string;

/** Where a value goes: into slots, none where it is only tested or dropped; or elsewhere, where it can be told from a number. */
type Goes = readonly Slot[] | undefined;

const ELSEWHERE: Goes = undefined;

const K = ts.SyntaxKind;

/** These make the same of `true` and of 1. */
const BITWISE: ReadonlySet<ts.SyntaxKind> = new Set([
  K.BarToken,
  K.AmpersandToken,
  K.CaretToken,
  K.LessThanLessThanToken,
  K.GreaterThanGreaterThanToken,
  K.GreaterThanGreaterThanGreaterThanToken,
  K.BarEqualsToken,
  K.AmpersandEqualsToken,
]);

const COMPARES: ReadonlySet<ts.SyntaxKind> = new Set([
  K.EqualsEqualsToken,
  K.ExclamationEqualsToken,
  K.EqualsEqualsEqualsToken,
  K.ExclamationEqualsEqualsToken,
  K.LessThanToken,
  K.LessThanEqualsToken,
  K.GreaterThanToken,
  K.GreaterThanEqualsToken,
]);

/**
 * Rewrites an ES5 script without changing what it does.
 * @param members names that only our own members have, and by which nobody reads one as a text
 * @param exports names at the top level that others use
 */
export function flagsAsNumbers(code: string, members: ReadonlySet<string>, exports: readonly string[] = []): string {
  const script = ts.createSourceFile("bundle.js", code, ts.ScriptTarget.ES5, true, ts.ScriptKind.JS);
  return write(script, new Flow(script, members, exports));
}

function write(node: ts.Node, flow: Flow): string {
  const { text } = node.getSourceFile();
  if (isLiteral(node)) {
    const value = node.operand.text === "0";
    const written = flow.isTested(node) ? Number(value) : value;
    return `${/[\w$]/.test(text.charAt(node.getStart() - 1)) ? " " : ""}${written}`;
  }
  let out = "";
  let at = node.getStart();
  ts.forEachChild(node, (child) => {
    out += text.slice(at, child.getStart()) + write(child, flow);
    at = child.end;
  });
  out += text.slice(at, node.end);
  if (!isTruth(node) || !flow.isTested(node) || !flow.isKept(node)) return out;
  return ts.isBinaryExpression(node) ? `+(${out})` : `+${out}`;
}

/** `true` and `false` as the minifier writes them. */
function isLiteral(node: ts.Node): node is ts.PrefixUnaryExpression & { operand: ts.NumericLiteral } {
  return isNot(node) && ts.isNumericLiteral((node as ts.PrefixUnaryExpression).operand);
}

function isNot(node: ts.Node): boolean {
  return ts.isPrefixUnaryExpression(node) && node.operator === K.ExclamationToken;
}

/** Whether it is an operation that makes `true` or `false`. */
function isTruth(node: ts.Node): node is ts.Expression {
  return isNot(node) || (ts.isBinaryExpression(node) && COMPARES.has(node.operatorToken.kind));
}

/** What becomes of each value in a script. */
class Flow {
  private readonly scopes = new Map<ts.Node, ReadonlySet<string>>();
  /** Where the values of each slot go. */
  private readonly goesOn = new Map<Slot, Goes[]>();
  /** Slots whose values can be told from numbers. */
  private readonly seen = new Set<Slot>();
  /** Slots that outlive a call: members, and variables of the top level or that an inner function uses. */
  private readonly kept = new Set<Slot>();
  /** Slots of functions, and of those what is not known: who else calls them, or what else they may be. */
  private readonly functions = new Set<Slot>();
  private readonly unknown = new Set<Slot>();

  constructor(
    private readonly script: ts.SourceFile,
    private readonly members: ReadonlySet<string>,
    exports: readonly string[],
  ) {
    this.follow(script);
    for (const name of exports) this.leave(slotIn(script, name));
    for (let size = -1; size < this.seen.size;) {
      size = this.seen.size;
      for (const [slot, all] of this.goesOn) if (!all.every((each) => this.areTests(each))) this.seen.add(slot);
    }
  }

  /** Whether nobody can tell a value from a number. */
  isTested(node: ts.Expression): boolean {
    return this.areTests(this.goes(node));
  }

  /** Whether a value that is only tested is held any longer than a call takes. */
  isKept(node: ts.Expression): boolean {
    const reached = new Set(this.goes(node));
    for (const slot of reached) {
      if (this.kept.has(slot)) return true;
      for (const goes of this.goesOn.get(slot) ?? []) for (const next of goes ?? []) reached.add(next);
    }
    return false;
  }

  private areTests(goes: Goes): boolean {
    return goes !== undefined && !goes.some((slot) => this.seen.has(slot) || this.isUnknown(slot));
  }

  /** Of what a function is given or gives: whether not all its calls are known. */
  private isUnknown(slot: Slot): boolean {
    const [owner, inner] = slot.split("/");
    return inner !== undefined && (!this.functions.has(owner!) || this.unknown.has(owner!));
  }

  /** Somebody else has what is in a slot. */
  private leave(slot: Slot): void {
    this.unknown.add(slot);
    this.pass(slot, ELSEWHERE);
  }

  private pass(slot: Slot, goes: Goes): void {
    this.goesOn.set(slot, [...(this.goesOn.get(slot) ?? []), goes]);
  }

  private follow(node: ts.Node): void {
    if (ts.isFunctionDeclaration(node) || ts.isFunctionExpression(node)) this.define(node);
    if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
      const called = this.slot(node.expression);
      if (called !== undefined) this.pass(`${called}/`, this.goes(node));
    }
    const slot = this.slot(node);
    if (slot !== undefined) this.use(slot, node as ts.Expression);
    if (ts.isPropertyAssignment(node) && !ts.isFunctionExpression(node.initializer))
      this.unknown.add(`.${node.name.getText()}`);
    ts.forEachChild(node, (child) => this.follow(child));
  }

  private define(made: ts.FunctionDeclaration | ts.FunctionExpression): void {
    const owner = this.ownerOf(made);
    if (owner === undefined) return;
    this.functions.add(owner);
    made.parameters.forEach(({ name }, i) => {
      const variable = this.variable(made.body!, name.getText())!;
      this.pass(`${owner}/${i}`, [variable]);
      this.unknown.add(variable);
    });
    const hasOwnName = ts.isFunctionExpression(made) && made.name !== undefined;
    const goesOn = ts.isBinaryExpression(made.parent) && this.goes(made.parent)?.length !== 0;
    if (hasOwnName || goesOn || /\barguments\b/.test(made.body!.getText())) this.unknown.add(owner);
  }

  /** A variable or a member that is mentioned. */
  private use(slot: Slot, node: ts.Expression): void {
    const { parent } = node;
    const isAssigned =
      ts.isBinaryExpression(parent) && parent.left === node && parent.operatorToken.kind === K.EqualsToken;
    const isDeclared = ts.isVariableDeclaration(parent) && parent.name === node;
    const isCalled = (ts.isCallExpression(parent) || ts.isNewExpression(parent)) && parent.expression === node;
    const isClass = ts.isPropertyAccessExpression(parent) && parent.name.text === "prototype";
    const home = ts.isIdentifier(node) ? this.homeOf(node, node.text) : this.script;
    if (home === this.script || home !== functionAround(node)) this.kept.add(slot);
    if (isAssigned && !ts.isFunctionExpression(parent.right)) this.unknown.add(slot);
    if (isDeclared && parent.initializer && !ts.isFunctionExpression(parent.initializer)) this.unknown.add(slot);
    if (isDeclared || isAssigned) return;
    if (!isCalled && !isClass) this.unknown.add(slot);
    this.pass(slot, this.goes(node));
  }

  private goes(node: ts.Expression): Goes {
    const { parent } = node;
    if (ts.isParenthesizedExpression(parent)) return this.goes(parent);
    if (ts.isExpressionStatement(parent)) return [];
    if (ts.isIfStatement(parent) || ts.isWhileStatement(parent) || ts.isDoStatement(parent)) return [];
    if (ts.isForStatement(parent)) return [];
    if (ts.isPrefixUnaryExpression(parent)) return isNot(parent) ? [] : ELSEWHERE;
    if (ts.isVoidExpression(parent) || ts.isDeleteExpression(parent)) return [];
    if (ts.isConditionalExpression(parent)) return parent.condition === node ? [] : this.goes(parent);
    if (ts.isBinaryExpression(parent)) return this.goesFrom(parent, node);
    if (ts.isVariableDeclaration(parent)) return into(this.slot(parent.name));
    if (ts.isPropertyAssignment(parent)) return into(this.member(parent.name.getText()));
    if (ts.isReturnStatement(parent)) return into(this.ownerOf(functionAround(parent)), "/");
    if (ts.isCallExpression(parent) || ts.isNewExpression(parent)) {
      if (parent.expression === node) return [];
      return into(this.slot(parent.expression), `/${parent.arguments!.indexOf(node)}`);
    }
    return ELSEWHERE;
  }

  private goesFrom(operation: ts.BinaryExpression, node: ts.Expression): Goes {
    const { kind } = operation.operatorToken;
    if (BITWISE.has(kind)) return [];
    if (kind === K.CommaToken) return operation.right === node ? this.goes(operation) : [];
    if (kind === K.BarBarToken || kind === K.AmpersandAmpersandToken) return this.goes(operation);
    if (kind !== K.EqualsToken) return ELSEWHERE;
    const on = this.goes(operation);
    const held = into(this.slot(operation.left));
    return held && on && [...held, ...on];
  }

  /** The slot that an expression names. */
  private slot(node: ts.Node): Slot | undefined {
    if (ts.isParenthesizedExpression(node)) return this.slot(node.expression);
    if (ts.isPropertyAccessExpression(node)) return this.member(node.name.text);
    if (!ts.isIdentifier(node) || !isName(node)) return undefined;
    if (ts.isParameter(node.parent) || ts.isFunctionLike(node.parent)) return undefined;
    return this.variable(node, node.text);
  }

  private member(name: string): Slot | undefined {
    return this.members.has(name) ? `.${name}` : undefined;
  }

  private variable(at: ts.Node, name: string): Slot | undefined {
    const home = this.homeOf(at, name);
    return home && slotIn(home, name);
  }

  /** What declares a name that is used somewhere: a function, a `catch` or the script. */
  private homeOf(at: ts.Node, name: string): ts.Node | undefined {
    for (let scope: ts.Node | undefined = at; scope; scope = scope.parent) {
      if (!ts.isFunctionLike(scope) && !ts.isCatchClause(scope) && scope !== this.script) continue;
      const names = this.scopes.get(scope) ?? declared(scope);
      this.scopes.set(scope, names);
      if (names.has(name)) return scope;
    }
    return undefined;
  }

  /** What a function is in. */
  private ownerOf(made: ts.Node): Slot | undefined {
    const { parent } = made;
    if (ts.isFunctionDeclaration(made)) return this.variable(parent, made.name!.text);
    if (!ts.isFunctionExpression(made)) return undefined;
    if (ts.isPropertyAssignment(parent)) return this.member(parent.name.getText());
    if (ts.isVariableDeclaration(parent)) return this.slot(parent.name);
    const isAssigned = ts.isBinaryExpression(parent) && parent.operatorToken.kind === K.EqualsToken;
    return isAssigned ? this.slot(parent.left) : undefined;
  }
}

function slotIn(scope: ts.Node, name: string): Slot {
  return `${name}@${scope.kind},${scope.pos}`;
}

function into(slot: Slot | undefined, inner = ""): Goes {
  return slot === undefined ? ELSEWHERE : [slot + inner];
}

function functionAround(node: ts.Node): ts.Node {
  let { parent } = node;
  while (!ts.isFunctionLike(parent) && !ts.isSourceFile(parent)) parent = parent.parent;
  return parent;
}
