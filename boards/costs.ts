/**
 * What the firmware costs a board, in instructions of a Thumb-2 build. Written by `npm run bench -- --only driver --write`, which counts them on the real
 * interpreter: docs/performance.md.
 */
export const costs = {
  /** Instructions of the build that was counted for one of Thumb-2. */
  scale: 2.16,
  /** The firmware's own look at the time, every 50 ms, with one host; and for each device more, which nobody need read. */
  tick: 156000,
  unread: 70400,
  /** What a key adds to a frame. */
  sealed: 1200000,
  /** A byte of a print job, from the link to the UART. */
  printed: 14700,
  /** A unit of each driver on its whole way to one host, at its usual rate: as a record, and as a datagram. */
  units: {
    ad8232: { record: 22400, live: 12200 },
    max30102: { record: 111000, live: 85000 },
    mlx90614: { record: 1180000, live: 896000 },
    ds18b20: { record: 1200000, live: 1380000 },
    nonin: { record: 40100, live: 29700 },
    cms50: { record: 51800, live: 38500 },
    analyser: { record: 31200, live: 31200 },
    vc0706: { record: 2710, live: 2710 },
    ov528: { record: 3430, live: 3430 },
    ov2640: { record: 1570, live: 1570 },
  } as Readonly<Record<string, { readonly record: number; readonly live: number }>>,
};
