/** What of a configuration is secret: a board has it in a file of its own, which it gives to nobody. docs/decisions/0014-secrets.md. */
import { z } from "zod";
import { boards } from "../../boards/index.js";
import { findFault } from "./json.js";
import { configSchema } from "./schema.js";
import type { Config } from "./schema.js";
import { bare, inside } from "./shape.js";

/** JSON as parts of a configuration. */
type Json = { [name: string]: unknown };

/** The length of the file with secrets is a multiple of this, so that it does not tell a password's. */
const STEP = 128;

export interface ConfigTexts {
  /** All but the secrets. */
  open: string;
  /** The secrets alone, each where it has its place in the configuration. */
  secret: string;
}

/** A configuration as it lies in a board's Storage. */
export function textsOf(config: Config): ConfigTexts {
  const open = structuredClone(config);
  const secrets = takeSecrets(configSchema, open);
  const secret = JSON.stringify(secrets ?? {});
  const length = Buffer.byteLength(secret);
  return { open: JSON.stringify(open), secret: secrets ? secret + " ".repeat(-length & (STEP - 1)) : secret };
}

/** Whether a configuration's text has a secret in it; what is no configuration yet has none. */
export function hasSecrets(text: string): boolean {
  const value = read(text);
  return typeof value === "object" && value !== null && takeSecrets(configSchema, value as Json) !== undefined;
}

/** What a configuration may lack in its file. */
export interface Given {
  key?: string | Uint8Array | undefined;
  /** Where it joins a wireless network. */
  wifiPassword?: string | undefined;
}

/**
 * Puts secrets that are kept elsewhere into a configuration that has none, but a key into none that says that it is open, or that is for a board without keys.
 * @param source as `parseConfig` takes it: what is no object yet is left for that to say
 */
export function withSecrets(source: unknown, { key, wifiPassword }: Given): unknown {
  if (key === undefined && wifiPassword === undefined) return source;
  const value = typeof source === "string" ? read(source) : source;
  if (typeof value !== "object" || value === null) return source;
  const { network } = value as { network?: unknown };
  const joins = typeof network === "object" && network !== null && "ssid" in network;
  return {
    ...(key !== undefined &&
      takesKey(value) && { key: typeof key === "string" ? key.trim() : Buffer.from(key).toString("hex") }),
    ...value,
    ...(joins && wifiPassword !== undefined && { network: { password: wifiPassword, ...network } }),
  };
}

/** As far as it is one yet. */
function takesKey(value: object): boolean {
  const { board, links } = value as { board?: unknown; links?: Record<string, unknown> };
  const open = Object.values(links ?? {}).some((link) => (link as { insecure?: unknown } | null)?.insecure === true);
  return !open && boards.find(({ id }) => id === board)?.crypto !== false;
}

function read(text: string): unknown {
  if (findFault(text.replace(/^\uFEFF/, " "))) return undefined;
  return JSON.parse(text.replace(/^\uFEFF/, ""));
}

/** Takes them out of a part of a configuration. @returns them, or nothing where there is none */
function takeSecrets(schema: unknown, part: Json): Json | undefined {
  const taken: Json = {};
  for (const [name, value] of Object.entries(part)) {
    const field = inside(schema, part, name);
    if (isSecret(field)) {
      taken[name] = value;
      delete part[name];
    } else if (typeof value === "object" && value !== null) {
      const within = takeSecrets(field, value as Json);
      if (within) taken[name] = within;
    }
  }
  return Object.keys(taken).length > 0 ? taken : undefined;
}

/** JSON Schema's own word for what is never shown again once it was given. */
function isSecret(schema: unknown): boolean {
  const field = bare(schema);
  return field instanceof z.ZodType && field.meta()?.["writeOnly"] === true;
}
