/**
 * The built-ins that Espruino 2v29 has. Whatever JavaScript offers beyond these lists is removed from the runtime's
 * globals, so that firmware which leans on it fails here as it would on a board. test/espruino compares the lists
 * with the real interpreter.
 */

interface Members {
  /** Names on the constructor or namespace. */
  static?: string;
  /** Names on its prototype, without those that Object gives. */
  prototype?: string;
}

const typedArray: Members = {
  prototype:
    "buffer byteLength byteOffset length every fill filter find findIndex forEach includes indexOf join map reverse " +
    "reduce set slice some sort subarray toString",
};

const error: Members = { prototype: "toString name message" };

export const builtins: Record<string, Members> = {
  Object: {
    static:
      "assign getOwnPropertyDescriptor getOwnPropertyDescriptors getOwnPropertyNames create defineProperties " +
      "defineProperty getPrototypeOf setPrototypeOf keys entries fromEntries values",
    prototype: "hasOwnProperty toString valueOf",
  },
  Function: { prototype: "length apply bind call toString" },
  Array: {
    static: "isArray",
    prototype:
      "length concat fill find findIndex pop push reverse shift unshift slice sort splice includes indexOf join " +
      "forEach filter map every some reduce toString",
  },
  String: {
    static: "fromCharCode",
    prototype:
      "length charAt charCodeAt concat endsWith includes indexOf lastIndexOf match padEnd padStart repeat replace " +
      "replaceAll slice split substr substring startsWith toString trim toLowerCase toUpperCase valueOf",
  },
  Number: {
    static: "MAX_VALUE MIN_VALUE NaN NEGATIVE_INFINITY POSITIVE_INFINITY",
    prototype: "toFixed toString valueOf",
  },
  Boolean: { prototype: "toString valueOf" },
  Error: error,
  TypeError: error,
  SyntaxError: error,
  ReferenceError: error,
  Date: {
    static: "now parse",
    prototype:
      "toString toISOString toUTCString getDate setDate getDay getFullYear setFullYear getHours setHours " +
      "getMilliseconds setMilliseconds getMinutes setMinutes getMonth setMonth getSeconds setSeconds getTime setTime " +
      "getTimezoneOffset getUTCDate getUTCDay getUTCFullYear getUTCHours getUTCMilliseconds getUTCMinutes " +
      "getUTCMonth getUTCSeconds valueOf toJSON",
  },
  RegExp: { prototype: "exec source toString test" },
  Math: {
    static:
      "abs acos asin atan atan2 ceil cos exp floor log max min pow random round sign sin sqrt tan " +
      "E LN10 LN2 LOG10E LOG2E PI SQRT1_2 SQRT2",
  },
  JSON: { static: "parse stringify" },
  Promise: { static: "all resolve reject", prototype: "then catch" },
  ArrayBuffer: { prototype: "byteLength" },
  DataView: {
    prototype:
      "buffer byteLength byteOffset getInt8 setInt8 getUint8 setUint8 getInt16 setInt16 getUint16 setUint16 getInt32 " +
      "setInt32 getUint32 setUint32 getFloat32 setFloat32 getFloat64 setFloat64",
  },
  Uint8Array: typedArray,
  Int8Array: typedArray,
  Uint8ClampedArray: typedArray,
  Uint16Array: typedArray,
  Int16Array: typedArray,
  Uint32Array: typedArray,
  Int32Array: typedArray,
  Float32Array: typedArray,
  Float64Array: typedArray,
};

/** Global functions and values of the language itself; the runtime adds the board's. */
export const globals =
  "parseFloat parseInt Infinity NaN undefined globalThis decodeURIComponent encodeURIComponent eval isFinite isNaN";
