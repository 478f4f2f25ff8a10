/** The seam between the two worlds' cryptography. See node.ts for what each operation does. */
export * from "./node.js";
