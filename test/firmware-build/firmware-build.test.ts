import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import vm from "node:vm";
import ts from "typescript";
import { boards } from "../../boards/index.js";
import type { BoardSpec } from "../../boards/index.js";
import { build } from "../../scripts/firmware/build.js";
import type { Firmware } from "../../scripts/firmware/build.js";
import { link } from "../../scripts/firmware/bundle.js";
import { compile } from "../../scripts/firmware/compile.js";
import { constructorsToMethods, withoutPrototypes } from "../../scripts/firmware/constructors.js";
import { declared } from "../../scripts/firmware/globals.js";
import { splitLater } from "../../scripts/firmware/later.js";
import type { Split } from "../../scripts/firmware/later.js";
import { overlaysOf, residents } from "../../scripts/firmware/overlays.js";
import { touchUp } from "../../scripts/firmware/peephole.js";
import { lintBundle } from "../../scripts/firmware/lint.js";
import { writePrototypes } from "../../scripts/firmware/prototypes.js";
import { tokenise } from "../../scripts/firmware/tokenise.js";
import { withoutUncalled } from "../../scripts/firmware/uncalled.js";
import { declareFirst } from "../../scripts/firmware/variables.js";
import { detokenise } from "../../boards/tokens.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const fixture = (name: string): string => `test/firmware-build/fixtures/${name}.ts`;
const SEAM = "protocols/bytes/espruino.ts";

/** Runs a bundle with the interpreter's String.fromCharCode, which takes the low byte of each code. */
function load(code: string): { sample: (bytes: string) => object } {
  const exports = {};
  const bytes = { fromCharCode: (...codes: number[]) => String.fromCharCode(...codes.map((c) => c & 255)) };
  vm.runInNewContext(code, { exports, String: bytes });
  return exports as { sample: (bytes: string) => object };
}

