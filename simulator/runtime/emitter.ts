/** `on`, `emit` and their kin, which Espruino gives to every object. Emitting only queues. */
import { asText } from "./binary.js";
import { EVENT_PREFIX, type Interpreter } from "./interpreter.js";
import type { Realm } from "./realm.js";
import type { StreamBuffer } from "./stream.js";

const MAX_ARGS = 4;

export function installEmitter(realm: Realm, interpreter: Interpreter, streams: StreamBuffer): void {
  type Bag = Record<string, unknown[] | undefined>;

  function check(target: unknown, event: unknown): Bag {
    if ((typeof target !== "object" && typeof target !== "function") || target === null)
      throw new realm.intrinsics.TypeError("Parent must be an object - not a String, Integer, etc");
    if (typeof event !== "string") throw new realm.intrinsics.TypeError("First argument must be String");
    return target as Bag;
  }

  function add(target: unknown, event: unknown, listener: unknown, first: boolean): void {
    const bag = check(target, event);
    if (typeof listener !== "function" && typeof listener !== "string")
      throw new realm.intrinsics.TypeError("Second argument must be a function or a String");
    const name = EVENT_PREFIX + String(event);
    const before = (bag[name] ?? []) as unknown;
    // a new list each time: a listener added while the event is handled is not called for it
    const list = Array.isArray(before) ? (before as unknown[]) : [before];
    bag[name] = realm.array(first ? [listener, ...list] : [...list, listener]);
    if (event === "data") {
      const kept = streams.takeAll(target as object);
      if (kept !== undefined) interpreter.emit(target as object, "data", [kept]);
    }
  }

  function on(this: unknown, event: unknown, listener: unknown): void {
    add(this, event, listener, false);
  }

  realm.methods(realm.intrinsics.Object.prototype, {
    on,
    addListener: on,
    prependListener(this: unknown, event: unknown, listener: unknown): void {
      add(this, event, listener, true);
    },
    emit(this: unknown, event: unknown, ...args: unknown[]): void {
      const target = check(this, event);
      if (args.length > MAX_ARGS) throw new realm.intrinsics.TypeError(`Too many arguments (>${MAX_ARGS})`);
      interpreter.emit(target, event as string, args);
    },
    removeListener(this: unknown, event: unknown, listener: unknown): void {
      const list = check(this, event)[EVENT_PREFIX + String(event)];
      const at = Array.isArray(list) ? list.indexOf(listener) : -1;
      if (at >= 0) list!.splice(at, 1);
    },
    removeAllListeners(this: unknown, event?: unknown): void {
      const bag = check(this, event ?? "");
      for (const name of Object.keys(bag))
        if (event === undefined ? name.startsWith(EVENT_PREFIX) : name === EVENT_PREFIX + asText(event))
          delete bag[name];
    },
  });
}
