import type { BoardSpec } from "./board.js";

/** Original Espruino board with a WIZnet W5500, running the interpreter's wiznet build. Figures: Espruino 2v29, boards/ESPRUINOBOARD.py. */
export const board: BoardSpec = {
  id: "espruino-original",
  title: "Espruino Original with WIZnet W5500",
  interpreter: "ESPRUINOBOARD", // scripts/build_platform_config.py: PC_BOARD_ID, the name of boards/ESPRUINOBOARD.py
  refuses:
    "its Storage has 20,480 bytes, and the smallest firmware takes 32,300; use espruino-wifi, or pico-wiznet for Ethernet",
  chunk: 536, // libs/network/wiznet/network_wiznet.c: chunkSize
  datagram: 528, // chunk less the 8 bytes of JsNetUDPPacketHeader
  serialPayload: 128, // 11 ms of wire at 115200
  transmitRing: 128, // scripts/build_platform_config.py: bufferSizeTX below 128 KB of RAM
  window: 2,
  sessions: 1,
  eventQueue: 512, // scripts/build_platform_config.py: bufferSizeIO from 20 KB of RAM
  uartFifo: 0,
  variables: 2756, // info.variables
  variableBytes: 13, // src/jsvar.h: up to 8191 variables
  storage: 20480, // chip.saved_code: 10 pages of 2 KB
  marks: 256,
  sharedFlash: true, // src/jsflash.c: compaction erases all pages of Storage
  crypto: false, // scripts/create_zip_board.sh: USE_CRYPTO=0 in the wiznet build
  drift: 0.02,
  builds: [],
  mhz: 72, // chip.speed
  // libs/network/wiznet/Ethernet/wizchip_conf.h: eight sockets; network_wiznet.c: a server's socket is its one client's
  // libs/network/wiznet/jswrap_wiznet.c: the W5500 hangs on SPI3 and B2
  network: {
    module: "WIZnet",
    sockets: 8,
    servers: 7,
    clients: 1,
    telnet: false,
    mdns: false,
    pins: "B2 B3 B4 B5",
    spi: null,
    cs: "B2",
  },
  // boards/pins/stm32f103xe.csv, pins on the headers only
  uarts: {
    Serial1: { tx: ["A9", "B6"], rx: ["A10", "B7"] },
    Serial2: { tx: ["A2"], rx: ["A3"] },
    Serial3: { tx: ["B10", "C10"], rx: ["B11", "C11"] },
    Serial4: { tx: ["C10"], rx: ["C11"] },
  },
  buses: {
    I2C1: { scl: ["B6", "B8"], sda: ["B7", "B9"] },
    I2C2: { scl: ["B10"], sda: ["B11"] },
    SPI1: { sck: ["A5"], miso: ["A6"], mosi: ["A7"] },
    SPI2: { sck: ["B13"], miso: ["B14"], mosi: ["B15"] },
  },
  // board.left, right, bottom
  pins:
    "A0 A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A13 A14 A15 B0 B1 B2 B3 B4 B5 B6 B7 B8 B9 B10 B11 B12 B13 B14 B15 " +
    "C0 C1 C2 C3 C4 C5 C6 C7 C8 C9 C10 C11 C12 C15",
  analog: "A0 A1 A2 A3 A4 A5 A6 A7 B0 B1 C0 C1 C2 C3 C4 C5", // boards/pins/stm32f103xe.csv: ADC1_IN0 to IN15
  interrupts: { lines: 16, byNumber: true }, // STM32: EXTI0 to EXTI15
  power: { v3: "3.3", v5: "VBAT", only3V3: "A0 A1 A2 A3 A4 A5 A6 A7 B0 B1 C0 C1 C2 C3 C4 C5 C15" },
  paths: false,
  watchdog: 26, // targets/stm32/jshardware.c: 4095 steps of 256/40000 s; more throws
  bauds: { least: 1200, most: 1000000 }, // 16-fold oversampling of the bus clocks allows more; the queue does not
};
