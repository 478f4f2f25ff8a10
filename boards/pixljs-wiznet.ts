import type { BoardSpec } from "./board.js";

/** Pixl.js with an Arduino Ethernet shield, a WIZnet W5100, running the interpreter's wiznet build. Figures: Espruino 2v29, boards/PIXLJS_WIZ.py. */
export const board: BoardSpec = {
  id: "pixljs-wiznet",
  title: "Pixl.js with WIZnet W5100",
  interpreter: "PIXLJS", // info.boardname of boards/PIXLJS_WIZ.py
  refuses:
    "its W5100 has no MAC address of its own, and beside the smallest firmware, 32,300 of its 36,864 bytes of Storage, there is room for a thermometer at the most; use mdbt42q, or pico-wiznet",
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
  storage: 36864, // chip.saved_code: 9 pages of 4 KB
  marks: 256,
  sharedFlash: true, // src/jsflash.c: compaction erases pages in the order in which files lie
  crypto: false, // boards/PIXLJS_WIZ.py: CRYPTO alone, SHA1
  drift: 0.02, // the 32 kHz clock may be an RC oscillator: targets/nrf5x/nrf5x_utils.c
  builds: [],
  mhz: 64, // chip.speed
  // libs/network/wiznet/Ethernet/wizchip_conf.h: four sockets; network_wiznet.c: a server's socket is its one client's
  network: {
    module: "WIZnet",
    sockets: 4,
    servers: 3,
    clients: 1,
    telnet: false,
    mdns: false,
    pins: "D10 D11 D12 D13",
    spi: { port: "SPI1", sck: "D13", miso: "D12", mosi: "D11" },
    cs: "D10",
  },
  // targets/nrf5x/jshardware.c: any pins; the usual ones are the console's
  uarts: { Serial1: { tx: ["D1", "D3", "D5"], rx: ["D0", "D2", "D4"] } },
  buses: { I2C1: { scl: ["A5", "A1"], sda: ["A4", "A0"] } }, // any pins, which must be named
  pins: "D0 D1 D2 D3 D4 D5 D6 D7 D8 D9 D10 D11 D12 D13 A0 A1 A2 A3 A4 A5", // board.top, bottom
  analog: "D3 D4 A0 A1 A2 A3 A4 A5", // get_pins: ADC1_IN0 to IN7
  interrupts: { lines: 8, byNumber: false }, // scripts/build_platform_config.py: exti_count of NRF52
  power: { v3: "3.3V", v5: "", only3V3: "all" },
  paths: false,
  watchdog: 26, // targets/nrf5x/jshardware.c: any; as long as the others
  bauds: { least: 1200, most: 1000000 }, // targets/nrf5x/nrf5x_utils.c: nrf_utils_get_baud_enum
};
