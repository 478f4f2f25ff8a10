/** What is given mutated inputs. */
import type { Random } from "../random.js";

export interface Target {
  readonly name: string;
  /** One input. @throws Error when it was not taken as it should be */
  try(rand: Random): void | Promise<void>;
}

export function demand(holds: boolean, text: string): void {
  if (!holds) throw new Error(text);
}
