/** How `print` shows values. */

const LONGEST = 100;

/** A line as `print` or `console.log` makes it of its arguments. */
export function format(values: unknown[]): string {
  return values.map((value) => (typeof value === "string" ? value : show(value, 0))).join(" ");
}

function show(value: unknown, depth: number): string {
  if (typeof value === "string") return depth ? JSON.stringify(value) : value;
  if (typeof value === "function") return "function " + String(value).replace(/^function\s*\w*\s*/, "");
  if (typeof value !== "object" || value === null) return String(value);
  if (depth > 8) return " ... ";
  if (ArrayBuffer.isView(value)) return `new ${nameOf(value)}([${limited([...(value as Uint8Array)]).join(", ")}])`;
  if (Array.isArray(value)) return `[ ${limited(value.map((item) => show(item, depth + 1))).join(", ")} ]`;
  const text = value as { toString: () => string; stack?: unknown };
  if (typeof text.stack === "string") return `${nameOf(value)}: ${String(text)}`;
  if (Object.hasOwn(value, "toString")) return String(text);
  const fields = Object.entries(value).map(([name, field]) => `${JSON.stringify(name)}: ${show(field, depth + 1)}`);
  return fields.length ? `{ ${fields.join(", ")} }` : "{  }";
}

function limited<T>(items: T[]): (T | string)[] {
  return items.length > LONGEST ? [...items.slice(0, 25), " ... ", ...items.slice(-25)] : items;
}

function nameOf(value: object): string {
  return (value as { constructor: { name: string } }).constructor.name;
}
