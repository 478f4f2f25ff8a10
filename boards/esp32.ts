import type { BoardSpec } from "./board.js";

/** ESP32 with the 38-pin header of the common modules. Figures: Espruino 2v29, boards/ESP32.py. */
export const board: BoardSpec = {
  id: "esp32",
  title: "ESP32",
  interpreter: "ESP32", // scripts/build_platform_config.py: PC_BOARD_ID, the name of boards/ESP32.py
  chunk: 536, // libs/network/esp32/network_esp32.c: chunkSize
  datagram: 528, // chunk less the 8 bytes of JsNetUDPPacketHeader
  serialPayload: 256, // 23 ms of wire at 115200
  transmitRing: 256, // scripts/build_platform_config.py: bufferSizeTX from 128 KB of RAM
  window: 8,
  sessions: 3,
  eventQueue: 4096, // info.io_buffer_size
  uartFifo: 0, // targets/esp32/jshardwareUart.c: a task puts what comes into the queue, and leaves it in 1,024 bytes of its own while that is full
  variables: 16383, // info.variables
  variableBytes: 14, // src/jsvar.h: up to 16383 variables
  storage: 917504, // chip.saved_code: 224 pages of 4 KB
  marks: 1024,
  sharedFlash: true, // src/jsflash.c: compaction erases pages in the order in which files lie
  // SHA256 and AES: boards/ESP32.py lists SHA256 and TLS, and make/crypto/default.make builds AES with TLS; ESP32_IDF4 as it is built has neither
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
  mhz: 240, // chip.speed
  // targets/esp32/IDF4/sdkconfig: CONFIG_LWIP_MAX_SOCKETS, servers and connections together
  network: { module: "Wifi", sockets: 10, servers: 9, clients: 9, telnet: true, mdns: true }, // build.libraries has TELNET
  // Serial1 is the cable to a host: jshardwareUart.c sets its pins itself. The others reach all pins that can be written.
  uarts: {
    Serial1: { tx: [], rx: [] },
    Serial2: { tx: ["D4", "D26", "D33"], rx: ["D5", "D27", "D32", "D34", "D35"] },
    Serial3: { tx: ["D17", "D25", "D14"], rx: ["D16", "D13", "D39", "D36"] },
  },
  // get_pins; targets/esp32/jshardwareI2c.c and jshardwareSpi.c take any others, too
  buses: {
    I2C1: { scl: ["D22", "D26", "D33"], sda: ["D21", "D25", "D32"] },
    I2C2: { scl: ["D16", "D27"], sda: ["D17", "D14"] },
    SPI2: { sck: ["D18"], miso: ["D19"], mosi: ["D23"] },
    SPI1: { sck: ["D14"], miso: ["D12"], mosi: ["D13"] },
  },
  // board_esp32 without the cable's D1 and D3 and without D6 to D11, on which its flash hangs; the last four say at its start how it starts
  pins: "D4 D5 D13 D14 D16 D17 D18 D19 D21 D22 D23 D25 D26 D27 D32 D33 D34 D35 D36 D39 D0 D2 D12 D15",
  inputs: "D34 D35 D36 D39", // ESP32 data sheet: no output stage
  analog: "D32 D33 D34 D35 D36 D39", // get_pins: ADC1_IN0 to IN7; ADC2 is the radio's
  interrupts: { lines: 40, byNumber: false }, // targets/esp32/jshardware.c: pinToEV_EXTI
  power: { v3: "3V3", v5: "VIN", only3V3: "all" },
  paths: false,
  watchdog: 26, // targets/esp32/jshardware.c: any; as long as the others
  bauds: { least: 1200, most: 1000000 }, // the divisor allows more; the queue does not
};
