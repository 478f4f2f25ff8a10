/** Built-ins that exist on both sides and answer differently: here they answer as the interpreter's do. */
import type { Interpreter } from "./interpreter.js";
import type { Realm } from "./realm.js";

export function adaptLanguage(realm: Realm): void {
  const { String: Text, Array: List, JSON: json } = realm.intrinsics;
  const fromCharCode = Text.fromCharCode;
  realm.define(Text, "fromCharCode", (...codes: number[]) => fromCharCode(...codes.map((code) => code & 0xff)));
  const { indexOf } = Text.prototype as { indexOf: (sought: string, from: number) => number };
  const find = (text: string, sought: string, from: number): number => {
    const at = indexOf.call(text, sought, from);
    return at < 0 ? findHalf(text, sought) : at;
  };
  realm.methods(Text.prototype, {
    indexOf(this: string, sought: unknown, from: unknown) {
      return find(String(this), String(sought), Number(from) || 0);
    },
    includes(this: string, sought: unknown, from: unknown) {
      return find(String(this), String(sought), Number(from) || 0) >= 0;
    },
  });
  const stringify = json.stringify;
  realm.define(json, "stringify", (...args: [unknown]) =>
    stringify(...args)?.replace(/[\x7f-\xff]|\\(?:u00..|.)/g, escape),
  );
  const typed = Object.getPrototypeOf(realm.intrinsics.Uint8Array.prototype) as object;
  realm.define(typed, "slice", function (this: ArrayLike<number>, from?: number, to?: number) {
    return List.prototype.slice.call(this, from, to) as unknown[];
  });
  const { set } = typed as { set: (source: ArrayLike<number>, offset?: number) => void };
  realm.define(typed, "set", function (this: Uint8Array, source: ArrayLike<number> | string, offset?: number) {
    set.call(this, typeof source === "string" ? [...source].map((char) => char.charCodeAt(0)) : source, offset);
  });
}

/** What ends with the begin of what is sought has it, for the interpreter: it compares up to the end of the shorter one. */
function findHalf(text: string, sought: string): number {
  const end = text.length - sought.length + 1;
  if (end < 1) return -1;
  for (let at = end; at < text.length; at++) if (sought.startsWith(text.slice(at))) return at;
  return -1;
}

/** Bytes above ASCII are escaped too, and hexadecimal digits are capitals. */
function escape(text: string): string {
  if (text.startsWith("\\u")) return "\\u" + text.slice(2).toUpperCase();
  return text.startsWith("\\") ? text : "\\u" + text.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
}

/** Promises whose reactions wait in the interpreter's own queue, behind the events that are there already. */
export function installPromise(realm: Realm, interpreter: Interpreter): void {
  const make = realm.compile(PROMISE, ["queue"], "promise");
  realm.define(
    realm.global,
    "Promise",
    make((run: () => void) => interpreter.queue(undefined, run, [])),
  );
}

const PROMISE = `
function Promise(executor) {
  var self = this, done = false;
  self.__state = 0; self.__waiting = [];
  hide(self);
  function once(settle) { return function (value) { queue(function () { if (!done) { done = true; settle(self, value); } }); }; }
  try { executor(once(resolve), once(reject)); } catch (error) { once(reject)(error); }
}
function hide(promise) {
  ["__state", "__waiting"].forEach(function (name) {
    Object.defineProperty(promise, name, { enumerable: false, writable: true, value: promise[name] });
  });
}
function resolve(promise, value) {
  if (value && typeof value.then === "function") {
    value.then(function (v) { resolve(promise, v); }, function (e) { reject(promise, e); });
    return;
  }
  settle(promise, 1, value);
}
function reject(promise, error) {
  if (!promise.__waiting.length) { settle(promise, 2, error); throw new Error("Unhandled promise rejection: " + error); }
  settle(promise, 2, error);
}
function settle(promise, state, value) {
  promise.__state = state;
  Object.defineProperty(promise, "__value", { enumerable: false, value: value });
  promise.__waiting.forEach(function (reaction) { queue(reaction); });
  promise.__waiting = [];
}
Promise.prototype.then = function (fulfilled, rejected) {
  var self = this;
  var next = new Promise(function () {});
  function react() {
    var handler = self.__state === 1 ? fulfilled : rejected;
    if (!handler) { (self.__state === 1 ? resolve : reject)(next, self.__value); return; }
    var result;
    try { result = handler(self.__value); } catch (error) { reject(next, error); return; }
    resolve(next, result);
  }
  if (self.__state) queue(react); else self.__waiting.push(react);
  return next;
};
Promise.prototype.catch = function (rejected) { return this.then(undefined, rejected); };
Promise.resolve = function (value) { return new Promise(function (ok) { ok(value); }); };
Promise.reject = function (error) { return new Promise(function (ok, no) { no(error); }); };
Promise.all = function (list) {
  return new Promise(function (ok, no) {
    var left = list.length, results = [];
    list.forEach(function (item, index) {
      function done(value) { results[index] = value; if (!--left) ok(results); }
      if (item && typeof item.then === "function") item.then(done, no); else done(item);
    });
    if (!list.length) ok(results);
  });
};
return Promise;
`;
