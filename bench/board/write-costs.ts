/** Writes boards/costs.ts from the rows of one run: what the budget of a configuration rests on. */
import { writeFileSync } from "node:fs";
import { format } from "prettier";
import type { Figure } from "../figure.js";
import { CAMERAS } from "./fake-cameras.js";
import { SENSORS } from "./fakes.js";

export async function writeCosts(file: string, figures: readonly Figure[]): Promise<void> {
  const row = (name: string): Figure => {
    const found = figures.find((figure) => figure.name === name);
    if (!found) throw new Error(`there is no row ${name}: write all of them, with --only driver`);
    return found;
  };
  // The peer is the same in a board's instructions.
  const board = (name: string): number => Number(row(`driver.${name}`).peer.toPrecision(3));
  const units = [...SENSORS, ...CAMERAS].map(({ driver }) => {
    const record = board(`${driver}.instr`);
    // What goes over a stream or as an image has one way.
    const live = figures.some(({ name }) => name === `driver.${driver}.instr.live`)
      ? board(`${driver}.instr.live`)
      : record;
    return `${driver}: { record: ${record}, live: ${live} },`;
  });
  const text = `/**
 * What the firmware costs a board, in instructions of a Thumb-2 build. Written by \`npm run bench -- --only driver --write\`, which counts them on the real
 * interpreter: docs/performance.md.
 */
export const costs = {
  /** Instructions of the build that was counted for one of Thumb-2. */
  scale: ${row("driver.scale").value},
  /** The firmware's own look at the time, every 50 ms, with one host; and for each device more, which nobody need read. */
  tick: ${board("tick.instr")},
  unread: ${board("tick.unread.instr")},
  /** What a key adds to a frame. */
  sealed: ${board("sealed.instr")},
  /** A byte of a print job, from the link to the UART. */
  printed: ${board("escpos.instr")},
  /** A unit of each driver on its whole way to one host, at its usual rate: as a record, and as a datagram. */
  units: { ${units.join("\n")} } as Readonly<Record<string, { readonly record: number; readonly live: number }>>,
};
`;
  writeFileSync(file, await format(text, { parser: "typescript", printWidth: 120 }));
}
