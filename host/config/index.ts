/** Reads a board's configuration and says all that is wrong with it at once. */
import { z } from "zod";
import { boards } from "../../boards/index.js";
import type { BoardSpec } from "../../boards/index.js";
import { DevsockError } from "../errors.js";
import { budgetOf } from "./budget.js";
import type { Budget } from "./budget.js";
import { describeBudget } from "./describe.js";
import { findFault } from "./json.js";
import { nearest } from "./nearest.js";
import { Rest } from "./rest.js";
import { checkRules } from "./rules.js";
import type { Fault } from "./rules.js";
import { describeFit, describeUnwatched, sizesIn, storageOf } from "./storage.js";
import { configSchema } from "./schema.js";
import type { Config } from "./schema.js";
import { inside, namesIn } from "./shape.js";

export type { Budget, Share } from "./budget.js";
export type { Fault } from "./rules.js";
export type {
  BusConfig,
  Config,
  DeviceConfig,
  EndpointConfig,
  LinksConfig,
  NetworkConfig,
  PrinterConfig,
  SensorConfig,
  SerialLinkConfig,
} from "./schema.js";

/** Every fault of a configuration, each with its path and its remedy. */
export class ConfigError extends DevsockError {
  constructor(readonly faults: readonly Fault[]) {
    const lines = faults.map(({ path, problem }) => (path ? `${path}: ${problem}` : problem));
    super(`EINVAL: the configuration is not right:\n${lines.map((line) => `  ${line}`).join("\n")}`);
    this.name = "ConfigError";
  }
}

export interface ParseOptions {
  /** The board that it is for; a configuration for another is refused. */
  board?: string;
  /** It is for a simulated board: terminal devices and the network's name may be left out. */
  simulated?: boolean;
  /** Directory of the firmware's files, `dist/firmware`: whether they fit into the board's Storage is checked, too. */
  firmware?: string;
}

/**
 * @param source the text of devsock.json, or what it holds
 * @throws ConfigError (EINVAL) with all faults
 */
export function parseConfig(source: unknown, options: ParseOptions = {}): Config {
  const value = typeof source === "string" ? parseText(source) : source;
  const parsed = configSchema.safeParse(value);
  const faults = parsed.success
    ? checkWhole(parsed.data, options)
    : [
        ...parsed.error.issues.flatMap((issue) => describe(issue, value)),
        ...checkRest(value, parsed.error.issues, options),
      ];
  if (!parsed.success || faults.length > 0) throw new ConfigError(faults);
  return parsed.data;
}

function checkWhole(config: Config, { board, simulated = false, firmware }: ParseOptions): Fault[] {
  // What a configuration for another board says of its UARTs and pins is beside the point.
  if (board !== undefined && config.board !== board)
    return [{ path: "board", problem: `is ${config.board}, but the board is ${board}; change one` }];
  return checkRules(config, boardOf(config), {
    simulated,
    sizeOf: firmware === undefined ? undefined : sizesIn(firmware),
  });
}

/** What the rules say of the parts whose shape is right. */
function checkRest(value: unknown, issues: z.core.$ZodIssue[], options: ParseOptions): Fault[] {
  if (typeof value !== "object" || value === null) return [];
  const rest = new Rest(
    value,
    issues.map(({ path }) => path),
  );
  const parsed = configSchema.safeParse(rest.config);
  return parsed.success ? rest.restore(checkWhole(parsed.data, options)) : [];
}

/** What a configuration takes of its board's time and of its queue of interrupts. @param config as `parseConfig` gives it */
export function boardLoad(config: Config): Budget {
  return budgetOf(config, boardOf(config));
}

/** The same in words, a line each. */
export function describeLoad(config: Config): string[] {
  return describeBudget(boardLoad(config), boardOf(config));
}

/**
 * The firmware that a configuration gets, and what that, its modules and the configuration take of the board's memory and Storage.
 * @param firmware directory of the firmware's files
 * @returns in words, a line each, and none where no firmware of the board has all that it needs
 * @throws DevsockError ENOENT
 */
export function describeRoom(config: Config, firmware: string): string[] {
  const board = boardOf(config);
  const sizeOf = sizesIn(firmware);
  const fit = storageOf(config, board, sizeOf);
  return fit ? [...describeFit(fit, config, board), ...describeUnwatched(fit, config, board, sizeOf)] : [];
}

function boardOf({ board }: Config): BoardSpec {
  return boards.find(({ id }) => id === board)!;
}

/** The JSON Schema of a configuration, for editors. */
export function configJsonSchema(): object {
  return z.toJSONSchema(configSchema, { target: "draft-7" });
}

function parseText(text: string): unknown {
  const fault = findFault(text.replace(/^\uFEFF/, " "));
  if (fault) {
    const { line, column, problem } = fault;
    throw new ConfigError([{ path: "", problem: `line ${line}, column ${column}: ${problem}` }]);
  }
  return JSON.parse(text.replace(/^\uFEFF/, ""));
}

function describe(issue: z.core.$ZodIssue, value: unknown): Fault[] {
  if (issue.code === "unrecognized_keys") {
    const known = keysAt(issue.path, value);
    return issue.keys.map((key) => {
      const meant = nearest(key, known);
      const remedy = meant ? `did you mean "${meant}"?` : `known here are ${known.join(", ")}`;
      return { path: write([...issue.path, key]), problem: `is unknown; ${remedy}` };
    });
  }
  const problem = issue.code === "invalid_key" ? (issue.issues[0]?.message ?? issue.message) : issue.message;
  return [{ path: write(issue.path), problem }];
}

/** `["endpoints", 0, "port"]` -> `endpoints[0].port` */
function write(path: readonly PropertyKey[]): string {
  return path.map((step, i) => (typeof step === "number" ? `[${step}]` : (i > 0 ? "." : "") + String(step))).join("");
}

/** The names that the schema knows in the object at a path. */
function keysAt(path: readonly PropertyKey[], value: unknown): string[] {
  let schema: unknown = configSchema;
  for (const step of path) {
    schema = inside(schema, value, step);
    value = (value as Record<PropertyKey, unknown>)[step];
  }
  return namesIn(schema, value);
}
