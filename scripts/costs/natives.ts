/** The interpreter's own functions that the firmware calls, each in a program of its own. */
import type { Measured } from "../../simulator/runtime/costs/natives.js";

export interface NativeProgram {
  /** What is in the table of costs. */
  name: string;
  /** Runs before; `s` there is a string of `size` bytes in one piece. */
  before?: string;
  /** The call; `s` is that string, `a` an array of bytes, `o` what `before` left in it. */
  call: string;
  /** What its cost grows with. */
  of?: Measured;
  /** What is there on the mean beside `size`. */
  more?: number;
}

/** Bytes that each `of` is measured with. */
export const SIZES = [32, 512] as const;

/** Of `+` the bytes on the right, and those on the left. */
export const ADDED = "+ right";
export const KEPT = "left +";

/** Makes an array of so many elements beside `size`. */
function filled(more: number): string {
  return `o=[];for(iN=0;iN<${more}+sN.length;iN++)o.push(1);`;
}

export const natives: readonly NativeProgram[] = [
  { name: "String.charCodeAt", call: "s.charCodeAt(3)" },
  { name: "String.charAt", call: "s.charAt(3)" },
  { name: "String.substring", call: "s.substring(0,s.length)", of: "result" },
  { name: "String.indexOf", call: 's.indexOf("?")', of: "searched" },
  { name: "String.concat", call: 's.concat("x")', of: "result" },
  { name: "String.split", call: 's.split("?")', of: "this" },
  { name: "String.replace", call: 's.replace("?","!")', of: "this" },
  { name: "String.lastIndexOf", call: 's.lastIndexOf("?")', of: "this" },
  { name: "static String.fromCharCode", before: "o=String.fromCharCode;", call: "o(1,2,3,4)" },
  { name: "E.CRC32", before: "o=E.CRC32;", call: "o(s)", of: "arguments" },
  { name: "E.toString", before: "o=E.toString;", call: "o(a)", of: "arguments" },
  { name: "E.toUint8Array", before: "o=E.toUint8Array;", call: "o(s)", of: "arguments" },
  { name: "E.toArrayBuffer", before: "o=E.toArrayBuffer;", call: "o(s)", of: "arguments" },
  { name: "Bytes.fill", call: "a.fill(1)", of: "this" },
  { name: "Bytes.indexOf", call: "a.indexOf(9)", of: "searched" },
  { name: "E.hwRand", before: "o=E.hwRand;", call: "o()" },
  { name: "E.getErrorFlags", before: "o=E.getErrorFlags;", call: "o()" },
  { name: "Math.min", before: "o=Math.min;", call: "o(1,2)" },
  { name: "Math.max", before: "o=Math.max;", call: "o(1,2)" },
  { name: "Math.floor", before: "o=Math.floor;", call: "o(1.5)" },
  { name: "Math.ceil", before: "o=Math.ceil;", call: "o(1.5)" },
  { name: "Math.abs", before: "o=Math.abs;", call: "o(1)" },
  { name: "Math.round", before: "o=Math.round;", call: "o(1.5)" },
  { name: "JSON.stringify", before: "o={text:sN};", call: "JSON.stringify(o)", of: "result" },
  { name: "JSON.parse", before: "o=JSON.stringify({text:sN});", call: "JSON.parse(o)", of: "arguments" },
  { name: "static Object.keys", before: "o={p:1,q:2,r:3};", call: "Object.keys(o)" },
  { name: "Array.push", before: "o=[];", call: "o.push(1)" },
  { name: "Array.shift", before: filled(100), call: "o.shift()", of: "elements", more: 50 },
  { name: "Array.unshift", before: filled(0), call: "o.unshift(1)", of: "elements", more: 50 },
  { name: "Array.pop", before: "o=[];for(iN=0;iN<200;iN++)o.push(1);", call: "o.pop()" },
  { name: "Array.splice", before: filled(100), call: "o.splice(0,1)", of: "elements", more: 50 },
  { name: "Array.indexOf", before: "o=[1,2,3,4];", call: "o.indexOf(3)" },
  { name: "Array.join", before: "o=[sN];", call: 'o.join("")', of: "this" },
  { name: "Function", before: "o=Function;", call: 'o("a","b",s)' },
  { name: "parseInt", call: 'parseInt("12")' },
  { name: "getTime", before: "o=getTime;", call: "o()" },
  { name: "setTimeout", before: "o=function(){};", call: "clearTimeout(setTimeout(o,1000))" },
  { name: "digitalRead", call: "digitalRead(D1)" },
  { name: "digitalWrite", call: "digitalWrite(D1,1)" },
  { name: "crypto.SHA256", before: 'o=require("crypto").SHA256;', call: "o(s)", of: "arguments" },
  {
    name: "AES.encrypt",
    before: 'oN={mode:"CTR"};var eN=require("crypto").AES.encrypt;o=function(s){return eN(s,"0123456789012345",oN)};',
    call: "o(s)",
    of: "arguments",
  },
  { name: ADDED, before: 'o="x";', call: "o+s", of: "arguments" },
  { name: KEPT, before: 'o="";o+=sN;', call: 'o+"x"', of: "arguments" },
];
