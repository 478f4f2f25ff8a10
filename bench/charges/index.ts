/** `charges.*`: what the simulated runtime charges for the firmware's work. The peer is the real interpreter's count for the same calls. */
import { measure } from "../../scripts/costs/measure.js";
import { figure } from "../figure.js";
import type { Figure } from "../figure.js";
import { steps, WORK } from "./work.js";

/** @param bundleDir where the firmware for the board "linux" and its modules are */
export async function chargesFigures(espruino: string, bundleDir: string): Promise<Figure[]> {
  const all = await steps(bundleDir);
  const counts = measure(espruino, all);
  return WORK.map(({ name, kinds, units, unit }) => {
    const sum = { charged: 0, counted: 0 };
    all.forEach(({ kind, charged }, i) => {
      if (!kinds.includes(kind)) return;
      sum.charged += charged;
      sum.counted += counts[i]!;
    });
    return figure(name, sum.charged / units, `instructions/${unit}`, sum.counted / units);
  });
}
