/** One line of the report: a value of ours beside a peer's, measured in the same run. */
export interface Figure {
  name: string;
  value: number;
  unit: string;
  /** The same measure of what it is compared with. */
  peer: number;
  /** value / peer */
  ratio: number;
}

export function figure(name: string, value: number, unit: string, peer: number): Figure {
  return { name, value: round(value), unit, peer: round(peer), ratio: round(value / peer) };
}

/** Four digits are more than any of these measurements is worth. */
function round(n: number): number {
  return Number(n.toPrecision(4));
}
