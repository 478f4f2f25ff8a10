import type { BoardSpec } from "./board.js";

/** The interpreter's Linux build: the real language and network code on a PC. Figures: Espruino 2v29. */
export const board: BoardSpec = {
  id: "linux",
  title: "Espruino on Linux",
  interpreter: "LINUX", // scripts/build_platform_config.py: PC_BOARD_ID, the name of boards/LINUX.py
  chunk: 536, // libs/network/linux/network_linux.c: chunkSize
  datagram: 528, // chunk less the 8 bytes of JsNetUDPPacketHeader
  serialPayload: 256, // 11 ms of wire at 230400
  transmitRing: 256, // scripts/build_platform_config.py: bufferSizeTX for LINUX
  window: 8,
  sessions: 3,
  eventQueue: 1024, // scripts/build_platform_config.py: bufferSizeIO for LINUX
  uartFifo: 0,
  variables: 5000, // of a build with fixed variables; boards/LINUX.py has them grow as needed
  variableBytes: 13, // src/jsvar.h: 5000 references need 13 bits each
  storage: 262144, // boards/LINUX.py: flash, the file espruino.flash
  marks: 1024,
  sharedFlash: false, // a file of the PC
  // SHA256 and AES: boards/LINUX.py lists SHA256 and TLS, and make/crypto/default.make builds AES with TLS
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
  uarts: {
    Serial1: { tx: [], rx: [] },
    Serial2: { tx: [], rx: [] },
    Serial3: { tx: [], rx: [] },
    Serial4: { tx: [], rx: [] },
    Serial5: { tx: [], rx: [] },
    Serial6: { tx: [], rx: [] },
  }, // boards/LINUX.py: usart
  // boards/LINUX.py: i2c, spi; targets/linux/jshardware.c: stubs, which only a simulation brings to life
  buses: { I2C1: {}, I2C2: {}, I2C3: {}, SPI1: {}, SPI2: {}, SPI3: {} },
  pins: "",
  analog: "",
  interrupts: { lines: 16, byNumber: false }, // scripts/build_platform_config.py: exti_count
  paths: true,
  watchdog: 0, // targets/linux/jshardware.c: jshEnableWatchDog does nothing
  // targets/linux/jshardware.c: the speeds that termios names, from a printer's slowest
  bauds: [1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800, 500000, 576000, 921600, 1000000],
};
