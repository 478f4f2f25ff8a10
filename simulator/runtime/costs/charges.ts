/** Walks a program as the interpreter does, and says what each stretch without a branch takes. */
import { parse } from "acorn";
import type { AnyNode, BlockStatement, Function as FunctionNode, Pattern, Program, Token } from "acorn";
import { add } from "./operations.js";
import type { Counts } from "./operations.js";
import type { Names } from "./names.js";
import { Text } from "./text.js";

/** A stretch that runs as a whole, or what may give a string: then its length is charged when it runs. */
export interface Stretch {
  counts: Counts;
  /**
   * How its charge is written: in front of a statement, with braces around both, or with brackets around it and an expression.
   * `else` is one that the program does not write; `joined` goes around.
   */
  form: "before" | "braces" | "brackets" | "else" | "joined";
  start: number;
  end: number;
}

/** @returns the stretches, each before those in it */
export function walk(source: string, names: Names): Stretch[] {
  const tokens: Token[] = [];
  const program = parse(source, {
    ecmaVersion: 2022,
    sourceType: "script",
    allowReturnOutsideFunction: true,
    preserveParens: true,
    onToken: tokens,
  });
  return new Walker(new Text(tokens), names).program(program);
}

class Walker {
  private readonly stretches: Stretch[] = [];
  private readonly scopes: string[][] = [];
  /** What is being counted. */
  private counts: Counts = {};
  /** Where the rest is passed over from a `return`, and from a `break` or `continue`. */
  private functionEnd = 0;
  private loopEnd = 0;
  /** Whether a statement may have left the stretch. */
  private left = false;

  constructor(
    private readonly text: Text,
    private readonly names: Names,
  ) {}

  program(node: Program): Stretch[] {
    this.functionEnd = node.end;
    for (const statement of node.body) this.globalsOf(statement);
    this.stretch("before", node.start, node.start, () => this.statements(node.body));
    return this.stretches;
  }

  /** Counts what `run` walks as a stretch of its own. */
  private stretch(form: Stretch["form"], start: number, end: number, run: () => void): Stretch {
    const outer = this.counts;
    const stretch: Stretch = { counts: {}, form, start, end };
    this.counts = stretch.counts;
    this.stretches.push(stretch);
    run();
    this.counts = outer;
    return stretch;
  }

  private count(counts: Counts, times = 1): void {
    add(this.counts, counts, times);
  }

  /** Reads the tokens of a node that are none of its parts'. */
  private read(node: AnyNode, ...parts: (AnyNode | null | undefined)[]): void {
    this.count(this.text.read(node.start, node.end));
    for (const part of parts) if (part) this.count(this.text.read(part.start, part.end), -1);
  }

  private statements(list: readonly AnyNode[]): void {
    const outer = this.counts;
    for (const statement of list) {
      if (this.left) {
        const rest: Stretch = { counts: {}, form: "before", start: statement.start, end: statement.start };
        this.stretches.push(rest);
        this.counts = rest.counts;
        this.left = false;
      }
      this.statement(statement);
    }
    this.counts = outer;
  }

  private statement(node: AnyNode): void {
    this.count({ statement: 1 });
    switch (node.type) {
      case "ExpressionStatement":
        this.read(node, node.expression);
        return this.expression(node.expression);
      case "VariableDeclaration":
        this.read(node, ...node.declarations);
        return node.declarations.forEach((declared) => this.declaration(declared.id, declared.init, declared));
      case "FunctionDeclaration":
        return this.functionNode(node);
      case "BlockStatement":
        this.read(node, ...node.body);
        this.count({ block: 1 });
        return this.statements(node.body);
      case "EmptyStatement":
        return this.read(node);
      case "IfStatement":
        this.read(node, node.test, node.consequent, node.alternate);
        this.count({ branch: 1 });
        this.expression(node.test);
        return this.branches(node.consequent, node.alternate ?? undefined);
      case "ReturnStatement":
        this.read(node, node.argument);
        if (node.argument) this.expression(node.argument);
        this.count({ return: 1 });
        return this.leave(node.end, this.functionEnd);
      case "ThrowStatement":
        this.read(node, node.argument);
        this.expression(node.argument);
        this.left = true;
        return;
      case "BreakStatement":
      case "ContinueStatement":
        this.read(node);
        return this.leave(node.end, this.loopEnd);
      case "TryStatement":
        return this.attempt(node);
      case "SwitchStatement":
        return this.choice(node);
      default:
        return this.loop(node);
    }
  }

