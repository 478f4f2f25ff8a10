/**
 * What the firmware costs a board, in instructions of a Thumb-2 build. Written by `npm run bench -- --only driver --write`, which counts them on the real
 * interpreter: docs/performance.md.
 */
export const costs = {
  /** Instructions of the build that was counted for one of Thumb-2. */
  scale: 2.16,
  /** The firmware's own look at the time, every 50 ms, with one host. */
  tick: 349000,
  /** A byte of a print job, from the link to the UART. */
  printed: 6510,
  /** A unit of each driver on its whole way to one host, at its usual rate: as a record, and as a datagram. */
  units: {
    ad8232: { record: 125000, live: 84800 },
    max30102: { record: 224000, live: 148000 },
    mlx90614: { record: 3120000, live: 2120000 },
    ds18b20: { record: 3750000, live: 2380000 },
    nonin: { record: 52900, live: 39200 },
    cms50: { record: 63400, live: 42100 },
    analyser: { record: 150000, live: 150000 },
  } as Readonly<Record<string, { readonly record: number; readonly live: number }>>,
};
