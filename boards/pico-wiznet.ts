import type { BoardSpec } from "./board.js";

/**
 * Espruino Pico with a WIZnet W5500 on SPI, running the interpreter's wiznet build. Figures: Espruino 2v29,
 * boards/PICO_R1_3.py.
 */
export const board: BoardSpec = {
  id: "pico-wiznet",
  title: "Espruino Pico with WIZnet W5500",
  interpreter: "PICO_R1_3", // scripts/build_platform_config.py: PC_BOARD_ID, the name of boards/PICO_R1_3.py
  chunk: 536, // libs/network/wiznet/network_wiznet.c: chunkSize
  datagram: 528, // chunk less the 8 bytes of JsNetUDPPacketHeader
  serialPayload: 256, // 23 ms of wire at 115200
  transmitRing: 128, // scripts/build_platform_config.py: bufferSizeTX below 128 KB of RAM
  window: 4,
  sessions: 2,
  eventQueue: 1024, // scripts/build_platform_config.py: bufferSizeIO from 96 KB of RAM
  uartFifo: 0,
  variables: 5100, // info.variables
  variableBytes: 13, // src/jsvar.h: up to 8191 variables
  storage: 49152, // chip.saved_code: three pages of 16 KB
  marks: 512,
  sharedFlash: true, // src/jsflash.c: compaction erases all pages of Storage
  // SHA256 and AES: boards/PICO_R1_3.py lists SHA256 and TLS, and make/crypto/default.make builds AES with TLS; create_zip_board.sh takes neither from the wiznet build
  crypto: true,
  drift: 0.02,
  // Beside a printer there is no room for ids, inet and programs; beside extras and UDP none for discovery and chargen, and beside a raw port and extras none for a watchdog.
  // Without one there is room for a second configuration, or for other boards that it dials.
  // Those without a watchdog are for devices that leave no room for it.
  builds: [
    { name: "", features: ["printers", "raw", "udp", "serial", "extras", "aside"] },
    { name: "tcp", features: ["printers", "raw", "serial", "extras", "aside"] },
    {
      name: "plain",
      features: ["printers", "raw", "udp", "discover", "serial", "chargen", "watchdog", "starts", "aside"],
    },
    { name: "raw", features: ["printers", "raw", "serial", "watchdog", "starts", "aside"] },
    { name: "raw-unwatched", features: ["printers", "raw", "serial", "aside"] },
    { name: "buses", features: ["printers", "serial", "extras", "watchdog", "starts", "aside"] },
    { name: "buses-unwatched", features: ["printers", "serial", "extras", "aside"] },
    { name: "lean", features: ["printers", "watchdog", "starts", "aside"] },
    { name: "lean-unwatched", features: ["printers", "aside"] },
    { name: "sensors", features: ["udp", "discover", "serial", "http", "watchdog", "starts", "aside"] },
    { name: "sensors-unwatched", features: ["udp", "discover", "serial", "extras", "http", "aside"] },
    { name: "slots", features: ["http", "watchdog", "slots", "aside"] },
    { name: "peers", features: ["raw", "udp", "discover", "peers", "programs", "watchdog", "starts", "aside"] },
    { name: "cameras", features: ["http", "watchdog", "starts", "aside"] },
    { name: "cameras-unwatched", features: ["http", "aside"] },
  ],
  mhz: 84, // chip.speed
  // libs/network/wiznet/Ethernet/wizchip_conf.h: eight sockets; network_wiznet.c: a server's socket is its one client's
  // libs/network/wiznet/jswrap_wiznet.c: the W5500 hangs on SPI3; its own chip select, B2, is on no header
  network: {
    module: "WIZnet",
    sockets: 8,
    servers: 7,
    clients: 1,
    telnet: false,
    mdns: false,
    pins: "B3 B4 B5 B10",
    spi: null,
    cs: "B10",
  },
  // boards/pins/stm32f401_af.csv, pins on the headers only. Serial6 lies on the USB pins.
  uarts: {
    Serial1: { tx: ["B6"], rx: ["B7", "A10"] },
    Serial2: { tx: ["A2"], rx: ["A3"] },
  },
  buses: {
    I2C1: { scl: ["B6", "B8"], sda: ["B7", "B9"] },
    SPI1: { sck: ["A5", "B3"], miso: ["A6", "B4"], mosi: ["A7", "B5"] },
    SPI2: { sck: ["B10", "B13"], miso: ["B14"], mosi: ["B15"] },
  },
  pins: "A0 A1 A2 A3 A4 A5 A6 A7 A8 A10 B1 B3 B4 B5 B6 B7 B8 B9 B10 B13 B14 B15", // board.top, bottom, right
  analog: "A0 A1 A2 A3 A4 A5 A6 A7 B1", // boards/pins/stm32f401.csv: ADC1_IN0 to IN9
  interrupts: { lines: 16, byNumber: true }, // STM32: EXTI0 to EXTI15
  power: { v3: "3.3", v5: "VBAT", only3V3: "" }, // boards/pins/stm32f401.csv: FT
  paths: false,
  watchdog: 26, // targets/stm32/jshardware.c: 4095 steps of 256/40000 s; more throws
  bauds: { least: 1200, most: 1000000 }, // 16-fold oversampling of the bus clocks allows more; the queue does not
};
