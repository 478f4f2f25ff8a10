import type { BoardSpec } from "./board.js";

/** ESP8266 with 4 MB of flash, ESP-12. Figures: Espruino 2v29, boards/ESP8266_4MB.py. */
export const board: BoardSpec = {
  id: "esp8266",
  title: "ESP8266",
  interpreter: "ESP8266_4MB", // scripts/build_platform_config.py: PC_BOARD_ID, the name of boards/ESP8266_4MB.py
  refuses:
    "the smallest firmware takes about 1,050 of its 1,600 variables before anybody comes, and a session needs 1,060 more; use esp32 or esp32c3",
  chunk: 268, // libs/network/esp8266/network_esp8266.c: chunkSize
  datagram: 260, // chunk less the 8 bytes of JsNetUDPPacketHeader
  serialPayload: 128, // 11 ms of wire at 115200
  transmitRing: 128, // scripts/build_platform_config.py: bufferSizeTX below 128 KB of RAM
  window: 2,
  sessions: 1,
  eventQueue: 512, // scripts/build_platform_config.py: bufferSizeIO from 20 KB of RAM
  uartFifo: 0,
  variables: 1600, // info.variables
  variableBytes: 12, // src/jsvar.h: up to 2047 variables
  storage: 196608, // chip.saved_code: 48 pages of 4 KB
  marks: 256,
  sharedFlash: true, // src/jsflash.c: compaction erases pages in the order in which files lie
  crypto: false, // build.libraries has CRYPTO alone: SHA1
  drift: 0.02,
  builds: [],
  mhz: 160, // chip.speed
  network: { module: "Wifi", sockets: 10, servers: 9, clients: 9, telnet: false, mdns: false }, // libs/network/esp8266/network_esp8266.h: MAX_SOCKETS
  // get_pins; the second UART has no receiver
  uarts: { Serial1: { tx: ["D1"], rx: ["D3"] } },
  buses: {
    I2C1: { scl: ["D5"], sda: ["D4"] }, // none in get_pins: those must be named
    SPI1: { sck: ["D14"], miso: ["D12"], mosi: ["D13"] },
  },
  pins: "D0 D1 D2 D3 D4 D5 D12 D13 D14 D15 D16 A0", // board_esp12 without D6 to D11, on which its flash hangs
  analog: "A0", // get_pins: ADC1_IN0
  interrupts: { lines: 16, byNumber: false }, // targets/esp8266/jshardware.c: jshCanWatch, all but D16
  power: { v3: "VCC", v5: "", only3V3: "all" },
  paths: false,
  watchdog: 0, // targets/esp8266/jshardware.c prints, and does no more
  bauds: { least: 1200, most: 115200 },
};
