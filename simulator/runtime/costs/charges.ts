/** Walks a program as the interpreter does, and says what each stretch without a branch takes. */
import { parse } from "acorn";
import type { AnyNode, BlockStatement, Function as FunctionNode, Pattern, Program, Token } from "acorn";
import { Expressions } from "./expressions.js";
import type { Names } from "./names.js";
import type { Stretch } from "./stretches.js";
import { declaredIn, each } from "./syntax.js";
import { Text } from "./text.js";

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

class Walker extends Expressions {
  /** Where the rest is passed over from a `return`, and from a `break` or `continue`. */
  private functionEnd = 0;
  private loopEnd = 0;
  /** Whether a statement may have left the stretch. */
  private left = false;

  program(node: Program): Stretch[] {
    this.functionEnd = node.end;
    for (const statement of node.body) this.globalsOf(statement);
    this.stretch("before", node.start, node.start, () => this.statements(node.body));
    return this.stretches;
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

  protected override functionNode(node: Extract<AnyNode, FunctionNode>): void {
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

  /** The globals that a statement at the top makes, the interpreter's objects that it names, and the fields that objects get. */
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
      else if (depth === 0 && inner.type === "Identifier") this.names.object(inner.name);
    });
  }
}

/** Fields of objects with many: half of them come before. */
const FIELD_OF_THIS = 8;
