import type { BoardSpec } from "./board.js";

/** Espruino WiFi: STM32F411 and an ESP8266 that it commands with AT. Figures: Espruino 2v29, boards/ESPRUINOWIFI.py. */
export const board: BoardSpec = {
  id: "espruino-wifi",
  title: "Espruino WiFi",
  interpreter: "ESPRUINOWIFI", // scripts/build_platform_config.py: PC_BOARD_ID, the name of boards/ESPRUINOWIFI.py
  chunk: 536, // libs/network/js/network_js.c: chunkSize
  datagram: 528, // chunk less the 8 bytes of JsNetUDPPacketHeader
  serialPayload: 256, // 23 ms of wire at 115200
  transmitRing: 256, // scripts/build_platform_config.py: bufferSizeTX with 128 KB of RAM
  window: 8,
  sessions: 2,
  eventQueue: 1024, // scripts/build_platform_config.py: bufferSizeIO from 96 KB of RAM
  uartFifo: 0,
  variables: 8190, // info.variables
  variableBytes: 13, // src/jsvar.h: up to 8191 variables
  storage: 65536, // chip.saved_code: one page of 64 KB
  marks: 512,
  sharedFlash: true, // src/jsflash.c: compaction erases the page that is all of Storage
  // SHA256 and AES: boards/ESPRUINOWIFI.py lists SHA256 and TLS, and make/crypto/default.make builds AES with TLS
  crypto: true,
  drift: 0.02,
  // Those with slots have a second configuration and a log beside it: no discard and chargen, no count of starts, and beside a printer not all of ids of jobs, transactions and the board's own network.
  // Those without a watchdog are for devices that leave no room for it.
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
        "extras",
        "http",
        "watchdog",
        "slots",
        "console",
        "aside",
      ],
    },
    {
      name: "inet",
      features: [
        "printers",
        "raw",
        "udp",
        "discover",
        "serial",
        "extras",
        "inet",
        "programs",
        "http",
        "watchdog",
        "slots",
        "console",
        "aside",
      ],
    },
    {
      name: "sensors",
      features: [
        "udp",
        "discover",
        "serial",
        "extras",
        "inet",
        "programs",
        "http",
        "watchdog",
        "slots",
        "console",
        "aside",
      ],
    },
    {
      name: "slots",
      features: ["printers", "raw", "udp", "discover", "serial", "http", "watchdog", "slots", "console", "aside"],
    },
    {
      name: "peers",
      features: ["printers", "raw", "udp", "discover", "serial", "peers", "programs", "watchdog", "slots", "aside"],
    },
    {
      name: "tcp",
      features: [
        "printers",
        "raw",
        "ids",
        "serial",
        "chargen",
        "extras",
        "inet",
        "programs",
        "http",
        "watchdog",
        "starts",
        "aside",
      ],
    },
    {
      name: "tcp-unwatched",
      features: ["printers", "raw", "ids", "serial", "chargen", "extras", "inet", "programs", "http", "aside"],
    },
    {
      name: "devices",
      features: [
        "printers",
        "raw",
        "ids",
        "udp",
        "discover",
        "serial",
        "extras",
        "http",
        "watchdog",
        "starts",
        "aside",
      ],
    },
    {
      name: "devices-unwatched",
      features: ["printers", "raw", "ids", "udp", "discover", "serial", "extras", "http", "aside"],
    },
    { name: "plain", features: ["printers", "raw", "ids", "udp", "serial", "http", "watchdog", "starts", "aside"] },
    { name: "plain-unwatched", features: ["printers", "raw", "ids", "udp", "serial", "http", "aside"] },
  ],
  mhz: 100, // chip.speed
  // libs/js/espruino_wifi/Wifi.min.js: five AT connections; AT+CIPSERVER has one port
  // libs/js/espruino_wifi/Wifi.min.js: Serial2 at 115200 with CTS
  network: { module: "Wifi", sockets: 5, servers: 1, clients: 5, telnet: false, mdns: false, baud: 115_200 },
  // boards/pins/stm32f401_af.csv, pins on the headers only. Serial2 commands the ESP8266, Serial6 lies on the USB pins.
  uarts: { Serial1: { tx: ["B6"], rx: ["B7", "A10"] } },
  buses: {
    I2C1: { scl: ["B6", "B8"], sda: ["B7", "B9"] },
    I2C2: { scl: ["B10"], sda: ["B3"] },
    I2C3: { scl: ["A8"], sda: ["B4"] },
    SPI1: { sck: ["A5", "B3"], miso: ["A6", "B4"], mosi: ["A7", "B5"] },
    SPI2: { sck: ["B10", "B13"], miso: ["B14"], mosi: ["B15"] },
    SPI3: { sck: ["B3"], miso: ["B4"], mosi: ["B5"] },
  },
  pins: "A0 A1 A4 A5 A6 A7 A8 A10 B0 B1 B3 B4 B5 B6 B7 B8 B9 B10 B13 B14 B15", // board.left, right, left2
  analog: "A0 A1 A4 A5 A6 A7 B0 B1", // boards/pins/stm32f401.csv: ADC1_IN0 to IN9
  interrupts: { lines: 16, byNumber: true }, // STM32: EXTI0 to EXTI15
  power: { v3: "3.3", v5: "VUSB", only3V3: "" }, // boards/pins/stm32f401.csv: FT
  paths: false,
  watchdog: 26, // targets/stm32/jshardware.c: 4095 steps of 256/40000 s; more throws
  bauds: { least: 1200, most: 1000000 }, // 16-fold oversampling of the bus clocks allows more; the queue does not
};
