/** Expressions: all their parts are run but those behind a condition. */
import type { AnyNode, Function as FunctionNode } from "acorn";
import { Counting } from "./stretches.js";
import { isNumber } from "./syntax.js";

export abstract class Expressions extends Counting {
  /** A function comes into being; what its body takes is for those who call it. */
  protected abstract functionNode(node: Extract<AnyNode, FunctionNode>): void;

  protected expression(node: AnyNode): void {
    this.count({ expression: 1 });
    this.operand(node);
  }

  /** An operand, or what operators make of several. */
  protected operand(node: AnyNode): void {
    switch (node.type) {
      case "BinaryExpression":
        this.read(node, node.left, node.right);
        this.count({ operator: 1 });
        if (node.operator === "+" && !isNumber(node.left) && !isNumber(node.right)) this.strings("joined", node);
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

  protected assignment(node: Extract<AnyNode, { type: "AssignmentExpression" }>): void {
    this.read(node, node.left, node.right);
    this.count(node.operator === "=" ? { assign: 1 } : { append: 1 });
    if (node.operator === "+=" && !isNumber(node.right)) this.strings("appended", node);
    this.operand(node.left);
    this.expression(node.right);
  }

  /** What it takes depends on how long they are. */
  protected strings(form: "joined" | "appended", node: AnyNode & { right: AnyNode }): void {
    this.stretch(form, node.start, node.end, () => {});
    this.stretch("added", node.right.start, node.right.end, () => {});
  }

  protected value(node: AnyNode): void {
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
}