  /** The rest is passed over. */
  private leave(from: number, to: number): void {
    if (to > from) this.count(this.text.read(from, to));
    this.left = true;
  }

  private declaration(id: Pattern, init: AnyNode | null | undefined, node: AnyNode): void {
    this.read(node, init);
    this.count({ declare: 1 });
    if (id.type === "Identifier") this.count({ passed: this.scopes.at(-1)?.indexOf(id.name) ?? 0 });
    if (!init) return;
    this.count({ assign: 1 });
    this.expression(init);
  }

  private branches(consequent: AnyNode, alternate: AnyNode | undefined): void {
    const { start, end } = consequent;
    this.stretch("braces", start, end, () => {
      this.statement(consequent);
      if (alternate) this.count(this.unused(alternate));
    });
    const left = this.left;
    this.left = false;
    if (alternate)
      this.stretch("braces", alternate.start, alternate.end, () => {
        this.count(this.unused(consequent));
        this.statement(alternate);
      });
    else this.stretch("else", start, end, () => this.count(this.unused(consequent)));
    this.left ||= left;
  }

  /** A block that is not run is passed over, another statement is parsed. */
  private unused(node: AnyNode): Counts {
    return node.type === "BlockStatement"
      ? this.text.read(node.start, node.end)
      : this.text.parsed(node.start, node.end);
  }

  private attempt(node: Extract<AnyNode, { type: "TryStatement" }>): void {
    this.read(node, node.block, node.handler?.body, node.finalizer);
    this.statement(node.block);
    this.left = true;
    const { handler, finalizer } = node;
    if (handler) {
      this.count(this.text.read(handler.body.start, handler.body.end));
      this.body(handler.body);
    }
    if (finalizer) this.body(finalizer);
    this.left = true;
  }

  /** A block that is entered from elsewhere. */
  private body({ start, body }: BlockStatement): void {
    this.left = false;
    this.stretch("before", start + 1, start + 1, () => this.statements(body));
  }

  /** All cases are compared, also behind the one that is met. */
  private choice(node: Extract<AnyNode, { type: "SwitchStatement" }>): void {
    this.read(
      node,
      node.discriminant,
      ...node.cases.flatMap((one) => one.consequent),
      ...node.cases.map((one) => one.test),
    );
    this.count({ switch: 1 });
    this.expression(node.discriminant);
    const outer = this.loopEnd;
    this.loopEnd = 0;
    for (const { test, consequent } of node.cases) {
      if (test) {
        this.count({ case: 1 });
        this.expression(test);
      }
      const first = consequent[0];
      if (!first) continue;
      const skipped = this.text.parsed(first.start, consequent.at(-1)!.end);
      this.left = false;
      this.count(skipped);
      this.stretch("before", first.start, first.start, () => {
        this.count(skipped, -1);
        this.statements(consequent);
      });
    }
    this.loopEnd = outer;
    this.left = true;
  }

  private loop(node: AnyNode): void {
    const outer = this.loopEnd;
    this.count({ loop: 1 });
    if (node.type === "ForStatement") {
      const { init, test, update, body } = node;
      this.read(node, init, test, update, body);
      if (init) this.count({ statement: 1 });
      if (init?.type === "VariableDeclaration")
        init.declarations.forEach((declared) => this.declaration(declared.id, declared.init, declared));
      else if (init) this.expression(init);
      if (update) this.count(this.text.parsed(update.start, update.end));
      const first = this.measured(() => test && this.expression(test));
      this.count(first);
      this.turns(body, () => {
        this.count(first);
        if (update) this.expression(update);
      });
    } else if (node.type === "ForInStatement" || node.type === "ForOfStatement") {
      this.read(node, node.left, node.right, node.body);
      if (node.left.type === "VariableDeclaration")
        node.left.declarations.forEach((declared) => this.declaration(declared.id, null, declared));
      else this.expression(node.left);
      this.expression(node.right);
      this.count(this.unused(node.body));
      this.turns(node.body, () => this.count({ assign: 1, operator: 1 }));
    } else if (node.type === "WhileStatement" || node.type === "DoWhileStatement") {
      this.read(node, node.test, node.body);
      const test = this.measured(() => this.expression(node.test));
      this.count(test);
      this.turns(node.body, () => this.count(test));
    } else throw new Error(`the simulator has no costs for a ${node.type}`);
    this.loopEnd = outer;
    this.left = true;
  }

