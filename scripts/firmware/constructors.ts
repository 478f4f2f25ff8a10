/**
 * A class as the object that its instances inherit from, its constructor a method like the others: so that can be an overlay. The function that `new` wants, and its `prototype`, would take
 * five variables and one for each parameter for as long as the board runs.
 */
import ts from "typescript";

/** What is written of a class while the build is at work on it: whoever looks for methods finds them in one form. */
const PROTOTYPE = ".prototype";

export interface Constructed {
  code: string;
  /** Names of classes that are objects now. */
  classes: string[];
  /** Names of their constructors: no other member has one of them. */
  constructors: string[];
}

/** @param code a minified script, functions first */
export function constructorsToMethods(code: string): Constructed {
  const script = ts.createSourceFile("bundle.js", code, ts.ScriptTarget.ES5, true, ts.ScriptKind.JS);
  const functions = script.statements.filter(ts.isFunctionDeclaration);
  const made = functions.filter(({ name }) => isClass(script, name!.text));
  const classes = made.map(({ name }) => name!.text);
  const constructors = classes.map((_, i) => `_${i}`);
  const named = (name: string): string => constructors[classes.indexOf(name)]!;
  /** Those that stand with their classes' methods, before the first one. */
  const placed = new Set<string>();
  const constructorOf = (name: string): string => {
    placed.add(name);
    const { parameters, body } = made[classes.indexOf(name)]!;
    const inner = write(body!).slice(1, -1);
    const text = `{${inner}${inner.endsWith(";") ? "" : ";"}return this}`;
    return `${name}${PROTOTYPE}.${named(name)}=function(${parameters.map(write).join()})${text},`;
  };
  const write = (node: ts.Node): string => {
    if (ts.isNewExpression(node) && classes.includes(node.expression.getText())) {
      const name = node.expression.getText();
      return `Object.create(${name}${PROTOTYPE}).${named(name)}(${(node.arguments ?? []).map(write).join()})`;
    }
    const owner = ownerOf(node);
    let out = owner !== undefined && classes.includes(owner) && !placed.has(owner) ? constructorOf(owner) : "";
    let at = node.getStart();
    ts.forEachChild(node, (child) => {
      out += code.slice(at, child.getStart()) + write(child);
      at = child.end;
    });
    return out + code.slice(at, node.end);
  };
  // Functions come first; what is declared here needs none of them.
  const last = functions.at(-1);
  const objects = classes.map((name) => `var ${name}={};`).join("");
  const texts = script.statements.map((statement) => {
    const text = made.includes(statement as ts.FunctionDeclaration) ? "" : write(statement);
    return statement === last ? text + objects : text;
  });
  return { code: texts.join(""), classes, constructors };
}

/** The class of a method: `X.prototype.NAME=function...`. */
function ownerOf(node: ts.Node): string | undefined {
  const method = ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken;
  const owner = method ? /^([\w$]+)\.prototype\.[\w$]+$/.exec(node.left.getText()) : null;
  return owner?.[1];
}

/** The last step: what inherits is the object itself. Where all its methods are one literal, that is the object. */
export function withoutPrototypes(code: string, classes: readonly string[]): string {
  const plain = classes.reduce(
    (text, name) => text.replace(new RegExp(`(?<![\\w$.])${escaped(name)}\\.prototype\\b`, "g"), () => name),
    code,
  );
  return classes.reduce((text, name) => {
    const object = escaped(name);
    const twice = new RegExp(`(var )?(?<![\\w$.])${object}=\\{\\};((?:.*[;}])?)${object}=\\{(?!\\})`, "s");
    return text.replace(twice, (_, declares = "", between) => `${between}${declares}${name}={`);
  }, plain);
}

function escaped(name: string): string {
  return name.replace(/\$/g, "\\$");
}

/** Whether a function of this name is only called by `new`, and has methods. */
function isClass(script: ts.SourceFile, name: string): boolean {
  if (!script.text.includes(`${name}${PROTOTYPE}.`)) return false;
  let only = true;
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && node.text === name) {
      const { parent } = node;
      const declares = ts.isFunctionDeclaration(parent) && parent.name === node;
      const makes = ts.isNewExpression(parent) && parent.expression === node;
      const member = ts.isPropertyAccessExpression(parent);
      const inherits = member && parent.expression === node && parent.name.text === "prototype";
      if (!declares && !makes && !inherits && !(member && parent.name === node)) only = false;
    }
    ts.forEachChild(node, visit);
  };
  visit(script);
  return only;
}
