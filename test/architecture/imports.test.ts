import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { posix } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = fileURLToPath(new URL("../..", import.meta.url));
const LAYERS = ["protocols", "boards", "firmware", "simulator", "host", "examples", "scripts", "soak", "bench", "test"];

interface Import {
  /** Path of the importing file from the repository's root. */
  from: string;
  /** Path of the file imported, `#board`, `#features`, or the name of a package or of a module of Node. */
  to: string;
  /** Gone after compilation. */
  typeOnly: boolean;
}

/**
 * Who may import what, by the longest prefix of the importer's path that stands here. A file may always import from
 * the folder of that prefix. A name without a slash is a whole layer; `npm` and `node` are packages and Node's own.
 */
const ALLOWED: Record<string, string[]> = {
  "protocols/": [],
  "protocols/bytes/": [],
  "protocols/bytes/node.ts": ["node", "protocols/bytes/"],
  "protocols/crypto/": ["protocols/bytes/"],
  "protocols/crypto/node.ts": ["node", "protocols/bytes/", "protocols/crypto/"],
  "protocols/errors/": [],
  "protocols/link/": ["protocols/bytes/", "protocols/crypto/", "protocols/errors/"],
  "protocols/session/": ["protocols/link/", "protocols/bytes/", "protocols/crypto/", "protocols/errors/"],
  "protocols/nothing.ts": [],
  "protocols/socket/": [
    "protocols/session/",
    "protocols/link/",
    "protocols/bytes/",
    "protocols/errors/",
    "protocols/nothing.ts",
  ],
  "protocols/service/": ["protocols/bytes/", "protocols/errors/"],
  "protocols/device/": ["protocols/bytes/", "protocols/errors/"],
  "boards/": [],
  "boards/built.ts": ["node"],
  "firmware/io/": ["protocols/bytes/", "protocols/crypto/", "protocols/errors/", "protocols/nothing.ts"],
  "firmware/network/": ["firmware/io/", "protocols/bytes/", "protocols/errors/", "#board"],
  "firmware/driver/": [
    "firmware/io/",
    "protocols/bytes/",
    "protocols/errors/",
    "protocols/device/",
    "protocols/service/",
    "#features",
  ],
  "firmware/sensors": ["firmware/sensors/", "protocols/bytes/", "protocols/service/"],
  "firmware/endpoint/": ["firmware/io/", "firmware/network/", "protocols/", "#features"],
  "firmware/main.ts": ["firmware/", "protocols/", "#board", "#features"],
  "firmware/about.ts": ["firmware/", "protocols/", "#board", "#features"],
  "firmware/entrance.ts": ["firmware/", "protocols/", "#board"],
  "firmware/boot.ts": ["protocols/bytes/", "protocols/service/", "#board"],
  "firmware/config.ts": ["firmware/", "protocols/", "#features"],
  "firmware/health.ts": ["firmware/", "protocols/", "#board", "#features"],
  "firmware/starts.ts": ["firmware/io/", "protocols/service/", "#features"],
  "firmware/devices.ts": ["firmware/", "protocols/", "#board", "#features"],
  "firmware/sockets": ["protocols/bytes/", "protocols/errors/", "protocols/service/", "firmware/sockets/"],
  "simulator/": ["protocols/device/", "boards/", "node", "npm"],
  "host/": ["protocols/", "boards/", "node", "npm"],
  "host/cli/": ["host/index.ts", "simulator/", "node", "npm"],
  "examples/": ["host/", "simulator/", "boards/", "protocols/", "node", "npm"],
  "scripts/": ["boards/", "protocols/device/", "host/", "node", "npm"],
  "scripts/costs": ["scripts/", "boards/", "simulator/", "node", "npm"],
  "soak/": ["protocols/", "host/paced-sockets.ts", "node", "npm"],
  "soak/fuzz/": ["protocols/", "host/", "soak/", "node", "npm"],
  "bench/": ["protocols/", "boards/", "host/", "simulator/", "scripts/", "soak/", "node", "npm"],
  "test/": [
    "protocols/",
    "boards/",
    "firmware/",
    "host/",
    "simulator/",
    "examples/",
    "scripts/",
    "soak/",
    "bench/",
    "node",
    "npm",
    "#board",
    "#features",
  ],
};

/** What may be imported for its types alone, beyond the above: an endpoint is handed its driver by devices.ts. */
const ALLOWED_TYPES: Record<string, string[]> = {
  "firmware/endpoint/": ["firmware/driver/"],
};

function sources(directory: string): string[] {
  return readdirSync(posix.join(root, directory), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(directory, entry.name);
    if (entry.isDirectory()) return sources(path);
    return /\.[cm]?[jt]s$/.test(entry.name) && !entry.name.endsWith(".d.ts") ? [path] : [];
  });
}

/** Every import, re-export, dynamic import and import type of a text. */
function importsOf(from: string, text: string): Import[] {
  const found: Import[] = [];
  const add = (specifier: ts.Node | undefined, typeOnly: boolean): void => {
    if (specifier && ts.isStringLiteralLike(specifier))
      found.push({ from, to: resolveImport(from, specifier.text), typeOnly });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isTypeOnly(node.importClause));
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, true);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0], false);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(from, text, ts.ScriptTarget.Latest, true));
  return found;
}

