/**
 * What each build takes of the interpreter's variables. Written by `npm run bench -- --only board.storage. --write`, and `board.ram.`, which measure it on the
 * real interpreter's 32-bit build: docs/limits.md.
 */
export interface Measured {
  /** With its code in Storage, as it is flashed. */
  readonly storage?: Variables & {
    /** At rest with its link alone, over TCP where there is a network, and with a key where the board can keep one. */
    readonly bare: number;
  };
  /** With its code in RAM, as if it had been typed at the console. */
  readonly ram?: Variables;
}

export interface Variables {
  /** At rest with these drivers' devices, and the most while they work. */
  readonly idle: number;
  readonly busy: number;
  readonly drivers: readonly string[];
  /** Bytes of a variable in the interpreter that was measured. */
  readonly variableBytes: number;
  /** The program that was measured: its bytes in Storage, and the variables at its start as estimated from its text. */
  readonly bytes: number;
  readonly estimated: number;
}

/** By the names of the builds. */
export const variables: Readonly<Record<string, Measured>> = {
  linux: {
    ram: { idle: 7389, busy: 8481, drivers: ["escpos"], variableBytes: 14, bytes: 67542, estimated: 923 },
    storage: {
      bare: 1536,
      idle: 1873,
      busy: 3139,
      drivers: ["escpos"],
      variableBytes: 13,
      bytes: 67542,
      estimated: 923,
    },
  },
  "espruino-wifi": {
    ram: { idle: 6912, busy: 7931, drivers: ["escpos"], variableBytes: 14, bytes: 63009, estimated: 957 },
    storage: {
      bare: 1539,
      idle: 1839,
      busy: 3019,
      drivers: ["escpos"],
      variableBytes: 13,
      bytes: 63009,
      estimated: 957,
    },
  },
  "espruino-wifi-tcp": {
    ram: { idle: 5983, busy: 7015, drivers: ["escpos"], variableBytes: 14, bytes: 56125, estimated: 918 },
    storage: {
      bare: 1129,
      idle: 1428,
      busy: 2635,
      drivers: ["escpos"],
      variableBytes: 13,
      bytes: 56125,
      estimated: 918,
    },
  },
  "espruino-wifi-devices": {
    ram: { idle: 6014, busy: 6970, drivers: ["escpos"], variableBytes: 13, bytes: 53321, estimated: 903 },
    storage: {
      bare: 1117,
      idle: 1417,
      busy: 2546,
      drivers: ["escpos"],
      variableBytes: 13,
      bytes: 53321,
      estimated: 903,
    },
  },
  "espruino-wifi-plain": {
    ram: { idle: 5613, busy: 6522, drivers: ["escpos"], variableBytes: 13, bytes: 48806, estimated: 893 },
    storage: {
      bare: 1112,
      idle: 1405,
      busy: 2485,
      drivers: ["escpos"],
      variableBytes: 13,
      bytes: 48806,
      estimated: 893,
    },
  },
  "pico-wiznet": {
    ram: { idle: 5633, busy: 6515, drivers: ["escpos"], variableBytes: 13, bytes: 48292, estimated: 863 },
    storage: {
      bare: 1139,
      idle: 1474,
      busy: 2477,
      drivers: ["escpos"],
      variableBytes: 13,
      bytes: 48292,
      estimated: 863,
    },
  },
  "pico-wiznet-tcp": {
    ram: { idle: 5531, busy: 6413, drivers: ["escpos"], variableBytes: 13, bytes: 47250, estimated: 858 },
    storage: {
      bare: 1133,
      idle: 1468,
      busy: 2465,
      drivers: ["escpos"],
      variableBytes: 13,
      bytes: 47250,
      estimated: 858,
    },
  },
  "pico-wiznet-plain": {
    ram: { idle: 5476, busy: 6416, drivers: ["escpos"], variableBytes: 13, bytes: 46273, estimated: 857 },
    storage: {
      bare: 1130,
      idle: 1457,
      busy: 2538,
      drivers: ["escpos"],
      variableBytes: 13,
      bytes: 46273,
      estimated: 857,
    },
  },
  "pico-wiznet-raw": {
    ram: { idle: 5218, busy: 6045, drivers: ["escpos"], variableBytes: 13, bytes: 43666, estimated: 846 },
    storage: {
      bare: 1123,
      idle: 1451,
      busy: 2404,
      drivers: ["escpos"],
      variableBytes: 13,
      bytes: 43666,
      estimated: 846,
    },
  },
  "pico-wiznet-buses": {
    ram: { idle: 5302, busy: 6184, drivers: ["escpos"], variableBytes: 13, bytes: 45776, estimated: 842 },
    storage: {
      bare: 1118,
      idle: 1409,
      busy: 2417,
      drivers: ["escpos"],
      variableBytes: 13,
      bytes: 45776,
      estimated: 842,
    },
  },
  "pico-wiznet-lean": {
    ram: { idle: 4959, busy: 5789, drivers: ["escpos"], variableBytes: 13, bytes: 41756, estimated: 768 },
    storage: {
      bare: 1070,
      idle: 1389,
      busy: 2326,
      drivers: ["escpos"],
      variableBytes: 13,
      bytes: 41756,
      estimated: 768,
    },
  },
  "pico-wiznet-sensors": {
    ram: { idle: 5817, busy: 6815, drivers: ["ad8232", "nonin"], variableBytes: 14, bytes: 40078, estimated: 876 },
    storage: {
      bare: 1153,
      idle: 1916,
      busy: 2926,
      drivers: ["ad8232", "nonin"],
      variableBytes: 13,
      bytes: 40078,
      estimated: 876,
    },
  },
  "pico-wiznet-cameras": {
    ram: { idle: 5366, busy: 6426, drivers: ["vc0706"], variableBytes: 13, bytes: 32924, estimated: 797 },
    storage: {
      bare: 1104,
      idle: 1584,
      busy: 2593,
      drivers: ["vc0706"],
      variableBytes: 13,
      bytes: 32924,
      estimated: 797,
    },
  },
  pico: {
    ram: { idle: 5890, busy: 6483, drivers: ["escpos"], variableBytes: 14, bytes: 52227, estimated: 870 },
    storage: {
      bare: 1437,
      idle: 1740,
      busy: 2537,
      drivers: ["escpos"],
      variableBytes: 14,
      bytes: 52227,
      estimated: 870,
    },
  },
  esp32: {
    ram: { idle: 7491, busy: 8546, drivers: ["escpos"], variableBytes: 14, bytes: 68646, estimated: 967 },
    storage: {
      bare: 1530,
      idle: 1866,
      busy: 3101,
      drivers: ["escpos"],
      variableBytes: 14,
      bytes: 68646,
      estimated: 967,
    },
  },
  esp32c3: {
    ram: { idle: 7490, busy: 8487, drivers: ["escpos"], variableBytes: 14, bytes: 68597, estimated: 967 },
    storage: {
      bare: 1530,
      idle: 1866,
      busy: 3025,
      drivers: ["escpos"],
      variableBytes: 14,
      bytes: 68597,
      estimated: 967,
    },
  },
  "nucleo-f411": {
    ram: { idle: 6817, busy: 7850, drivers: ["escpos"], variableBytes: 14, bytes: 61466, estimated: 919 },
    storage: {
      bare: 1503,
      idle: 1839,
      busy: 3078,
      drivers: ["escpos"],
      variableBytes: 13,
      bytes: 61466,
      estimated: 919,
    },
  },
  "nucleo-f767": {
    ram: { idle: 7401, busy: 8410, drivers: ["escpos"], variableBytes: 14, bytes: 67517, estimated: 928 },
    storage: {
      bare: 1495,
      idle: 1831,
      busy: 3039,
      drivers: ["escpos"],
      variableBytes: 14,
      bytes: 67517,
      estimated: 928,
    },
  },
  mdbt42q: {
    ram: { idle: 4624, busy: 5190, drivers: ["ad8232"], variableBytes: 13, bytes: 32516, estimated: 788 },
    storage: {
      bare: 1051,
      idle: 1428,
      busy: 2009,
      drivers: ["ad8232"],
      variableBytes: 13,
      bytes: 32516,
      estimated: 788,
    },
  },
  microbit2: {
    ram: { idle: 4906, busy: 5452, drivers: ["ad8232"], variableBytes: 13, bytes: 35392, estimated: 828 },
    storage: {
      bare: 1038,
      idle: 1436,
      busy: 2035,
      drivers: ["ad8232"],
      variableBytes: 13,
      bytes: 35392,
      estimated: 828,
    },
  },
  raspberrypi: {
    ram: { idle: 7391, busy: 8475, drivers: ["escpos"], variableBytes: 14, bytes: 67548, estimated: 923 },
    storage: {
      bare: 1538,
      idle: 1874,
      busy: 3146,
      drivers: ["escpos"],
      variableBytes: 13,
      bytes: 67548,
      estimated: 923,
    },
  },
};