  private turns(body: AnyNode, each: () => void): void {
    this.loopEnd = body.end;
    this.stretch("braces", body.start, body.end, () => {
      this.count({ turn: 1 });
      each();
      this.statement(body);
    });
    this.left = false;
  }

  /** What something counts, without counting it. */
  private measured(run: () => void): Counts {
    const outer = this.counts;
    const counts = (this.counts = {});
    run();
    this.counts = outer;
    return counts;
  }

  private expression(node: AnyNode): void {
    this.count({ expression: 1 });
    this.operand(node);
  }

  /** An operand, or what operators make of several. */
  private operand(node: AnyNode): void {
    switch (node.type) {
      case "BinaryExpression":
        this.read(node, node.left, node.right);
        this.count({ operator: 1 });
        if (node.operator === "+" && !isNumber(node.left) && !isNumber(node.right))
          this.stretch("joined", node.start, node.end, () => {});
        this.operand(node.left);
        return this.operand(node.right);
      case "LogicalExpression": {
        this.read(node, node.left, node.right);
        this.count({ logical: 1 });
        this.operand(node.left);
        const skipped = this.text.parsed(node.right.start, node.right.end);
        this.count(skipped);
        return void this.stretch("brackets", node.right.start, node.right.end, () => {
          this.count(skipped, -1);
          this.operand(node.right);
        });
      }
      case "ConditionalExpression":
        this.read(node, node.test, node.consequent, node.alternate);
        this.count({ condition: 1 });
        this.operand(node.test);
        for (const [taken, other] of [
          [node.consequent, node.alternate],
          [node.alternate, node.consequent],
        ] as const)
          this.stretch("brackets", taken.start, taken.end, () => {
            this.expression(taken);
            this.count(this.text.parsed(other.start, other.end));
          });
        return;
      case "AssignmentExpression":
        return this.assignment(node);
      case "SequenceExpression":
        this.read(node, ...node.expressions);
        return node.expressions.forEach((one) => this.expression(one));
      case "UnaryExpression":
        this.read(node, node.argument);
        this.count({ unary: 1 });
        return this.operand(node.argument);
      case "UpdateExpression":
        this.read(node, node.argument);
        this.count({ update: 1 });
        return this.operand(node.argument);
      default:
        this.count({ value: 1 });
        return this.value(node);
    }
  }

  private assignment(node: Extract<AnyNode, { type: "AssignmentExpression" }>): void {
    this.read(node, node.left, node.right);
    this.count(node.operator === "=" ? { assign: 1 } : { append: 1 });
    if (node.operator === "+=" && !isNumber(node.right)) this.stretch("joined", node.start, node.end, () => {});
    this.operand(node.left);
    this.expression(node.right);
  }

