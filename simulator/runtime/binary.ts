/** Between the interpreter's binary strings and bytes. */
import type { Realm } from "./realm.js";

export function binary(data: Uint8Array): string {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("latin1");
}

export function bytesOf(text: string): Buffer {
  return Buffer.from(text, "latin1");
}

/**
 * The bytes of whatever the interpreter's native functions iterate over: strings, numbers, arrays, typed arrays,
 * `{data, count}` and functions that return any of these.
 */
export function toBytes(value: unknown): Buffer {
  if (typeof value === "string") return bytesOf(value);
  if (typeof value === "number" || typeof value === "boolean") return Buffer.of(Number(value) & 0xff);
  if (value === undefined || value === null) return Buffer.alloc(0);
  if (typeof value === "function") return toBytes((value as () => unknown)());
  if (Array.isArray(value)) return Buffer.concat(value.map(toBytes));
  if (ArrayBuffer.isView(value)) return Buffer.from(value as unknown as ArrayLike<number>);
  if (Object.prototype.toString.call(value) === "[object ArrayBuffer]") return Buffer.from(value as ArrayBuffer);
  const { data, count } = value as { data?: unknown; count?: number };
  if (data !== undefined) return Buffer.concat(Array<Buffer>(count ?? 1).fill(toBytes(data)));
  return Buffer.alloc(0);
}

/** The same, for functions that throw at what cannot be iterated over. */
export function iterated(realm: Realm, value: unknown): Buffer {
  for (const part of Array.isArray(value) ? (value as unknown[]) : [value])
    if (part === undefined || part === null)
      throw new realm.intrinsics.TypeError(`Expecting Number or iterable, got ${String(part)}`);
  return toBytes(value);
}

/** As the interpreter converts a value to a string. */
export function asText(value: unknown): string {
  if (value === undefined || value === null) return value === null ? "null" : "undefined";
  return (value as { toString: () => string }).toString();
}
