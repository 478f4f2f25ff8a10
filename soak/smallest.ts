/** Makes a plan that fails smaller: what is left out leaves the rest where it was in time. */
import { CLEAN } from "./wire.js";
import type { Deed, Plan } from "./plan.js";

/** @param fails whether a plan still fails; after the time in which one may look for more it says no */
export function smallest(plan: Plan, fails: (plan: Plan) => boolean): Plan {
  for (let size = plan.deeds.length; size > 0;) {
    const before = plan.deeds.length;
    for (let from = plan.deeds.length - size; from > -size; from -= size) {
      const deeds = without(plan.deeds, Math.max(0, from), from + size);
      if (deeds.length < plan.deeds.length && fails({ ...plan, deeds })) plan = { ...plan, deeds };
    }
    // Without one, another may be needless that was not before.
    if (size > 1 || plan.deeds.length === before) size >>= 1;
  }
  return simpler(plan, fails);
}

/** The deeds but those from `from` up to, not including, `to`. */
function without(deeds: readonly Deed[], from: number, to: number): Deed[] {
  const spared = deeds.slice(from, to).reduce((sum, { after }) => sum + after, 0);
  return deeds
    .filter((_, i) => i < from || i >= to)
    .map((deed, i) => (i === from ? { ...deed, after: deed.after + spared } : deed));
}

/** Each of these by itself, if the plan fails without it: drifting clocks, a key, each fault. */
function simpler(plan: Plan, fails: (plan: Plan) => boolean): Plan {
  const attempt = (other: Plan): void => {
    if (fails(other)) plan = other;
  };
  attempt({ ...plan, rates: { host: 1, board: 1 } });
  attempt({ ...plan, keyed: false });
  for (let i = 0; i < plan.deeds.length; i++)
    for (const fault of Object.keys(CLEAN)) {
      const deed = plan.deeds[i]!;
      if (deed.do === "suffer" && deed.faults[fault as keyof typeof CLEAN])
        attempt({
          ...plan,
          deeds: plan.deeds.with(i, { ...deed, faults: { ...deed.faults, [fault]: 0 } }),
        });
    }
  return plan;
}
