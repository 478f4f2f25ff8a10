/** Costs of operations from what programs took in all: least squares of relative errors, none below zero. */

/**
 * @param rows how often each program does each operation
 * @param sums what each took
 */
export function fit(rows: readonly (readonly number[])[], sums: readonly number[]): number[] {
  const columns = rows[0]!.length;
  const scaled = rows.map((row, i) => row.map((count) => count / sums[i]!));
  const products = Array.from({ length: columns }, (_, a) =>
    Array.from({ length: columns }, (_, b) => scaled.reduce((sum, row) => sum + row[a]! * row[b]!, 0)),
  );
  const aims = Array.from({ length: columns }, (_, a) => scaled.reduce((sum, row) => sum + row[a]!, 0));
  const costs = new Array<number>(columns).fill(0);
  for (let round = 0; round < ROUNDS; round++)
    for (let a = 0; a < columns; a++) {
      const own = products[a]![a]!;
      if (own === 0) continue;
      const rest = products[a]!.reduce((sum, product, b) => sum + (a === b ? 0 : product * costs[b]!), 0);
      costs[a] = Math.max(0, (aims[a]! - rest) / own);
    }
  return costs;
}

const ROUNDS = 20_000;
