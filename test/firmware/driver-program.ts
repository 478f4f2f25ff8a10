/** A driver's module by itself, in a program that is its whole surroundings: on the simulated interpreter, and on the real one where there is one. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { detokenise } from "../../boards/tokens.js";
import { sharedBy } from "../../scripts/firmware/compile.js";
import { espruino, onReal, onSimulated } from "../espruino/both.js";

const shared = sharedBy(fileURLToPath(new URL("../..", import.meta.url)));
const MODULES = fileURLToPath(new URL("../../dist/firmware", import.meta.url));

export const interpreters: [string, (program: string, ms?: number) => Promise<string[]>][] = [
  ["the simulated interpreter", onSimulated],
  ...(espruino ? ([["the real interpreter", onReal]] as (typeof interpreters)[number][]) : []),
];

/** What the board gives a driver: it prints all that the driver tells, and its time is `now`, in seconds. */
const SURROUNDINGS = `
var now=100,level=1,watches={},made=0;
var getTime=function(){return now},Pin=function(){},pinMode=function(){},digitalRead=function(){return level};
var setWatch=function(f){watches[++made]=f;return made},clearWatch=function(id){delete watches[id]};
var feed={rate:0,replied:null,
batch:function(d,n,at,f){print("batch",n,at,f)},
gap:function(n,c,at){print("gap",n,c,at)},
event:function(e){print("event",e.name,e.on)}};
`;

/** A program in which \`open\` is the driver's. */
export function driverProgram(driver: string, body: string): string {
  const text = detokenise(readFileSync(`${MODULES}/linux.${driver}.js`, "latin1"));
  const escaped = text.replace(/[^ !#-[\]-~]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`);
  const own = `var open=$_p.m.${driver}.open;\n${body}`;
  return `${short(SURROUNDINGS)}var $_p={m:{}};eval("${escaped}");${short(own)}`;
}

/** A program with the names that the firmware and its modules have for what they share. */
function short(program: string): string {
  const names = [...shared.keys()].join("|");
  return program.replace(new RegExp(`(?<=\\.)(?:${names})\\b|\\b(?:${names})(?=:)`, "g"), (name) => shared.get(name)!);
}
