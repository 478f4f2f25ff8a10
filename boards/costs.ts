/**
 * What the firmware costs a board, in instructions of a Thumb-2 build. Written by `npm run bench -- --only driver --write`, which counts them on the real
 * interpreter: docs/performance.md.
 */
export const costs = {
  /** Instructions of the build that was counted for one of Thumb-2. */
  scale: 2.16,
  /** The firmware's own look at the time, every 50 ms, with one host; and for each device more, which nobody need read. */
  tick: 111000,
  unread: 50700,
  /** A byte of a print job, from the link to the UART. */
  printed: 10400,
  /** A unit of each driver on its whole way to one host, at its usual rate: as a record, and as a datagram. */
  units: {
    ad8232: { record: 29100, live: 17000 },
    max30102: { record: 89400, live: 75800 },
    mlx90614: { record: 1040000, live: 869000 },
    ds18b20: { record: 1220000, live: 1340000 },
    nonin: { record: 29300, live: 25000 },
    cms50: { record: 38000, live: 33400 },
    analyser: { record: 30500, live: 30500 },
    vc0706: { record: 6430, live: 6430 },
    ov528: { record: 6720, live: 6720 },
    ov2640: { record: 5770, live: 5770 },
  } as Readonly<Record<string, { readonly record: number; readonly live: number }>>,
};
