import type { BoardSpec } from "./board.js";

/** The interpreter's build for a Raspberry Pi, on its Linux. Figures: Espruino 2v29, boards/RASPBERRYPI.py. */
export const board: BoardSpec = {
  id: "raspberrypi",
  title: "Espruino on a Raspberry Pi",
  interpreter: "RASPBERRYPI", // scripts/build_platform_config.py: PC_BOARD_ID, the name of boards/RASPBERRYPI.py
  chunk: 536, // libs/network/linux/network_linux.c: chunkSize
  datagram: 528, // chunk less the 8 bytes of JsNetUDPPacketHeader
  serialPayload: 256, // 11 ms of wire at 230400
  transmitRing: 256, // scripts/build_platform_config.py: bufferSizeTX for LINUX
  window: 8,
  sessions: 3,
  eventQueue: 1024, // scripts/build_platform_config.py: bufferSizeIO for LINUX
  uartFifo: 0,
  variables: 5000, // info.variables
  variableBytes: 13, // src/jsvar.h: up to 8191 variables
  storage: 262144, // chip.flash: the file espruino.flash
  marks: 1024,
  sharedFlash: false, // a file of the Pi
  // SHA256 and AES: boards/RASPBERRYPI.py lists SHA256 and TLS, and make/crypto/default.make builds AES with TLS
  crypto: true,
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
        "console",
        "aside",
      ],
    },
  ],
  mhz: 0,
  network: { module: "", sockets: 256, servers: 64, clients: 64, telnet: false, mdns: false }, // the system's own limits lie far above
  uarts: { Serial1: { tx: [], rx: [] } }, // boards/RASPBERRYPI.py: usart
  buses: { I2C1: {}, SPI1: {} }, // targets/linux/jshardware.c: stubs, which only a simulation brings to life
  pins: "D2 D3 D4 D5 D6 D7 D8 D9 D10 D11 D12 D13 D16 D17 D18 D19 D20 D21 D22 D23 D24 D25 D26 D27", // get_pins, those on the header but for the UART's D14 and D15
  analog: "",
  interrupts: { lines: 16, byNumber: false }, // scripts/build_platform_config.py: exti_count
  power: { v3: "3V3", v5: "5V", only3V3: "all" },
  paths: true,
  watchdog: 0, // targets/linux/jshardware.c: jshEnableWatchDog does nothing
  // targets/linux/jshardware.c: the speeds that termios names, from a printer's slowest
  bauds: [1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800, 500000, 576000, 921600, 1000000],
};
