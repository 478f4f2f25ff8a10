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
    ram: { idle: 7389, busy: 8481, drivers: ["escpos"], variableBytes: 14, bytes: 67542, estimated: 923 },
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
    ram: { idle: 6912, busy: 7931, drivers: ["escpos"], variableBytes: 14, bytes: 63009, estimated: 957 },
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
    ram: { idle: 5983, busy: 7015, drivers: ["escpos"], variableBytes: 14, bytes: 56125, estimated: 918 },
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
    ram: { idle: 6014, busy: 6970, drivers: ["escpos"], variableBytes: 13, bytes: 53321, estimated: 903 },
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
    ram: { idle: 5613, busy: 6522, drivers: ["escpos"], variableBytes: 13, bytes: 48806, estimated: 893 },
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
    ram: { idle: 5633, busy: 6515, drivers: ["escpos"], variableBytes: 13, bytes: 48292, estimated: 863 },
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
    ram: { idle: 5531, busy: 6413, drivers: ["escpos"], variableBytes: 13, bytes: 47250, estimated: 858 },
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
    ram: { idle: 5476, busy: 6416, drivers: ["escpos"], variableBytes: 13, bytes: 46273, estimated: 857 },
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
    ram: { idle: 5218, busy: 6045, drivers: ["escpos"], variableBytes: 13, bytes: 43666, estimated: 846 },
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
    ram: { idle: 5302, busy: 6184, drivers: ["escpos"], variableBytes: 13, bytes: 45776, estimated: 842 },
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
    ram: { idle: 4959, busy: 5789, drivers: ["escpos"], variableBytes: 13, bytes: 41756, estimated: 768 },
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
    ram: { idle: 5817, busy: 6815, drivers: ["ad8232", "nonin"], variableBytes: 14, bytes: 40078, estimated: 876 },
  },
  "pico-wiznet-cameras": {
    storage: {
      bare: 1110,
      idle: 1590,
      busy: 2600,
      drivers: ["vc0706"],
      variableBytes: 13,
      bytes: 33114,
      estimated: 801,
    },
    ram: { idle: 5366, busy: 6426, drivers: ["vc0706"], variableBytes: 13, bytes: 32924, estimated: 797 },
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
    ram: { idle: 5890, busy: 6483, drivers: ["escpos"], variableBytes: 14, bytes: 52227, estimated: 870 },
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
    ram: { idle: 7491, busy: 8546, drivers: ["escpos"], variableBytes: 14, bytes: 68646, estimated: 967 },
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
    ram: { idle: 7490, busy: 8487, drivers: ["escpos"], variableBytes: 14, bytes: 68597, estimated: 967 },
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
    ram: { idle: 6817, busy: 7850, drivers: ["escpos"], variableBytes: 14, bytes: 61466, estimated: 919 },
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
    ram: { idle: 7401, busy: 8410, drivers: ["escpos"], variableBytes: 14, bytes: 67517, estimated: 928 },
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
    ram: { idle: 4624, busy: 5190, drivers: ["ad8232"], variableBytes: 13, bytes: 32516, estimated: 788 },
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
    ram: { idle: 4906, busy: 5452, drivers: ["ad8232"], variableBytes: 13, bytes: 35392, estimated: 828 },
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
    ram: { idle: 7391, busy: 8475, drivers: ["escpos"], variableBytes: 14, bytes: 67548, estimated: 923 },
  },
};
