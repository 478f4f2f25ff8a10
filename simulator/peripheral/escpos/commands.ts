/** All commands that have an effect, by name. What is not here is parsed, counted as ignored, and does nothing. */
import { graphicsCommands } from "./commands-graphics.js";
import { statusCommands } from "./commands-status.js";
import { symbolCommands } from "./commands-symbol.js";
import { textCommands } from "./commands-text.js";
import type { Mechanism } from "./mechanism.js";

/** Does what a command says. `p` is what follows its name. */
export type Command = (printer: Mechanism, p: Uint8Array) => void;

export const COMMANDS: Record<string, Command> = {
  ...textCommands,
  ...graphicsCommands,
  ...symbolCommands,
  ...statusCommands,
};

const PREFIXES: Record<number, string> = { 0x10: "DLE", 0x1b: "ESC", 0x1c: "FS", 0x1d: "GS" };
const CONTROLS: Record<number, string> = { 0x09: "HT", 0x0a: "LF", 0x0c: "FF", 0x0d: "CR", 0x18: "CAN" };

/** Name of a whole command as the manuals have it, such as "LF", "ESC !" or "GS ( k". */
export function nameOf(command: Uint8Array): string {
  const prefix = PREFIXES[command[0]!];
  if (!prefix || command.length < 2) return CONTROLS[command[0]!] ?? "control";
  const second = command[1]!;
  const letter = second > 0x20 && second < 0x7f ? String.fromCharCode(second) : second === 0x20 ? "SP" : hex(second);
  const third = letter === "(" || letter === "8" ? ` ${String.fromCharCode(command[2] ?? 0x20)}` : "";
  return `${prefix} ${letter}${third}`;
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}

/** What follows the name of a command. */
export function parametersOf(command: Uint8Array): Uint8Array {
  const prefixed = PREFIXES[command[0]!] !== undefined;
  return command.subarray(!prefixed ? 1 : command[1] === 0x28 || command[1] === 0x38 ? 3 : 2);
}
