import type { BoardSpec } from "./board.js";

/** BBC micro:bit 2, on its USB cable. Figures: Espruino 2v29, boards/MICROBIT2.py. */
export const board: BoardSpec = {
  id: "microbit2",
  title: "BBC micro:bit 2",
  interpreter: "MICROBIT2", // scripts/build_platform_config.py: PC_BOARD_ID, the name of boards/MICROBIT2.py
  chunk: 64, // there is no TCP
  datagram: 0,
  serialPayload: 256, // 23 ms of wire at 115200
  transmitRing: 256, // scripts/build_platform_config.py: bufferSizeTX from 128 KB of RAM
  window: 4,
  sessions: 1,
  eventQueue: 1024, // scripts/build_platform_config.py: bufferSizeIO of NRF52
  uartFifo: 0,
  variables: 6000, // info.variables
  variableBytes: 13, // src/jsvar.h: up to 8191 variables
  storage: 40960, // chip.saved_code: 10 pages of 4 KB
  marks: 256,
  sharedFlash: true, // src/jsflash.c: compaction erases pages in the order in which files lie
  crypto: false, // build.libraries has no CRYPTO
  drift: 0.02, // the 32 kHz clock may be an RC oscillator: targets/nrf5x/nrf5x_utils.c
  // Transactions, a watchdog and a sensor do not fit at once.
  builds: [
    { name: "", features: ["serial", "extras", "watchdog", "starts"] },
    { name: "sensors", features: ["serial", "watchdog", "starts"] },
    { name: "unwatched", features: ["serial", "extras"] },
  ],
  mhz: 64, // chip.speed
  network: { module: "", sockets: 0, servers: 0, clients: 0, telnet: false, mdns: false },
  uarts: { Serial1: { tx: [], rx: [] } }, // info.default_console_tx and rx: the cable to a host, by way of its interface chip; there is no other
  buses: {
    I2C1: { scl: ["D19"], sda: ["D20"] },
    SPI1: { sck: ["D13"], miso: ["D14"], mosi: ["D15"] },
  },
  pins: "D0 D1 D2 D3 D4 D5 D6 D7 D8 D9 D10 D11 D12 D13 D14 D15 D16 D19 D20", // board.bottom
  analog: "D0 D1 D2", // get_pins: ADC1_IN0 to IN2
  interrupts: { lines: 8, byNumber: false }, // scripts/build_platform_config.py: exti_count of NRF52
  power: { v3: "3.3", v5: "", only3V3: "all" },
  paths: false,
  watchdog: 26, // targets/nrf5x/jshardware.c: any; as long as the others
  bauds: { least: 1200, most: 1000000 }, // targets/nrf5x/nrf5x_utils.c: nrf_utils_get_baud_enum
};