describe("firmware build", function () {
  this.timeout(60_000);

  describe("of the smallest board that prints", () => {
    const printing = boards.filter(({ builds }) => builds[0]?.features.includes("printers"));
    const board = printing.reduce((least, next) => (next.storage < least.storage ? next : least));
    let built: Firmware;
    before(async () => {
      [built] = (await build(root, [board.id])) as [Firmware];
    });

    it(`fits ${board.id}: its Storage, and two fifths of its variables`, () => {
      const { bytes, estimated } = built.cost;
      assert.ok(bytes < board.storage - 512, `${bytes} of ${board.storage} B`);
      assert.ok(estimated < board.variables * 0.4, `${estimated} of ${board.variables} variables`);
    });

    it("holds plain ASCII, no comment, no class wrapper and no private name", () => {
      const { code } = built;
      assert.match(code, /^[ -~\n]*$/);
      assert.doesNotMatch(code, /\/\*|\/\/ /);
      assert.doesNotMatch(code, /return \w+\}\(\)/);
      assert.doesNotMatch(code, /\._[a-z]{3}/);
    });
  });

  describe("tokens", () => {
    it("stand for operators and reserved words, and for nothing in texts, names and regular expressions", () => {
      const code =
        'function f(a){if(!a)return this.delete+"if(a)return==";for(var b in a)a[b]=b- -b+ +b/(1&&/in=+==/);}';
      const image = tokenise(code);
      assert.ok(image.length < code.length - 20, image);
      assert.match(image, /\.delete\+"if\(a\)return=="/);
      assert.match(image, /b- -b\+ \+b/);
      assert.match(image, /\/in=\+==\//);
      assert.equal(detokenise(image).replace(/ /g, ""), code.replace(/ /g, ""));
    });

    it("leave a program that does the same", async () => {
      const [small] = await build(root, ["linux"], fixture("small"), "module");
      const sample = (code: string): object => load(code).sample("\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09");
      assert.deepEqual({ ...sample(detokenise(small!.image)) }, { ...sample(small!.code) });
    });
  });

  /** Runs a program whose Storage is this image: it can be called and looked at as by the firmware's look, and tells which parts it evaluated later and which overlays it made. */
  function start(image: string): {
    call: (text: string) => unknown;
    look: () => void;
    parts: string[];
    made: string[];
  } {
    const parts: string[] = [];
    const made: string[] = [];
    const context = vm.createContext({ require: () => ({ read: () => image }) });
    const run = (text: string): unknown => vm.runInContext(detokenise(text), context) as unknown;
    Object.assign(context, {
      eval: (text: string) => {
        parts.push(text);
        return run(text);
      },
      Function: (...texts: string[]) => {
        const body = detokenise(texts.pop()!);
        made.push(body);
        return run(`(function(${texts.join()}){${body}})`);
      },
    });
    run(image);
    return {
      call: (text) => run(`JSON.stringify($sample(${JSON.stringify(text)}))`),
      look: () => void run("$_o=$_r;$_r=[]"),
      parts,
      made,
    };
  }

  describe("parts that are loaded when they are called", () => {
    it("do the same as a program in one piece, and are read once", async () => {
      const [later] = await build(root, ["linux"], fixture("later"));
      const whole = start(tokenise(later!.code));
      const split = start(later!.image);
      assert.deepEqual(split.parts, []);
      const said = split.call("Hello");
      assert.equal(said, '[1,"HELLO!1.","N1LATER3!","hello","AGAIN!2.","N2LATER5!",6,0]');
      assert.equal(split.parts.length, 2);
      assert.equal(whole.call("Hello"), said);
      assert.equal(split.call("more"), whole.call("more"));
      assert.equal(split.parts.length, 2);
      assert.deepEqual(whole.parts, []);
    });

    it("bring methods where something loads them, and no other class has one of that name", () => {
      const split = (code: string): Split =>
        splitLater(
          code,
          new Map([
            [".a", "part"],
            ["f", "part"],
          ]),
          [],
          false,
          new Map(),
        );
      const loaded = "var X={};X.prototype.a=function(){};function f(){}f();";
      const method = "X.prototype.a=function";
      const { main, parts } = split(loaded);
      assert.ok(parts.get("part")!.includes(method) && !main.includes(method), main);
      assert.ok(split(loaded.replace("f();", "g(f);")).main.includes(method));
      assert.throws(() => split(`${loaded}var Y={};Y.prototype.a=function(){};`), /several classes have a method \.a/);
    });

    it("take with them what nothing else uses", async () => {
      const [later] = await build(root, ["linux"], fixture("later"));
      const { image, parts } = later!;
      assert.deepEqual([...parts.keys()].sort(), ["first", "second"]);
      const [first, start] = [image.slice(0, image.indexOf("*/")), image.slice(image.indexOf("*/"))];
      for (const text of ['"."', ".push(", "LATER"]) assert.ok(first.includes(text) && !start.includes(text), text);
      for (const text of ["toUpperCase", "toLowerCase"]) assert.ok(start.includes(text) && !first.includes(text), text);
    });
  });

  describe("overlays", () => {
    const overlays = (): Promise<Firmware[]> => build(root, ["linux"], fixture("overlays"));

    it("do the same as a program in one piece, and are read again when they were dropped", async () => {
      const [made] = await overlays();
      const whole = start(tokenise(made!.code));
      const split = start(made!.image);
      assert.deepEqual(split.made, [], "nothing is read before it is called");
      const said = '["hello!","hello!1","HELLO",3]';
      assert.equal(whole.call("hello"), said);
      assert.equal(split.call("hello"), said);
      const { length } = split.made;
      assert.ok(length > 0);
      assert.deepEqual([split.parts, whole.made], [[], []]);
      assert.equal(split.call("more"), whole.call("more"));
      assert.equal(split.made.length, length, "what was called lately is still there");
      split.look();
      assert.equal(split.call("again"), whole.call("again"));
      assert.equal(split.made.length, length, "it was called since the look before");
      split.look();
      split.look();
      assert.equal(split.call("late"), whole.call("late"));
      assert.equal(split.made.length, 2 * length);
    });

    it("are neither what is marked @resident, nor what is used as a value, nor what shares its name", async () => {
      const [made] = await overlays();
      const { image } = made!;
      const [flash, stays] = [image.slice(0, image.indexOf("*/")), image.slice(image.indexOf("*/"))];
      for (const text of ["RESIDENT", "VALUE", "NAMESAKE"])
        assert.ok(stays.includes(text) && !flash.includes(text), text);
      for (const text of ["FUNCTION", "METHOD"]) assert.ok(flash.includes(text) && !stays.includes(text), text);
    });

    it("are none that is given more than it has parameters for: one that another group makes has more", () => {
      const code = "function f(a){var b;return[a,b]}function g(a){return a}f(1,2);g(1)";
      assert.deepEqual([...overlaysOf(code, new Set(), new Set(), 1).keys()], ["g"]);
    });

    it("are, on a board with few variables, what is @resident where one is large or has a feature", async () => {
      const boardOf = (id: string): BoardSpec => boards.find((board) => board.id === id)!;
      const marked = (tag: string): string => `/** @resident ${tag} */\nfunction f(){}\n`;
      const stays = (tag: string, id: string): boolean => residents(marked(tag), boardOf(id), ["udp"]).length > 0;
      for (const id of ["espruino-wifi", "linux"])
        assert.ok(
          ["", "large", "serial"].every((tag) => stays(tag, id)),
          id,
        );
      assert.deepEqual(
        ["", "udp serial", "large", "serial"].map((tag) => stays(tag, "pico-wiznet")),
        [true, true, false, false],
      );
      assert.throws(() => stays("often", "linux"), /resident where often/);
    });

    it("leave a board that starts with less than half of its functions", async () => {
      const [linux] = await build(root, ["linux"]);
      const { cost, parts } = linux!;
      assert.ok(parts.has("printer") && parts.has("job") && parts.has("key"), [...parts.keys()].join());
      assert.ok(cost.estimated < 950, `${cost.estimated} variables at the start`);
    });

    it("leave a comment that the interpreter reads to its end", async () => {
      const [linux] = await build(root, ["linux"]);
      const comment = linux!.image.slice(0, linux!.image.indexOf("*/"));
      assert.ok(comment.startsWith("/*") && !comment.includes("\0"));
      assert.equal(detokenise(linux!.image).slice(0, comment.length), comment);
    });
  });

  describe("what nothing calls", () => {
    const own = new Set(["a", "b", "c", "d"]);
    /** What is left of a class X, whose methods stand in one statement, and of functions beside it. */
    const left = (code: string, roots: string[] = []): string => withoutUncalled(code, own, new Set(roots)).code;
    const method = (name: string, body = ""): string => `X.prototype.${name}=function(){${body}}`;

    it("is left out, with what only that calls, and if it calls itself", () => {
      const code = `${method("a", "this.b()")},${method("b", "f();this.a()")},${method("c")};function f(){}x.c();`;
      assert.equal(left(code), `${method("c")};x.c();`);
      const { dropped } = withoutUncalled(code, own, new Set());
      assert.deepEqual([...dropped].sort(), [".a", ".b", "f"]);
    });

    it("stays where it is called by what others call, handed around, or named in a text or an object", () => {
      for (const code of [
        `${method("a")};function f(){x.a()}`,
        `${method("a")};g(x.a);`,
        `${method("a")};x["a"]();`,
        `${method("a")};var o={a:1};`,
        "function X(){}" + method("a") + ";x.a();",
        method("toString") + ";",
      ])
        assert.equal(left(code, ["f"]), code);
    });

    it("is nothing that the rest of a build names", async () => {
      for (const { name, code } of await build(root, ["microbit2"])) {
        const made = declared(ts.createSourceFile(name, code, ts.ScriptTarget.ES5, true, ts.ScriptKind.JS));
        const named = new Set(code.match(/(?<![\w$])\$[a-zA-Z]\w*/g));
        assert.deepEqual(
          [...named].filter((text) => !made.has(text)),
          [],
          name,
        );
      }
    });
  });

  describe("of the seam for bytes", () => {
    it("leaves no function of it", async () => {
      const { modules } = compile(root, "firmware/main.ts", ["linux"]);
      const board = boards.find(({ id }) => id === "linux")!;
      const { code: whole } = await link(modules, "firmware/main", "linux", board.builds[0]!, "program");
      const names = [...readFileSync(`${root}${SEAM}`, "utf8").matchAll(/^export function (\w+)/gm)].map((m) => m[1]!);
      assert.ok(names.includes("u16"));
      const left = names.filter((name) => new RegExp(`\\bfunction ${name}\\b|[^.\\w]${name}\\(`).test(whole));
      assert.deepEqual(left, []);
    });

    it("computes the same, with effects once and in order", async () => {
      const [small] = await build(root, ["linux"], fixture("small"), "module");
      assert.deepEqual(
        { ...load(small!.code).sample("\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09") },
        {
          first: 0x0203,
          second: 0x0405,
          wide: 0x05060708,
          offset: 4,
          // Node keeps codes above 255; the interpreter takes their low byte.
          header: "\xd5\x9a\x02\x03\x00",
          constant: ' A"\\',
          doubled: 12,
          chunk: 536,
        },
      );
    });

    it("makes constant bytes a literal, adds offsets up and shortens names", async () => {
      const [small] = await build(root, ["linux"], fixture("small"), "module");
      assert.match(small!.code, /" A\\x22\\x5c"/);
      assert.match(small!.code, /charCodeAt\(\w+\.\w+\+4\)/);
      assert.doesNotMatch(small!.code, /following|advance|twice/);
      assert.match(small!.code, /\boffset:/);
    });
  });

  describe("last touches", () => {
    it("append to a member where it is, if what is added is a mere name", () => {
      assert.equal(touchUp("a.b=a.b+c;this.q=this.q+e"), "a.b+=c;this.q+=e");
      for (const code of ["a.b=a.b+c()", "a.b=c+a.b", "a.b=d.b+c", "a.b=a.b-c"]) assert.equal(touchUp(code), code);
    });
  });

  describe("prototypes", () => {
    it("are literals of the methods that stand together", () => {
      assert.equal(
        writePrototypes("function X(){}X.prototype.a=function(e){f(e)},X.prototype.b=function(){};var y=new X;"),
        "function X(){}X.prototype={a:function(e){f(e)},b:function(){}};var y=new X;",
      );
      assert.equal(
        writePrototypes(
          "var X={},Y={};X.prototype.a=function(){};Y.prototype.b=function(){};f(),X.prototype.c=function(){}",
        ),
        "var X={},Y={};X.prototype={a:function(){}};Y.prototype={b:function(){}};f();X.prototype.c=function(){};",
      );
    });

    it("of a class that stands elsewhere get more members, and keep those that they have", () => {
      const code = "X.prototype.a=function(){};X.prototype.b=function(){};";
      assert.equal(writePrototypes(code), code);
    });

    it("keep what was there before", () => {
      const code = 'Object.defineProperty(X.prototype,"a",{get:f});X.prototype.b=function(){};';
      assert.equal(writePrototypes(code), code);
    });
  });

  describe("constructors", () => {
    const made = constructorsToMethods(
      "function X(e){this.e=e}function Y(){}function f(e){return new X(new X(e))}X.prototype.a=function(){return new Y},X.prototype.b=function(){};",
    );

    it("are methods of the object that instances inherit from", () => {
      assert.deepEqual(made.classes, ["X"]);
      assert.equal(
        withoutPrototypes(writePrototypes(made.code), made.classes),
        "function Y(){}function f(e){return Object.create(X)._0(Object.create(X)._0(e))}var X={_0:function(e){this.e=e;return this},a:function(){return new Y},b:function(){}};",
      );
    });

    it("stay functions where somebody uses them otherwise", () => {
      const code = "function X(){}X.prototype.a=function(){};print(X,new X)";
      assert.equal(constructorsToMethods(code).code, code);
    });
  });

  describe("variables", () => {
    it("are declared before the minifier's first use of them", () => {
      assert.equal(
        declareFirst("var c=[];function f(n){var a=(u=(c=n).length)>4;var c,u;if(a)g(c,u)}"),
        "var c=[];function f(n){var c,u;var a=(u=(c=n).length)>4;if(a)g(c,u)}",
      );
      assert.equal(
        declareFirst("function f(n){g();if(n){if(a=n.b)return a;var a;g(a)}}"),
        "function f(n){g();if(n){var a;if(a=n.b)return a;g(a)}}",
      );
    });

    it("stay where they are declared in time, or belong to another function", () => {
      for (const code of [
        "function f(n){var a;a=n.b;return a}",
        "function f(n){var g=function(){return b};var b;b=n;return g}",
        "function f(n){n.a={a:1};var a;a=n}",
        "function f(n){var a=n,b;b=a}",
      ])
        assert.equal(declareFirst(code), code);
    });
  });

  describe("of what the interpreter cannot do", () => {
    for (const [name, message] of [
      ["inherits", /__extends/],
      ["spreads", /__spreadArray/],
      ["waits", /__awaiter/],
      ["node-only", /TextEncoder/],
    ] as const)
      it(`stops at the compiler: ${name}`, () => assert.throws(() => compile(root, fixture(name), []), message));

    it("names an import that is no file of the firmware", async () => {
      await assert.rejects(build(root, ["linux"], "firmware/nothing.ts"), /firmware\/nothing\.ts/);
    });
  });

  describe("lint of the bundle", () => {
    const faults: [string, string, RegExp][] = [
      ["a function after its use", "f();function f(){}", /does not hoist/],
      ["a function in a block", "if(E){function f(){}}", /block-scoped/],
      ["a regular expression after a bracket", "if(E)/a/.test('a');", /syntax error/],
      ["a value on the next line", "function f(){return(\n1)}", /returns nothing/],
      ["a var behind return", "function f(a){return b=a,b;var b}", /behind `return`/],
      ["a var behind its use", "function f(a){print(b=a);var b}", /before it was defined/],
      ["Map", "new Map();", /Map/],
      ["Symbol", "Symbol('a');", /Symbol/],
      ["Buffer", "Buffer.from('a');", /Buffer/],
      ["Array.from", "Array.from('a');", /Array\.from/],
      ["Math.trunc", "Math.trunc(1.5);", /Math\.trunc/],
      ["Object.freeze", "Object.freeze({});", /Espruino lacks it/],
      ["an arrow function", "var f=()=>1;", /token|parsing/i],
      ["default before case", "switch(E){default:print(1);break;case 1:print(2)}", /last/i],
      ["a label", "a:for(;;)break a;", /label/i],
      ["raw UTF-8", 'print("é");', /ASCII/],
    ];
    for (const [name, code, message] of faults)
      it(`refuses ${name}`, () => assert.match(lintBundle(code).join("\n"), message));

    it("takes what the interpreter can do", () =>
      assert.deepEqual(lintBundle('function f(a){return E.CRC32(a)}print(f("x"),process.memory().free);'), []));
  });
});
