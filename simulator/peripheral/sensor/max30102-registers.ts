/** Registers of the MAX30102. Maxim, MAX30102 data sheet 19-7740, register map; the values at power-on that are not zero. */

export const enum Register {
  status1 = 0x00,
  status2 = 0x01,
  enable1 = 0x02,
  enable2 = 0x03,
  writePointer = 0x04,
  overflow = 0x05,
  readPointer = 0x06,
  data = 0x07,
  fifo = 0x08,
  mode = 0x09,
  spo2 = 0x0a,
  led1 = 0x0c,
  led2 = 0x0d,
  slots1 = 0x11,
  slots2 = 0x12,
  temperature = 0x1f,
  temperatureFraction = 0x20,
  temperatureStart = 0x21,
  revision = 0xfe,
  part = 0xff,
}

export const enum Status {
  almostFull = 0x80,
  ready = 0x40,
  power = 0x01,
}

export const enum Fifo {
  rollover = 0x10,
  /** Samples that may still come when almost full. */
  left = 0x0f,
}

export const enum Mode {
  shutdown = 0x80,
  reset = 0x40,
  which = 0x07,
  heartRate = 2,
  spo2 = 3,
}

export const PART = 0x15;
export const REVISION = 0x03;

/** Samples a second by bits 4 to 2 of the SpO2 register. */
export const RATES = [50, 100, 200, 400, 800, 1000, 1600, 3200] as const;

/** Those that can be written, besides the FIFO's. */
export const WRITABLE: readonly number[] = [
  ...[Register.enable1, Register.enable2, Register.fifo, Register.mode, Register.spo2],
  ...[Register.led1, Register.led2, Register.slots1, Register.slots2],
];
