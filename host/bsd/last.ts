/** The last argument of a call that may wait: a signal, or a callback as on a board. */
import type { DevsockError } from "../errors.js";
import type { CallOptions } from "./handle.js";

export type Callback<T> = (error: DevsockError | null, result?: T) => void;

export type Last<T> = CallOptions | Callback<T>;

export function signalOf(last: Last<never> | undefined): AbortSignal | undefined {
  return typeof last === "function" ? undefined : last?.signal;
}

/** Runs a call. With a callback that is told the outcome, and the promise only says that it was. */
export function answered<T>(last: Last<T> | undefined, run: () => Promise<T>): Promise<T> {
  // What a call throws at once comes as any other failure.
  const result = Promise.resolve().then(run);
  if (typeof last !== "function") return result;
  return result.then(
    (value) => {
      last(null, value);
      return value;
    },
    (error: DevsockError) => {
      last(error);
      return undefined as T;
    },
  );
}