function isTypeOnly(clause: ts.ImportClause | undefined): boolean {
  if (!clause) return false;
  const named = clause.namedBindings && ts.isNamedImports(clause.namedBindings) ? clause.namedBindings.elements : [];
  return clause.isTypeOnly || (!clause.name && named.length > 0 && named.every((element) => element.isTypeOnly));
}

function resolveImport(from: string, specifier: string): string {
  return specifier.startsWith(".") ? posix.join(posix.dirname(from), specifier).replace(/\.js$/, ".ts") : specifier;
}

/** The rule that an import breaks, or nothing. */
function fault({ from, to, typeOnly }: Import): string | undefined {
  const prefix = Object.keys(ALLOWED)
    .filter((key) => from.startsWith(key))
    .sort((a, b) => b.length - a.length)[0];
  if (prefix === undefined) return `${from} belongs to no layer`;
  const allowed = [...ALLOWED[prefix]!, ...(typeOnly ? (ALLOWED_TYPES[prefix] ?? []) : [])];
  const kind = kindOf(to);
  const ok = kind ? allowed.includes(kind) : [prefix, ...allowed].some((target) => to.startsWith(target));
  return ok ? undefined : `${from} imports ${to}; it may import ${[prefix, ...allowed].join(", ")}`;
}

function kindOf(to: string): string | undefined {
  if (to.startsWith("#")) return to;
  if (to.startsWith("node:") || builtinModules.includes(to)) return "node";
  return LAYERS.includes(to.split("/")[0]!) && to.includes("/") ? undefined : "npm";
}

describe("architecture", () => {
  const files = LAYERS.flatMap(sources);
  const imports = files.flatMap((file) => importsOf(file, readFileSync(posix.join(root, file), "utf8")));

  it("has imports in the allowed directions only", () => {
    assert.ok(imports.length > 100, `only ${imports.length} imports were found`);
    assert.deepEqual(imports.map(fault).filter(Boolean), []);
  });

  it("has no cycle between files, types aside", () => {
    const next = new Map<string, string[]>();
    for (const { from, to, typeOnly } of imports)
      if (!typeOnly && !kindOf(to)) next.set(from, [...(next.get(from) ?? []), to]);
    const done = new Set<string>();
    const cycles: string[] = [];
    const walk = (file: string, path: string[]): void => {
      if (path.includes(file)) cycles.push([...path.slice(path.indexOf(file)), file].join(" -> "));
      if (done.has(file) || path.includes(file)) return;
      for (const target of next.get(file) ?? []) walk(target, [...path, file]);
      done.add(file);
    };
    for (const file of files) walk(file, []);
    assert.deepEqual(cycles, []);
  });

  const forbidden: [string, string, string][] = [
    ["protocols/link/frame.ts", 'import { x } from "../session/session.js";', "link looks up to session"],
    ["protocols/service/index.ts", 'import { x } from "../socket/socket.js";', "a service looks up to sockets"],
    ["protocols/link/frame.ts", 'import fs from "node:fs";', "protocols use Node"],
    ["protocols/link/frame.ts", 'import { z } from "zod";', "protocols use a package"],
    ["boards/linux.ts", 'import type { A } from "../protocols/bytes/index.js";', "a board looks at protocols"],
    ["firmware/driver/escpos.ts", 'import { x } from "../endpoint/raw.js";', "a driver looks at endpoints"],
    ["firmware/driver/escpos.ts", 'import { board } from "#board";', "a driver sees the board"],
    [
      "firmware/driver/escpos.ts",
      'import type { S } from "../../protocols/socket/socket.js";',
      "a driver sees sockets",
    ],
    ["firmware/endpoint/raw.ts", 'import { Escpos } from "../driver/escpos.js";', "an endpoint makes a driver"],
    ["firmware/main.ts", 'import { readFileSync } from "fs";', "firmware uses Node"],
    ["simulator/board.ts", 'import { main } from "../firmware/main.js";', "the simulator imports firmware"],
    [
      "simulator/board.ts",
      'import { Session } from "../protocols/session/session.js";',
      "the simulator knows sessions",
    ],
    ["host/index.ts", 'export * from "../simulator/board.js";', "the library needs the simulator"],
    ["host/cli/main.ts", 'const x = await import("../transport/tcp.js");', "a command reaches into the library"],
    ["soak/world.ts", 'import { connect } from "../host/index.js";', "the world knows the host's library"],
    ["bench/main.ts", 'import "../test/vectors/run-link.js";', "something imports test"],
    ["host/index.ts", 'type T = import("../test/x.js").T;', "something imports a type of test"],
  ];
  for (const [from, text, name] of forbidden)
    it(`would notice that ${name}`, () => {
      const [only, second] = importsOf(from, text);
      assert.ok(only && !second);
      assert.notEqual(fault(only), undefined);
    });
});
