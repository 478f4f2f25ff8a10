/**
 * ArduCAM Mini with an OV2640: images come from its FIFO over SPI, the sensor is set up over I2C (SCCB). Facts and sources: docs/devices/ov2640.md.
 *
 *     SPI: register (1), with 80 to write it; value (1). A burst: 3C, then as many bytes as are wanted
 *     I2C, at 30: register (1), value (1); to read: register (1), STOP, then one byte
 */

/** Registers on SPI. */
export const enum Cam {
  test = 0x00,
  fifo = 0x04,
  gpio = 0x06,
  reset = 0x07,
  burst = 0x3c,
  single = 0x3d,
  version = 0x40,
  trigger = 0x41,
  /** Length of what the FIFO holds: 42 to 44, the lowest byte first, of 23 bits. */
  length = 0x42,
}

/** Added to the number of a register that is written. */
export const CAM_WRITE = 0x80;

/** What is written to `Cam.fifo`. */
export const enum CamFifo {
  /** The FIFO is empty, and no capture is done. */
  clear = 0x01,
  start = 0x02,
  rewind = 0x10,
  rewrite = 0x20,
}

/** Of `Cam.trigger`. */
export const CAM_DONE = 0x08;

/** Of `Cam.gpio`: the sensor runs while it is not held in reset and not in standby, and has power. */
export const CAM_RUN = 0x05;

export const CAM_HZ = 8_000_000;

/** The sensor's address on I2C. */
export const SENSOR = 0x30;

/** Registers of the sensor. */
export const enum Sensor {
  /** Which bank the others are of. */
  bank = 0xff,
  dsp = 0,
  array = 1,
  /** Bank 1: 26, and of its version 41 or 42. */
  product = 0x0a,
  version = 0x0b,
  /** Bank 1. */
  common7 = 0x12,
  resetBit = 0x80,
  /** Bank 0: quantisation, 02 (good, large) to 3F. */
  quantisation = 0x44,
  /** Bank 0: what comes out, JPEG with this bit. */
  format = 0xda,
  jpegBit = 0x10,
  /** Bank 0: width and height of the image by 4, and their upper bits. */
  width = 0x5a,
  height = 0x5b,
  upper = 0x5c,
}

/** Until it takes registers again after its reset, ms. */
export const SENSOR_RESET_MS = 100;

/** Registers and values, two bytes each, as hexadecimal text: what makes JPEG of it after a reset. OmniVision's values, as drivers have them. */
export const SENSOR_JPEG: string =
  "ff002cff2edfff013c3211000902042813e514482c0c33783a333bfb3e0043111610399235da221a37c3230034c0361a068807c00d870e41" +
  "4c0048005b0042034a8121992440253826825c006300617062807c05208028306c006d806e007002719473c112401711184319001a4b3209" +
  "37c04f6050a86d003d38463f4f600c3cff00e57ff9c04124e01476ff33a0422043184c0087d5883fd703d910d382c808c9807c007d007c03" +
  "7d487d487c087d207d107d0e9000910e911a9131915a91699175917e9188918f919691a391af91c491d791e891209200930693e393059305" +
  "9300930493009300930093009300930093009600970897199702970c972497309728972697029798978097009700c3eda400a800c511c651" +
  "bf80c710b666b8a5b764b97cb3afb497b5ffb0c5b194b20fc45cc064c14b8c00863d500051c852965300540055005ac85b965c00d300c3ed" +
  "7f00da00e51fe167e000dd7f05001240d304c016c1128c00863d5000512c52245300540055005a2c5b245c00ff000500da10d703df003380" +
  "3c40e177e014e177e51fd703da10e000ff010408ff011500";

/** In the same way, behind SENSOR_JPEG. */
export const SENSOR_SIZES: Record<string, string> = {
  "160x120":
    "ff0112401711184319001a4b32094fca50a85a236d00391235da221a37c3230034c0361a068807c00d870e414c00ff00e004c064c14b8635" +
    "509251c8529653005400550057005a285b1e5c00e000",
  "320x240":
    "ff0112401711184319001a4b32094fca50a85a236d00391235da221a37c3230034c0361a068807c00d870e414c00ff00e004c064c14b8635" +
    "508951c8529653005400550057005a505b3c5c00e000",
  "640x480":
    "ff011101120017111875323619011a97030f37404fbb509c5a576d803d3439023588220a374034a006020db70e01ff00e004c0c8c196863d" +
    "50895190522c53005400558857005aa05b785c00d304e000",
};

/** @param quality 1 to 100, as encoders of JPEG take it @returns what `Sensor.quantisation` holds @inline */
export function sensorQuantisation(quality: number): number {
  return Math.round(63 - quality * 0.61);
}
