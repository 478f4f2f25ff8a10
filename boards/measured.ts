/** What a build takes of the interpreter's variables, as it was measured: variables.ts has the figures. */
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
  /** Bytes of its drivers' modules. */
  readonly moduleBytes: number;
}
