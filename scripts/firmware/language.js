/** What may stand in code for the board: one list for the lint of the sources and for that of the built bundle. */
import esx from "eslint-plugin-es-x";

/** Since ES2015, and still allowed: TypeScript's ES5 output says it rightly and cheaply, or the interpreter has it. */
const ALLOWED = [
  "array-prototype-fill",
  "array-prototype-find",
  "array-prototype-findindex",
  "array-prototype-includes",
  "arrow-functions",
  "binary-numeric-literals",
  "block-scoped-variables",
  "class-instance-fields",
  "classes",
  "computed-properties",
  "default-parameters",
  "destructuring",
  "exponential-operators",
  "for-of-loops",
  "logical-assignment-operators",
  "math-sign",
  "modules",
  "nullish-coalescing-operators",
  "numeric-separators",
  "object-assign",
  "object-entries",
  "object-values",
  "octal-numeric-literals",
  "optional-catch-binding",
  "optional-chaining",
  "promise",
  "property-shorthands",
  "string-prototype-endswith",
  "string-prototype-includes",
  "string-prototype-padstart-padend",
  "string-prototype-repeat",
  "string-prototype-replaceall",
  "string-prototype-startswith",
  "template-literals",
  "trailing-function-commas",
  "typed-arrays",
];

/** Built-ins of ES5 and later that the interpreter lacks and that no other rule finds. */
const MISSING = [
  { property: "reduceRight" },
  { object: "Object", property: "freeze" },
  { object: "Object", property: "isFrozen" },
  { object: "Object", property: "seal" },
  { object: "Promise", property: "race" },
].map((entry) => ({ ...entry, message: "Espruino lacks it." }));

const BROKEN = [
  { selector: "ClassDeclaration[superClass]", message: "Inheritance is broken on Espruino; compose instead." },
  { selector: "ClassExpression", message: "Declare the class; the build flattens declarations only." },
  { selector: "PropertyDefinition[static=true]", message: "Use a module constant." },
];

function newSince2015() {
  const years = Object.keys(esx.configs).filter((name) => /^flat\/no-new-in-es(20\d\d|next)$/.test(name));
  if (years.length === 0) throw new Error("eslint-plugin-es-x has renamed its configurations");
  return years.map((name) => esx.configs[/** @type {keyof typeof esx.configs} */ (name)].rules);
}

/**
 * ESLint rules that hold for the sources and for the bundle; the plugin is registered as "es-x".
 * @type {Record<string, import("eslint").Linter.RuleEntry>}
 */
export const boardLanguage = {
  ...Object.assign({}, ...newSince2015()),
  ...Object.fromEntries(ALLOWED.map((name) => [`es-x/no-${name}`, "off"])),
  "no-labels": "error",
  "no-with": "error",
  "default-case-last": "error",
  "no-restricted-properties": ["error", ...MISSING],
};

/** ESLint rules for the TypeScript sources of firmware/ and protocols/. */
export const boardSources = {
  ...boardLanguage,
  "no-restricted-syntax": ["error", ...BROKEN],
  "no-restricted-globals": ["error", "TextEncoder", "TextDecoder", "Buffer", "queueMicrotask", "setImmediate"],
  eqeqeq: "off",
  // The interpreter's own, not Node's.
  "@typescript-eslint/no-require-imports": "off",
  // Const enums name the numbers of a layout; the wire's numbers are compared with them.
  "@typescript-eslint/no-unsafe-enum-comparison": "off",
  "@typescript-eslint/no-duplicate-enum-values": "off",
};
