import type { BoardSpec } from "./board.js";

/**
 * ST Nucleo-F767ZI with a WIZnet W5500. The interpreter has no such build ready: it is made with `WIZNET=1 BOARD=NUCLEOF767ZI make`. Figures: Espruino 2v29,
 * boards/NUCLEOF767ZI.py, whose headers are those of a smaller Nucleo: these are the Zio connectors of ST's user manual UM1974.
 */
export const board: BoardSpec = {
  id: "nucleo-f767",
  title: "ST Nucleo-F767ZI with WIZnet W5500",
  interpreter: "NUCLEOF767ZI", // scripts/build_platform_config.py: PC_BOARD_ID, the name of boards/NUCLEOF767ZI.py
  chunk: 536, // libs/network/wiznet/network_wiznet.c: chunkSize
  datagram: 528, // chunk less the 8 bytes of JsNetUDPPacketHeader
  serialPayload: 256, // 23 ms of wire at 115200
  transmitRing: 256, // scripts/build_platform_config.py: bufferSizeTX from 128 KB of RAM
  window: 8,
  sessions: 3,
  eventQueue: 1024, // scripts/build_platform_config.py: bufferSizeIO from 96 KB of RAM
  uartFifo: 0,
  variables: 31999, // info.variables
  variableBytes: 16, // src/jsvar.h: above 16383 variables
  storage: 262144, // chip.saved_code: one page of 256 KB
  marks: 1024,
  sharedFlash: true, // src/jsflash.c: compaction erases the page that is all of Storage
  crypto: false, // build.libraries has no CRYPTO
  drift: 0.02,
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
  mhz: 216, // chip.speed
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
  // boards/pins/stm32f767_af.csv. Usual pins that are on no header must be named otherwise. Serial3 is the interpreter's console.
  uarts: {
    Serial4: { tx: ["A0", "C10"], rx: ["A1", "C11"] },
    Serial6: { tx: ["A11", "C6"], rx: ["A12", "C7"] },
    Serial2: { tx: ["A2", "D5"], rx: ["A3", "D6"] },
  },
  buses: {
    I2C1: { scl: ["B6", "B8"], sda: ["B7", "B9"] },
    SPI1: { sck: ["A5"], miso: ["A6"], mosi: ["A7"] },
    SPI2: { sck: ["A9", "B10", "B13"], miso: ["B14", "C2"], mosi: ["B15", "C3"] },
  },
  pins:
    "A0 A3 A4 A5 A6 A7 A15 B1 B2 B3 B4 B5 B6 B8 B9 B10 B11 B12 B13 B15 C0 C2 C3 C6 C7 C8 C9 C10 C11 C12 " +
    "D2 D3 D4 D5 D6 D7 D11 D12 D13 D14 D15 E0 E2 E3 E4 E5 E6 E7 E8 E9 E10 E11 E12 E13 E14 E15 " +
    "F3 F4 F5 F7 F8 F9 F10 F12 F13 F14 F15 G1 G2 G3 G9 G14",
  analog: "A0 A3 A4 A5 A6 A7 B1 C0 C2 C3", // boards/pins/stm32f767.csv: ADC1_IN0 to IN15
  interrupts: { lines: 16, byNumber: true }, // STM32: EXTI0 to EXTI15
  power: { v3: "3V3", v5: "5V", only3V3: "A4 A5" }, // boards/pins/stm32f767.csv: TTa
  paths: false,
  watchdog: 0, // targets/stm32_ll/jshardware.c: jshEnableWatchDog does nothing
  bauds: { least: 1200, most: 1000000 }, // 16-fold oversampling of the bus clocks allows more; the queue does not
};
