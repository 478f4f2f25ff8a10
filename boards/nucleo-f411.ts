import type { BoardSpec } from "./board.js";

/**
 * ST Nucleo-F411RE with a WIZnet W5500. The interpreter has no such build ready: it is made with `WIZNET=1 BOARD=NUCLEOF411RE make`. Figures: Espruino 2v29,
 * boards/NUCLEOF411RE.py.
 */
export const board: BoardSpec = {
  id: "nucleo-f411",
  title: "ST Nucleo-F411RE with WIZnet W5500",
  interpreter: "NUCLEOF411RE", // scripts/build_platform_config.py: PC_BOARD_ID, the name of boards/NUCLEOF411RE.py
  chunk: 536, // libs/network/wiznet/network_wiznet.c: chunkSize
  datagram: 528, // chunk less the 8 bytes of JsNetUDPPacketHeader
  serialPayload: 256, // 23 ms of wire at 115200
  transmitRing: 256, // scripts/build_platform_config.py: bufferSizeTX from 128 KB of RAM
  window: 8,
  sessions: 2,
  eventQueue: 1024, // scripts/build_platform_config.py: bufferSizeIO from 96 KB of RAM
  uartFifo: 0,
  variables: 7423, // info.variables
  variableBytes: 13, // src/jsvar.h: up to 8191 variables
  storage: 131072, // chip.saved_code: one page of 128 KB
  marks: 512,
  sharedFlash: true, // src/jsflash.c: compaction erases the page that is all of Storage
  crypto: false, // build.libraries has no CRYPTO
  drift: 0.02,
  // The second leaves no room for another firmware beside it.
  builds: [
    {
      name: "",
      features: [
        "printers",
        "raw",
        "ids",
        "udp",
        "discover",
        "serial",
        "chargen",
        "extras",
        "inet",
        "programs",
        "http",
        "watchdog",
        "starts",
        "slots",
        "aside",
      ],
    },
    {
      name: "peers",
      features: [
        "printers",
        "raw",
        "ids",
        "udp",
        "discover",
        "serial",
        "extras",
        "inet",
        "peers",
        "programs",
        "http",
        "watchdog",
        "starts",
        "slots",
        "aside",
      ],
    },
  ],
  mhz: 100, // chip.speed
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
  // boards/pins/stm32f401_af.csv, pins on the headers only. Serial2 is the cable to a host, by way of the ST-LINK (info.default_console).
  uarts: {
    Serial2: { tx: [], rx: [] },
    Serial1: { tx: ["A9", "B6"], rx: ["A10", "B7"] },
    Serial6: { tx: ["A11", "C6"], rx: ["A12", "C7"] },
  },
  buses: {
    I2C1: { scl: ["B6", "B8"], sda: ["B7", "B9"] },
    I2C3: { scl: ["A8"], sda: ["B4", "C9"] },
    SPI1: { sck: ["A5"], miso: ["A6"], mosi: ["A7"] },
    SPI2: { sck: ["B10", "B13"], miso: ["B14", "C2"], mosi: ["B15", "C3"] },
  },
  // board.left, left2, right2, right without those of the debugger, the crystals, and the cable's A2 and A3
  pins:
    "A0 A1 A4 A5 A6 A7 A8 A9 A10 A11 A12 A15 B0 B1 B2 B3 B4 B5 B6 B7 B8 B9 B10 B12 B13 B14 B15 " +
    "C0 C1 C2 C3 C4 C5 C6 C7 C8 C9 C10 C11 C12 D2",
  analog: "A0 A1 A4 A5 A6 A7 B0 B1 C0 C1 C2 C3 C4 C5", // boards/pins/stm32f401.csv: ADC1_IN0 to IN15
  interrupts: { lines: 16, byNumber: true }, // STM32: EXTI0 to EXTI15
  power: { v3: "3V3", v5: "5V", only3V3: "" }, // boards/pins/stm32f401.csv: FT
  paths: false,
  watchdog: 26, // targets/stm32/jshardware.c: 4095 steps of 256/40000 s; more throws
  bauds: { least: 1200, most: 1000000 }, // 16-fold oversampling of the bus clocks allows more; the queue does not
};