  private value(node: AnyNode): void {
    switch (node.type) {
      case "Identifier":
        this.read(node);
        return this.count(this.names.lookup(node.name, this.scopes));
      case "Literal":
        this.read(node);
        if (typeof node.value === "string") this.count({ text: 1, letter: node.value.length });
        else if (typeof node.value === "number") this.count({ number: 1 });
        return;
      case "MemberExpression": {
        this.read(node, node.object, node.property);
        this.value(node.object);
        if (node.computed) {
          this.count({ index: 1 });
          return this.expression(node.property);
        }
        this.read(node.property);
        const object = node.object.type === "Identifier" ? node.object.name : undefined;
        return this.count(this.names.member((node.property as { name: string }).name, object));
      }
      case "CallExpression":
      case "NewExpression":
        this.read(node, node.callee, ...node.arguments);
        this.count({ site: 1, argument: node.arguments.length, construct: node.type === "NewExpression" ? 1 : 0 });
        this.value(node.callee);
        return node.arguments.forEach((argument) => this.expression(argument));
      case "ObjectExpression":
        this.read(node, ...node.properties);
        this.count({ object: 1, field: node.properties.length });
        return node.properties.forEach((property, i) => {
          if (property.type !== "Property") return;
          this.read(property, property.value);
          if (property.key.type === "Identifier") this.names.field(property.key.name, i);
          this.count({ passed: i });
          this.expression(property.value);
        });
      case "ArrayExpression":
        this.read(node, ...node.elements);
        this.count({ array: 1, element: node.elements.length });
        return node.elements.forEach((element) => element && this.expression(element));
      case "FunctionExpression":
      case "ArrowFunctionExpression":
        return this.functionNode(node);
      case "ThisExpression":
        return this.read(node);
      case "ParenthesizedExpression":
        this.read(node, node.expression);
        return this.expression(node.expression);
      default:
        throw new Error(`the simulator has no costs for a ${node.type}`);
    }
  }

  private functionNode(node: Extract<AnyNode, FunctionNode>): void {
    this.read(node);
    this.count({ function: 1, scope: this.scopes.length });
    const outer = { functionEnd: this.functionEnd, loopEnd: this.loopEnd, left: this.left };
    const names = node.params.map((one) => (one.type === "Identifier" ? one.name : ""));
    const { body } = node;
    this.functionEnd = body.end - 1;
    this.loopEnd = 0;
    this.left = false;
    this.scopes.push([...names, ...declaredIn(body)]);
    if (body.type !== "BlockStatement")
      this.stretch("brackets", body.start, body.end, () => {
        this.count({ call: 1, parameter: names.length });
        this.expression(body);
      });
    else
      this.stretch("before", body.start + 1, body.start + 1, () => {
        this.count({ call: 1, parameter: names.length });
        this.statements(body.body);
      });
    this.scopes.pop();
    Object.assign(this, outer);
  }

  /** The globals that a statement at the top makes, and the fields that objects get. */
  private globalsOf(node: AnyNode): void {
    each(node, (inner, depth) => {
      if (inner.type === "AssignmentExpression") {
        const { left } = inner;
        if (depth === 0 && left.type === "Identifier" && this.scopes.length === 0) this.names.global(left.name);
        if (left.type === "MemberExpression" && !left.computed && left.object.type === "ThisExpression")
          this.names.field((left.property as { name: string }).name, FIELD_OF_THIS);
      } else if (depth === 0 && inner.type === "VariableDeclarator" && inner.id.type === "Identifier")
        this.names.global(inner.id.name);
      else if (depth === 0 && inner.type === "FunctionDeclaration" && inner.id) this.names.global(inner.id.name);
    });
  }
}

/** Fields of objects with many: half of them come before. */
const FIELD_OF_THIS = 8;

function isNumber(node: AnyNode): boolean {
  return node.type === "Literal" && typeof node.value === "number";
}

/** Names that a function's body declares, without those of functions in it. */
function declaredIn(body: AnyNode): string[] {
  const names = new Set<string>();
  each(body, (node, depth) => {
    if (depth > 0 || !("id" in node) || node.id?.type !== "Identifier") return;
    if (node.type === "VariableDeclarator" || node.type === "FunctionDeclaration") names.add(node.id.name);
  });
  return [...names];
}

/** Visits a node and all in it. @param visit is given how many functions lie between */
function each(node: AnyNode, visit: (node: AnyNode, depth: number) => void, depth = 0): void {
  visit(node, depth);
  const isFunction = /Function/.test(node.type);
  for (const [key, child] of Object.entries(node) as [string, unknown][]) {
    if (key === "type" || typeof child !== "object" || child === null) continue;
    for (const one of Array.isArray(child) ? (child as unknown[]) : [child])
      if (typeof (one as AnyNode | null)?.type === "string") each(one as AnyNode, visit, depth + (isFunction ? 1 : 0));
  }
}
