import tseslint from "typescript-eslint";
import esx from "eslint-plugin-es-x";

/** What TypeScript's ES5 output says rightly and cheaply, or what the interpreter has itself. */
const boardHas = [
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

/** Everything else since ES2015 is a syntax error, missing, or silently wrong on the board. */
const boardRules = {
  ...Object.assign({}, ...newSince2015().map((config) => esx.configs[config].rules)),
  ...Object.fromEntries(boardHas.map((name) => [`es-x/no-${name}`, "off"])),
  eqeqeq: "off",
  // Const enums name the numbers of a layout; the wire's numbers are compared with them.
  "@typescript-eslint/no-unsafe-enum-comparison": "off",
  "@typescript-eslint/no-duplicate-enum-values": "off",
  "no-labels": "error",
  "no-restricted-globals": ["error", "TextEncoder", "TextDecoder", "Buffer", "queueMicrotask", "setImmediate"],
  "default-case-last": "error",
  "no-restricted-syntax": [
    "error",
    { selector: "ClassDeclaration[superClass]", message: "Inheritance is broken on Espruino; compose instead." },
    { selector: "ClassExpression", message: "Declare the class; the build flattens declarations only." },
    { selector: "PropertyDefinition[static=true]", message: "Use a module constant." },
  ],
  "no-restricted-properties": [
    "error",
    { property: "lastIndexOf", message: "Espruino's arrays lack it." },
    { property: "reduceRight", message: "Espruino lacks it." },
    { object: "Object", property: "freeze", message: "Espruino lacks it." },
    { object: "Promise", property: "race", message: "Espruino lacks it." },
  ],
};

function newSince2015() {
  const years = Object.keys(esx.configs).filter((name) => /^flat\/no-new-in-es(20\d\d|next)$/.test(name));
  if (years.length === 0) throw new Error("eslint-plugin-es-x has renamed its configurations");
  return years;
}

/** Sources only. The firmware bundle is linted by its own build, as the plain ES5 script that the board reads. */
export default tseslint.config(
  { ignores: ["dist/", "out/", "node_modules/"] },
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      eqeqeq: "error",
      "no-var": "error",
      "prefer-const": "error",
      "no-console": "error",
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "separate-type-imports" }],
      "@typescript-eslint/consistent-type-exports": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", caughtErrors: "none" }],
      "@typescript-eslint/require-await": "off",
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
    },
  },
  {
    files: ["firmware/**/*.ts", "protocols/**/*.ts"],
    ignores: ["protocols/bytes/node.ts", "**/*.d.ts"],
    plugins: { "es-x": esx },
    rules: boardRules,
  },
  { files: ["scripts/**", "bench/**", "examples/**"], rules: { "no-console": "off" } },
  {
    files: ["test/**"],
    rules: {
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-call": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-unsafe-return": "off",
    },
  },
);
