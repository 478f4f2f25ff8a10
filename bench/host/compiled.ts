/** Asks the compiled bench for the figures of the host. */
import { fork } from "node:child_process";
import { once } from "node:events";
import type { Figure } from "../figure.js";

/** @param root the repository, built */
export async function hostFigures(root: string, only: string): Promise<Figure[]> {
  const child = fork(`${root}dist/bench/host/main.js`, [only], { execArgv: [] });
  const gone = once(child, "exit").then(() => [[]]);
  const [figures] = (await Promise.race([once(child, "message"), gone])) as [Figure[]];
  if (child.connected) child.disconnect();
  await gone;
  if (child.exitCode !== 0) throw new Error("the figures of the host could not be taken; what it said is above");
  return figures;
}
