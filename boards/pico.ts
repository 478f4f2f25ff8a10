import type { BoardSpec } from "./board.js";

/** Raspberry Pi Pico: an RP2040 without a network. Figures: Espruino 2v29, boards/RP2040_PICO.py. */
export const board: BoardSpec = {
  id: "pico",
  title: "Raspberry Pi Pico",
  interpreter: "ESPR_RP2040_PICO", // info.boardname
  chunk: 64, // targets/rp2xxx/tusb_config.h: CFG_TUD_CDC_EP_BUFSIZE; there is no TCP
  datagram: 0,
  serialPayload: 256, // 23 ms of wire at 115200; over USB the wire is not what costs
  transmitRing: 256, // scripts/build_platform_config.py: bufferSizeTX from 128 KB of RAM
  window: 8,
  sessions: 2,
  eventQueue: 4096, // info.io_buffer_size
  uartFifo: 32, // PL011, polled once an idle turn
  variables: 12000, // info.variables
  variableBytes: 14, // src/jsvar.h: up to 16383 variables
  storage: 262144, // chip.saved_code: 64 pages of 4 KB
  marks: 1024,
  sharedFlash: true, // src/jsflash.c: compaction erases pages in the order in which files lie
  crypto: false, // build.libraries is GRAPHICS alone: there is no module `crypto`
  drift: 0.0005, // a crystal of 30 ppm (Pico data sheet 2.1), and a host whose clock is being put right by 400
  builds: [
    {
      name: "",
      features: ["printers", "ids", "serial", "chargen", "extras", "programs", "watchdog", "starts", "slots"],
    },
  ],
  mhz: 125, // what the Pico SDK sets; chip.speed, 133, is the most that it may
  network: { module: "", sockets: 0, servers: 0, clients: 0, telnet: false, mdns: false },
  // get_pins, pins on the headers only. The interpreter polls its UARTs over FIFOs of 32 bytes: docs/emulated-board.md
  uarts: {
    Serial1: { tx: ["D0", "D12", "D16", "D28"], rx: ["D1", "D13", "D17"] },
    Serial2: { tx: ["D4", "D8", "D20"], rx: ["D5", "D9", "D21"] },
    USB: { tx: [], rx: [] },
  },
  buses: {
    I2C1: { scl: ["D9", "D1", "D5", "D13", "D17", "D21"], sda: ["D8", "D0", "D4", "D12", "D16", "D20", "D28"] },
    I2C2: { scl: ["D11", "D3", "D7", "D15", "D19", "D27"], sda: ["D10", "D2", "D6", "D14", "D18", "D22", "D26"] },
    SPI1: { sck: ["D18", "D2", "D6", "D22"], miso: ["D16", "D0", "D4", "D20"], mosi: ["D19", "D3", "D7"] },
    SPI2: { sck: ["D10", "D14", "D26"], miso: ["D8", "D12", "D28"], mosi: ["D11", "D15", "D27"] },
  },
  // board.left, board.right
  pins: "D0 D1 D2 D3 D4 D5 D6 D7 D8 D9 D10 D11 D12 D13 D14 D15 D16 D17 D18 D19 D20 D21 D22 D26 D27 D28",
  analog: "D26 D27 D28", // boards/RP2040_PICO.py: ADC1_IN0 to IN2
  interrupts: { lines: 30, byNumber: false }, // scripts/build_platform_config.py: exti_count
  power: { v3: "3V3", v5: "VBUS", only3V3: "all" },
  paths: false,
  watchdog: 8, // targets/rp2xxx/jshardware.c: a counter of 24 bits that goes down by two a µs; more throws
  bauds: { least: 1200, most: 1000000 }, // the divisor allows more; the polled FIFO does not
};
