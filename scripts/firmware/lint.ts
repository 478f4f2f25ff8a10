/** The last gate: the finished script, read as the interpreter will read it. */
import { Linter } from "eslint";
import type { Rule } from "eslint";
import type { Statement } from "estree";
import esx from "eslint-plugin-es-x";
import { boardLanguage } from "./language.js";

/** What the interpreter offers on every board we build for; the rest is asked for by `require`. */
const GLOBALS = [
  ...["E", "Pin", "Serial", "SPI", "I2C", "Storage", "process", "global", "print", "console", "load", "reset"],
  ...["Serial1", "Serial2", "Serial3", "Serial4", "Serial5", "Serial6", "USB", "LoopbackA", "LoopbackB", "Telnet"],
  ...["setTimeout", "setInterval", "clearTimeout", "clearInterval", "changeInterval", "setWatch", "clearWatch"],
  ...["pinMode", "digitalRead", "digitalWrite", "digitalPulse", "analogRead", "getTime", "setTime", "peek32", "poke32"],
  ...["Waveform", "OneWire", "btoa"],
  ...["require", "exports", "module", "arguments", "$openSocket", "$programs", "$counts", "$_p", "$_b", "$_r", "$_o"],
  ...["ArrayBuffer", "Boolean", "DataView", "Date", "Error", "Function", "JSON", "Math", "Number", "Object"],
  ...["Promise", "RegExp", "String", "TypeError", "Uint8Array", "Uint16Array", "Uint32Array", "Int16Array"],
  ...["Int32Array", "Float32Array", "Infinity", "NaN", "isNaN", "isFinite", "parseInt", "parseFloat", "undefined"],
];

/** Whether it is a function, or a variable for nothing yet or for something that is always there. */
function isDeclaration(statement: Statement): boolean {
  if (statement.type !== "VariableDeclaration") return statement.type === "FunctionDeclaration";
  return statement.declarations.every(
    ({ init }) => !init || init.type === "MemberExpression" || init.type === "Identifier",
  );
}

/** Shapes that are ES5 and still go wrong. */
const traps: Rule.RuleModule = {
  create: (context) => ({
    FunctionDeclaration: (node) => {
      const parent = node.parent as { body?: unknown };
      const siblings = Array.isArray(parent.body) ? (parent.body as Statement[]) : [];
      const before = siblings.slice(0, siblings.indexOf(node));
      if (siblings.length === 0 || !before.every(isDeclaration))
        context.report({ node, message: "A function after a statement: Espruino does not hoist." });
    },
    "Literal[regex]": (node: Rule.Node) => {
      if (context.sourceCode.getTokenBefore(node)?.value === ")")
        context.report({ node, message: "A regular expression after `)` is a syntax error on Espruino." });
    },
    ReturnStatement: (node) => {
      if (node.argument && node.argument.loc!.start.line !== node.loc!.start.line)
        context.report({ node, message: "Espruino returns nothing when the value is on the next line." });
      const { body } = node.parent as { body?: Statement[] };
      if (Array.isArray(body) && body.slice(body.indexOf(node)).some(({ type }) => type === "VariableDeclaration"))
        context.report({
          node,
          message: "A `var` behind `return`: Espruino does not hoist it, and takes an outer one.",
        });
    },
  }),
};

/** @returns the faults, one sentence each; none when the script is fit for the board */
export function lintBundle(code: string): string[] {
  const linter = new Linter();
  const messages = linter.verify(code, {
    languageOptions: {
      ecmaVersion: 5,
      sourceType: "script",
      globals: Object.fromEntries(GLOBALS.map((name) => [name, "readonly" as const])),
    },
    plugins: { "es-x": esx, board: { rules: { traps } } },
    rules: {
      ...boardLanguage,
      "no-undef": "error",
      "no-eval": "error",
      // A variable is there only once its `var` has run: assigned elsewhere, it would be one of the module's.
      "block-scoped-var": "error",
      "no-use-before-define": ["error", { functions: false, variables: false }],
      "board/traps": "error",
    },
  });
  const faults = messages.map(({ line, column, message }) => `${line}:${column} ${message}`);
  if (/[^ -~\n]/.test(code)) faults.push("a character outside ASCII: the interpreter would read two bytes");
  return faults;
}
