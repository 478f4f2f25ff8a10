import type { BoardSpec } from "./board.js";

/**
 * MDBT42Q breakout with a WIZnet W5500. The interpreter has no such build ready: it is made with `WIZNET=1 BOARD=MDBT42Q make`. Figures: Espruino 2v29,
 * boards/MDBT42Q.py.
 */
export const board: BoardSpec = {
  id: "mdbt42q",
  title: "MDBT42Q with WIZnet W5500",
  interpreter: "MDBT42Q", // scripts/build_platform_config.py: PC_BOARD_ID, the name of boards/MDBT42Q.py
  chunk: 536, // libs/network/wiznet/network_wiznet.c: chunkSize
  datagram: 528, // chunk less the 8 bytes of JsNetUDPPacketHeader
  serialPayload: 128, // 11 ms of wire at 115200
  transmitRing: 128, // scripts/build_platform_config.py: bufferSizeTX below 128 KB of RAM
  window: 2,
  sessions: 1,
  eventQueue: 1024, // scripts/build_platform_config.py: bufferSizeIO of NRF52
  uartFifo: 0,
  variables: 2950, // info.variables
  variableBytes: 13, // src/jsvar.h: up to 8191 variables
  storage: 40960, // chip.saved_code: 10 pages of 4 KB
  marks: 256,
  sharedFlash: true, // src/jsflash.c: compaction erases pages in the order in which files lie
  crypto: false, // boards/MDBT42Q.py lists SHA256, but neither TLS nor AES
  drift: 0.02, // the 32 kHz clock may be an RC oscillator: targets/nrf5x/nrf5x_utils.c
  builds: [
    { name: "", features: ["watchdog", "starts"] },
    { name: "unwatched", features: [] },
  ],
  mhz: 64, // chip.speed
  // libs/network/wiznet/Ethernet/wizchip_conf.h: eight sockets; network_wiznet.c: a server's socket is its one client's
  network: {
    module: "WIZnet",
    sockets: 8,
    servers: 7,
    clients: 1,
    telnet: false,
    mdns: false,
    pins: "D14 D15 D16 D17",
    spi: { port: "SPI1", sck: "D14", miso: "D15", mosi: "D16" },
    cs: "D17",
  },
  uarts: { Serial1: { tx: ["D6", "D18"], rx: ["D8", "D19"] } }, // get_pins; targets/nrf5x/jshardware.c: any pins
  buses: { I2C1: { scl: ["D27"], sda: ["D26"] } }, // any pins, which must be named
  pins: "D3 D4 D5 D6 D7 D8 D9 D10 D11 D14 D15 D16 D17 D18 D19 D20 D22 D25 D26 D27 D28 D29 D30 D31", // board_breakout
  analog: "D3 D4 D5 D28 D29 D30 D31", // get_pins: ADC1_IN1 to IN7
  interrupts: { lines: 8, byNumber: false }, // scripts/build_platform_config.py: exti_count of NRF52
  power: { v3: "3.3", v5: "", only3V3: "all" },
  paths: false,
  watchdog: 26, // targets/nrf5x/jshardware.c: any; as long as the others
  bauds: { least: 1200, most: 1000000 }, // targets/nrf5x/nrf5x_utils.c: nrf_utils_get_baud_enum
};
