/** The interpreter's own functions: each call takes something, and something for each byte it goes over. */
import type { Realm } from "../realm.js";
import type { Operation } from "./operations.js";

export interface Cost {
  /** Instructions of a call. */
  base: number;
  /** Instructions of each byte, or element, of what `of` names. */
  each?: number;
  of?: Measured;
}

/** What a native goes over: what it is called on, or the elements of that alone, what it is given, what it gives, or a string as far as it is searched. */
export type Measured = "this" | "elements" | "arguments" | "result" | "searched";

/** What `scripts/costs.ts` measures. */
export interface MeasuredCosts {
  operations: Readonly<Record<Operation, number>>;
  /** By `Object.method`; a method of strings is `String.method`, a global function's name stands alone. */
  natives: Readonly<Record<string, Cost>>;
  /** Joining two strings with +, for each byte of the left one, which is copied in blocks, and of the right one. += adds to the left one where it is. */
  joined: { base: number; kept: number; added: number };
}

export interface CostTable extends MeasuredCosts {
  /** What the interpreter does before the program hears of an event. */
  events: Readonly<Record<string, Cost>>;
}

type AnyFunction = (...args: unknown[]) => unknown;

export function chargeNatives(
  realm: Realm,
  table: CostTable,
  charge: (instructions: number) => void,
  objects: Record<string, object> = objectsOf(realm),
): void {
  for (const [prefix, object] of Object.entries(objects))
    for (const name of Object.getOwnPropertyNames(object)) {
      const descriptor = Object.getOwnPropertyDescriptor(object, name)!;
      const value: unknown = descriptor.value;
      // constructors: the operation `construct` is charged where it is written, but for one that is called
      const constructs = name === "constructor" || (prefix === "" && /^[A-Z]/.test(name) && name !== "Function");
      if (typeof value !== "function" || !descriptor.configurable || constructs) continue;
      const cost = table.natives[prefix ? `${prefix}.${name}` : name] ?? { base: 0 };
      const charged = charging(value as AnyFunction, table.operations.native, cost, charge);
      // What Function makes is an instance of it.
      charged.prototype = (value as { prototype?: unknown }).prototype;
      realm.define(object, name, charged);
    }
}

function charging(
  native: AnyFunction,
  call: number,
  { base, each = 0, of = "arguments" }: Cost,
  charge: (n: number) => void,
): AnyFunction {
  if (!each)
    return function (this: unknown, ...args) {
      charge(call + base);
      return Reflect.apply(native, this, args);
    };
  if (of === "result" || of === "searched")
    return function (this: unknown, ...args) {
      const result = Reflect.apply(native, this, args);
      charge(call + base + each * (of === "result" ? sizeOf(result) : searched(this, args, result)));
      return result;
    };
  return function (this: unknown, ...args) {
    charge(call + base + each * given(of, this, args));
    return Reflect.apply(native, this, args);
  };
}

function given(of: Measured, on: unknown, args: unknown[]): number {
  if (of === "elements") return (on as unknown[]).length;
  return of === "this" ? sizeOf(on) : args.reduce((sum: number, arg) => sum + sizeOf(arg), 0);
}

function searched(within: unknown, [, from]: unknown[], result: unknown): number {
  const start = typeof from === "number" ? from : 0;
  return Math.max(0, (typeof result === "number" && result >= 0 ? result : sizeOf(within)) - start);
}

/** Bytes of a string, elements of a typed array, and of another array with what they hold. */
function sizeOf(value: unknown): number {
  if (typeof value === "string") return value.length;
  if (typeof value !== "object" || value === null) return 1;
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + sizeOf(item), 0);
  const { length, byteLength } = value as { length?: number; byteLength?: number };
  return length ?? byteLength ?? 1;
}

function objectsOf(realm: Realm): Record<string, object> {
  const { global } = realm;
  const of = (name: string): object => global[name] as object;
  const prototypes = ["String", "Array", "Number", "Function", "Date", "RegExp", "Promise", "Serial"];
  const typed = Object.getPrototypeOf((of("Uint8Array") as typeof Uint8Array).prototype) as object;
  return {
    ...Object.fromEntries(prototypes.map((name) => [name, (of(name) as { prototype: object }).prototype])),
    Bytes: typed,
    SPI: "SPI1" in global ? (Object.getPrototypeOf(of("SPI1")) as object) : {},
    ...Object.fromEntries(["E", "Math", "JSON", "process", "Modules"].map((name) => [name, of(name)])),
    "static String": of("String"),
    "static Object": of("Object"),
    "": global,
  };
}
