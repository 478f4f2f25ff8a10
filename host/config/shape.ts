/** Ways through the schema of a configuration. */
import { z } from "zod";
import { deviceOf } from "./devices.js";

/** The schema of a value, without its being optional. */
export function bare(schema: unknown): unknown {
  return schema instanceof z.ZodOptional ? schema.unwrap() : schema;
}

/** The schema of what a value has under a name, or in a list at a place. */
export function inside(schema: unknown, value: unknown, step: PropertyKey): unknown {
  let outer = bare(schema);
  if (outer instanceof z.ZodDiscriminatedUnion) outer = deviceOf((value as { driver?: unknown }).driver);
  if (outer instanceof z.ZodObject) return (outer.shape as Record<PropertyKey, unknown>)[step];
  if (outer instanceof z.ZodArray) return outer.element;
  return outer instanceof z.ZodRecord ? outer.valueType : undefined;
}

/** The names that the schema knows in a value. */
export function namesIn(schema: unknown, value: unknown): string[] {
  let outer = bare(schema);
  if (outer instanceof z.ZodDiscriminatedUnion) outer = deviceOf((value as { driver?: unknown }).driver);
  return outer instanceof z.ZodObject ? Object.keys(outer.shape) : [];
}
