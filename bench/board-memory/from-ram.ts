/** A program whose code is in RAM, as if it had been typed at the interpreter's console: it keeps the bodies of functions there. */
import ts from "typescript";
import { tokenise } from "../../scripts/firmware/tokenise.js";

/** Characters of it that are evaluated at once, at least: it never lies in RAM twice. */
const PIECE = 2000;

/** What a program with its code in Storage has in front of itself, but for what loads overlays and parts: all of them are there. */
const LOADER =
  'typeof $_b=="undefined"&&($_b={s:"",c:"devsock.json"});var $_p={m:{}},$_r=[],$_o=[];Object.defineProperty($_p,"t",{set:eval});';

export interface Typed {
  /** One after the other they are the file `devsock` in Storage. */
  program: string;
  /** Evaluates them, each from a copy in RAM, behind what the boot file does. */
  start: string;
}

/** @param code all of the program, to be read @param modules texts that its devices need */
export function typed(code: string, modules: readonly string[]): Typed {
  const pieces = piecesOf(code);
  const texts = [...modules, ...pieces];
  return {
    program: texts.join(""),
    start:
      LOADER +
      `var $_n=[${texts.map(({ length }) => length).join()}],$_i=0,$_a=0;` +
      // The interpreter's own `eval` would keep what a module declares in the scope of its caller.
      `while($_i<${modules.length}){$_p.t=""+require("Storage").read("devsock",$_a,$_n[$_i]);$_a+=$_n[$_i++]}` +
      `while($_i<${texts.length}){eval(""+require("Storage").read("devsock",$_a,$_n[$_i]));$_a+=$_n[$_i++]}` +
      "delete $_n;",
  };
}

/** Its statements, some at a time, in the interpreter's tokens. */
function piecesOf(code: string): string[] {
  const script = ts.createSourceFile("bundle.js", code, ts.ScriptTarget.ES5, true, ts.ScriptKind.JS);
  const pieces: string[] = [];
  let piece = "";
  for (const statement of script.statements) {
    piece += statement.getText();
    if (!/[;}]$/.test(piece)) piece += ";";
    if (piece.length < PIECE) continue;
    pieces.push(tokenise(piece));
    piece = "";
  }
  return [...pieces, tokenise(piece)];
}
