import { createRequire } from "node:module";

/** The version of devsock. */
export const { version } = createRequire(import.meta.url)("devsock/package.json") as { version: string };
