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
    storage: {
      bare: 1558,
      idle: 1896,
      busy: 3166,
      drivers: ["escpos"],
      variableBytes: 13,
      bytes: 67931,
      estimated: 945,
    },
    ram: { idle: 7431, busy: 8518, drivers: ["escpos"], variableBytes: 14, bytes: 67931, estimated: 945 },
  },
  "espruino-wifi": {
    storage: {
      bare: 1559,
      idle: 1862,
      busy: 3068,
      drivers: ["escpos"],
      variableBytes: 13,
      bytes: 63395,
      estimated: 979,
    },
    ram: { idle: 6954, busy: 7988, drivers: ["escpos"], variableBytes: 14, bytes: 63395, estimated: 979 },
  },
  "espruino-wifi-tcp": {
    storage: {
      bare: 1150,
      idle: 1452,
      busy: 2661,
      drivers: ["escpos"],
      variableBytes: 13,
      bytes: 56515,
      estimated: 940,
    },
    ram: { idle: 6026, busy: 7056, drivers: ["escpos"], variableBytes: 14, bytes: 56515, estimated: 940 },
  },
  "espruino-wifi-devices": {
    storage: {
      bare: 1138,
      idle: 1440,
      busy: 2568,
      drivers: ["escpos"],
      variableBytes: 13,
      bytes: 53711,
      estimated: 925,
    },
    ram: { idle: 6060, busy: 7013, drivers: ["escpos"], variableBytes: 13, bytes: 53711, estimated: 925 },
  },
  "espruino-wifi-plain": {
    storage: {
      bare: 1133,
      idle: 1428,
      busy: 2506,
      drivers: ["escpos"],
      variableBytes: 13,
      bytes: 49196,
      estimated: 915,
    },
    ram: { idle: 5659, busy: 6566, drivers: ["escpos"], variableBytes: 13, bytes: 49196, estimated: 915 },
  },
  "pico-wiznet": {
    storage: {
      bare: 1151,
      idle: 1488,
      busy: 2498,
      drivers: ["escpos"],
      variableBytes: 13,
      bytes: 48179,
      estimated: 875,
    },
    ram: { idle: 5636, busy: 6518, drivers: ["escpos"], variableBytes: 13, bytes: 48179, estimated: 875 },
  },
  "pico-wiznet-tcp": {
    storage: {
      bare: 1145,
      idle: 1482,
      busy: 2481,
      drivers: ["escpos"],
      variableBytes: 13,
      bytes: 47136,
      estimated: 870,
    },
    ram: { idle: 5535, busy: 6416, drivers: ["escpos"], variableBytes: 13, bytes: 47136, estimated: 870 },
  },
  "pico-wiznet-plain": {
    storage: {
      bare: 1142,
      idle: 1472,
      busy: 2560,
      drivers: ["escpos"],
      variableBytes: 13,
      bytes: 46157,
      estimated: 869,
    },
    ram: { idle: 5247, busy: 6174, drivers: ["escpos"], variableBytes: 14, bytes: 46157, estimated: 869 },
  },
  "pico-wiznet-raw": {
    storage: {
      bare: 1135,
      idle: 1465,
      busy: 2423,
      drivers: ["escpos"],
      variableBytes: 13,
      bytes: 43543,
      estimated: 859,
    },
    ram: { idle: 5221, busy: 6051, drivers: ["escpos"], variableBytes: 13, bytes: 43543, estimated: 859 },
  },
  "pico-wiznet-buses": {
    storage: {
      bare: 1130,
      idle: 1418,
      busy: 2427,
      drivers: ["escpos"],
      variableBytes: 13,
      bytes: 45674,
      estimated: 855,
    },
    ram: { idle: 5305, busy: 6189, drivers: ["escpos"], variableBytes: 13, bytes: 45674, estimated: 855 },
  },
  "pico-wiznet-lean": {
    storage: {
      bare: 1076,
      idle: 1403,
      busy: 2338,
      drivers: ["escpos"],
      variableBytes: 13,
      bytes: 41564,
      estimated: 773,
    },
    ram: { idle: 4963, busy: 5798, drivers: ["escpos"], variableBytes: 13, bytes: 41564, estimated: 773 },
  },
  "pico-wiznet-sensors": {
    storage: {
      bare: 1174,
      idle: 1954,
      busy: 2992,
      drivers: ["ad8232", "nonin"],
      variableBytes: 13,
      bytes: 40512,
      estimated: 898,
    },
    ram: { idle: 5904, busy: 6908, drivers: ["ad8232", "nonin"], variableBytes: 14, bytes: 40512, estimated: 898 },
  },
  "pico-wiznet-cameras": {
    storage: {
      bare: 1110,
      idle: 1603,
      busy: 2973,
      drivers: ["vc0706"],
      variableBytes: 13,
      bytes: 33114,
      estimated: 801,
    },
    ram: { idle: 5265, busy: 6704, drivers: ["vc0706"], variableBytes: 13, bytes: 33114, estimated: 801 },
  },
  pico: {
    storage: {
      bare: 1462,
      idle: 1767,
      busy: 2566,
      drivers: ["escpos"],
      variableBytes: 14,
      bytes: 52598,
      estimated: 892,
    },
    ram: { idle: 5929, busy: 6503, drivers: ["escpos"], variableBytes: 14, bytes: 52598, estimated: 892 },
  },
  esp32: {
    storage: {
      bare: 1550,
      idle: 1889,
      busy: 3080,
      drivers: ["escpos"],
      variableBytes: 14,
      bytes: 69033,
      estimated: 989,
    },
    ram: { idle: 7532, busy: 8577, drivers: ["escpos"], variableBytes: 14, bytes: 69033, estimated: 989 },
  },
  esp32c3: {
    storage: {
      bare: 1570,
      idle: 1908,
      busy: 3057,
      drivers: ["escpos"],
      variableBytes: 13,
      bytes: 68984,
      estimated: 989,
    },
    ram: { idle: 7532, busy: 8522, drivers: ["escpos"], variableBytes: 14, bytes: 68984, estimated: 989 },
  },
  "nucleo-f411": {
    storage: {
      bare: 1524,
      idle: 1862,
      busy: 3071,
      drivers: ["escpos"],
      variableBytes: 13,
      bytes: 61854,
      estimated: 941,
    },
    ram: { idle: 6859, busy: 7889, drivers: ["escpos"], variableBytes: 14, bytes: 61854, estimated: 941 },
  },
  "nucleo-f767": {
    storage: {
      bare: 1516,
      idle: 1854,
      busy: 3034,
      drivers: ["escpos"],
      variableBytes: 14,
      bytes: 67906,
      estimated: 950,
    },
    ram: { idle: 7442, busy: 8474, drivers: ["escpos"], variableBytes: 14, bytes: 67906, estimated: 950 },
  },
  mdbt42q: {
    storage: {
      bare: 1057,
      idle: 1434,
      busy: 2015,
      drivers: ["ad8232"],
      variableBytes: 13,
      bytes: 32629,
      estimated: 792,
    },
    ram: { idle: 4638, busy: 5197, drivers: ["ad8232"], variableBytes: 13, bytes: 32629, estimated: 792 },
  },
  microbit2: {
    storage: {
      bare: 1063,
      idle: 1461,
      busy: 2064,
      drivers: ["ad8232"],
      variableBytes: 13,
      bytes: 35716,
      estimated: 850,
    },
    ram: { idle: 4949, busy: 5500, drivers: ["ad8232"], variableBytes: 13, bytes: 35716, estimated: 850 },
  },
  raspberrypi: {
    storage: {
      bare: 1559,
      idle: 1897,
      busy: 3136,
      drivers: ["escpos"],
      variableBytes: 13,
      bytes: 67937,
      estimated: 945,
    },
    ram: { idle: 7432, busy: 8519, drivers: ["escpos"], variableBytes: 14, bytes: 67937, estimated: 945 },
  },
};
