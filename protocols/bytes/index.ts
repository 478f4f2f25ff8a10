/** The seam between the two worlds' binary data. See node.ts for what each operation does. */
export * from "./node.js";
