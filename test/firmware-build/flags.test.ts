import assert from "node:assert/strict";
import { flagsAsNumbers } from "../../scripts/firmware/flags.js";

const members = new Set(["a", "b", "c"]);

/** @returns the script, of which `exports` are the exports */
const rewritten = (code: string, exports: string[] = []): string => flagsAsNumbers(code, members, exports);

/** Scripts that stay, but for how the minifier writes `true` and `false`. */
const stays = (code: string): void =>
  assert.equal(
    rewritten(code),
    code.replace(/(\w?)!([01])/g, (_, before: string, value) => before + (before && " ") + (value === "0")),
  );

describe("flags as numbers", () => {
  it("where a member is only tested: conditions, and operands of !, && and || that are tested", () => {
    const tests = "if(o.a)f();while(o.a&&x);for(;x||o.a;);o.a?f():g();o.a&&f();y=!o.a;z=1&o.a;";
    assert.equal(rewritten(`o.a=!0;p.a=!1;${tests}`), `o.a=1;p.a=0;${tests}`);
  });

  for (const [what, read] of Object.entries({
    compared: "if(o.a==x)f();",
    "given to a function that is not known": "g(o.a);",
    "put where others read it": "x={long:o.a};",
    "in a list": "x=[o.a];",
    "made a text": "x=''+o.a;",
    "what a tested value may be": "x=o.a||y;",
    chosen: "x=y?o.a:z;",
    "given by a function that others call": "x=function(){return o.a};",
    "handed on to what can be told": "o.b=o.a;g(o.b);",
    "an object whose member is read": "o.a.x;",
    "counted up": "o.a++;",
  }))
    it(`not where it is ${what}`, () => {
      stays(`o.a=!0;if(o.a)f();${read}`);
    });

  it("of what only has a short name, or none of the members that others know", () => {
    stays("o.long=!0;if(o.long)f();");
    stays("o={long:!0};");
    assert.equal(rewritten("o={a:!0};"), "o={a:1};");
  });

  it("where a value is handed on to what is tested itself", () => {
    assert.equal(rewritten("o.a=o.b=!0;o.c=o.a;if(o.c||o.b)f();"), "o.a=o.b=1;o.c=o.a;if(o.c||o.b)f();");
    assert.equal(rewritten("o.a=x?!0:(f(),!1);"), "o.a=x?1:(f(),0);");
  });

  it("of variables, each by the function that declares it", () => {
    const code = (other: string): string =>
      `function f(){var a=${other};return function(){var b=${other};if(a)return b}}function g(a){a=!0;return x(a)}`;
    assert.equal(rewritten(code("!0")), code("1").replace("b=1", "b=true").replace("a=!0", "a=true"));
  });

  it("of parameters and results of functions and methods that are only called", () => {
    const functions = (value: string): string => `function f(a){if(a)g();return ${value}}if(f(${value}))h();`;
    assert.equal(rewritten(functions("!0")), functions("1"));
    stays(`${functions("!0")}setTimeout(f,1);`);
    stays(functions("!0").replace("(a)g()", "(a)g(arguments)"));
    assert.equal(rewritten(functions("!0"), ["f"]), functions("true"));
    const methods = (value: string): string =>
      `function X(b){this.b=b}X.prototype.a=function(x){return x?${value}:this.b};new X(${value}).a(${value})&&g();`;
    assert.equal(rewritten(methods("!1")), methods("0"));
    stays(`${methods("!1")}h(x.a);`);
    stays(`${methods("!1").replace(")&&g()", ")")}x.a=y;`.replace("new X(!1)", "new X(y)"));
  });

  it("keeps apart what comes before a number", () => {
    assert.equal(rewritten("function f(){return!0}f()&&g();"), "function f(){return 1}f()&&g();");
  });

  it("makes numbers of comparisons that are held longer than a call takes", () => {
    assert.equal(
      rewritten("function f(x,y){var c=x>y;o.a=x>y;o.b=!x;if(c&&!y&&o.a&&o.b)return x}"),
      "function f(x,y){var c=x>y;o.a=+(x>y);o.b=+!x;if(c&&!y&&o.a&&o.b)return x}",
    );
    assert.equal(rewritten("o.a=z||(y,x>y);if(o.a)f();"), "o.a=z||(y,+(x>y));if(o.a)f();");
    stays("o.a=x>y;f(o.a);");
  });
});
