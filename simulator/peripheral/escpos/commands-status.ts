/** Commands that answer. The real-time ones are not here: they act on reception. */
import type { Command } from "./commands.js";

/** Answers of GS I. A text answer is the byte 5F hex, the text, and NUL. */
const IDENTITY: Record<number, Uint8Array> = {
  1: Uint8Array.of(0x20),
  2: Uint8Array.of(0x02),
  3: Uint8Array.of(0x01),
  65: Buffer.from("_1.0\0"),
  66: Buffer.from("_devsock\0"),
  67: Buffer.from("_simulated\0"),
};

export const statusCommands: Record<string, Command> = {
  "GS a": (printer, [n]) => printer.events.autoStatus(n!),
  "GS r": (printer, [n]) => {
    const { paper, drawer } = printer.events.sensors();
    if (n === 1 || n === 49) printer.events.reply(Uint8Array.of(paper));
    if (n === 2 || n === 50) printer.events.reply(Uint8Array.of(drawer));
  },
  "GS I": (printer, [n]) => {
    const answer = IDENTITY[n! >= 49 && n! <= 51 ? n! - 48 : n!];
    if (answer) printer.events.reply(answer);
  },
  // Real-time commands come by once more in the order of the data, and have had their effect.
  "DLE 04": () => {},
  "DLE 05": () => {},
  "DLE 14": () => {},
};
