import type { BoardSpec } from "./board.js";

/**
 * ESP32-C3, with the header of a Super Mini: that of boards/ESP32C3_IDF4.py is the ESP32's. Its author calls that build beta. Figures: Espruino 2v29,
 * boards/ESP32C3_IDF4.py.
 */
export const board: BoardSpec = {
  id: "esp32c3",
  title: "ESP32-C3",
  interpreter: "ESP32C3_IDF4", // scripts/build_platform_config.py: PC_BOARD_ID, the name of boards/ESP32C3_IDF4.py
  chunk: 536, // libs/network/esp32/network_esp32.c: chunkSize
  datagram: 528, // chunk less the 8 bytes of JsNetUDPPacketHeader
  serialPayload: 256, // 23 ms of wire at 115200
  transmitRing: 256, // scripts/build_platform_config.py: bufferSizeTX from 128 KB of RAM
  window: 4,
  sessions: 2,
  eventQueue: 4096, // info.io_buffer_size
  uartFifo: 0, // targets/esp32/jshardwareUart.c: a task puts what comes into the queue, and leaves it in 1,024 bytes of its own while that is full
  variables: 4095, // info.variables
  variableBytes: 13, // src/jsvar.h: up to 8191 variables
  storage: 917504, // chip.saved_code: 224 pages of 4 KB
  marks: 512,
  sharedFlash: true, // src/jsflash.c: compaction erases pages in the order in which files lie
  // SHA256 and AES: boards/ESP32C3_IDF4.py lists SHA256 and TLS, and make/crypto/default.make builds AES with TLS
  crypto: true,
  drift: 0.0005, // a crystal, as on pico
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
        "console",
        "aside",
      ],
    },
  ],
  mhz: 160, // chip.speed
  // targets/esp32/IDF4/sdkconfig: CONFIG_LWIP_MAX_SOCKETS, servers and connections together
  network: { module: "Wifi", sockets: 10, servers: 9, clients: 9, telnet: false, mdns: true },
  // Serial1 is the cable to a host, ESPR_USE_USB_SERIAL_JTAG. Serial2's usual pins: jshardwareUart.c; it reaches all others.
  uarts: {
    Serial1: { tx: [], rx: [] },
    Serial2: { tx: ["D4", "D21", "D10"], rx: ["D5", "D20", "D3"] },
  },
  buses: {
    I2C1: { scl: ["D9", "D1"], sda: ["D8", "D0"] },
    SPI1: { sck: ["D6"], miso: ["D2"], mosi: ["D7"] },
  },
  pins: "D0 D1 D3 D4 D5 D6 D7 D10 D20 D21 D2 D8 D9", // the last three say at its start how it starts
  analog: "D0 D1 D2 D3 D4", // get_pins: ADC1_IN0 to IN4
  interrupts: { lines: 22, byNumber: false }, // targets/esp32/jshardware.c: pinToEV_EXTI; as many as it has pins
  power: { v3: "3V3", v5: "5V", only3V3: "all" },
  paths: false,
  watchdog: 26, // targets/esp32/jshardware.c: any; as long as the others
  bauds: { least: 1200, most: 1000000 }, // the divisor allows more; the queue does not
};
