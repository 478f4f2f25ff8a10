/**
 * What each driver asks of its wire, beside what docs/devices/NAME.md says of it: the host refuses a configuration that cannot give it.
 */

/** On I2C. The drivers know their chips at these addresses only. */
export interface BusDemand {
  readonly on: "bus";
  readonly address: number;
  /** Most bits a second. */
  readonly fastest: number;
  /** Bytes on the bus for `samples` of them, addresses and registers included: nine bits each. */
  readonly samples: number;
  readonly bytes: number;
}

/** On a UART, sending without being asked. */
export interface LineDemand {
  readonly on: "line";
  readonly frames: number;
  readonly frameBytes: number;
  /** Start, data, parity and stop. */
  readonly byteBits: number;
  /** The device's own speed in bits a second. */
  readonly baud: number;
}

export type Demand = BusDemand | LineDemand;

export const demands: { readonly [driver: string]: Demand } = {
  // An interrupt's 17 samples: where to read and 7 bytes, where to read and 17 times 6, each behind the address twice.
  max30102: { on: "bus", address: 0x57, fastest: 400_000, samples: 17, bytes: 3 + 7 + 3 + 17 * 6 },
  mlx90614: { on: "bus", address: 0x5a, fastest: 100_000, samples: 1, bytes: 3 + 3 },
  nonin: { on: "line", frames: 75, frameBytes: 5, byteBits: 10, baud: 9600 },
  cms50: { on: "line", frames: 60, frameBytes: 5, byteBits: 11, baud: 19_200 },
};
