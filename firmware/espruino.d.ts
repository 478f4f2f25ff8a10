/**
 * What the firmware calls of Espruino 2v29, and no more: https://www.espruino.com/Reference. Callbacks are called
 * later, never inside the call that causes them. Strings are binary, one character a byte.
 */

/** A pin of the board. */
declare class EspruinoPin {
  private readonly brand;
}

interface EspruinoPinMaker {
  /** @throws when the board has no such pin */
  new (name: string): EspruinoPin;
}

declare const Pin: EspruinoPinMaker;

interface EspruinoWatch {
  /** Level after the change. */
  state: boolean;
  /** Seconds, taken in the interrupt. */
  time: number;
  lastTime: number;
}

declare function pinMode(pin: EspruinoPin, mode: "input" | "input_pullup" | "input_pulldown" | "output"): void;
declare function digitalRead(pin: EspruinoPin): number;
declare function digitalWrite(pin: EspruinoPin, level: 0 | 1 | boolean): void;
declare function setWatch(
  changed: (event: EspruinoWatch) => void,
  pin: EspruinoPin,
  options: { repeat?: boolean; edge?: "rising" | "falling" | "both"; debounce?: number },
): number;
declare function clearWatch(id: number): void;

/** Milliseconds; the callback runs from the idle loop, late when the interpreter is busy. */
declare function setTimeout<A extends unknown[]>(run: (...values: A) => void, ms: number, ...values: A): number;
declare function setInterval(run: () => void, ms: number): number;
declare function clearTimeout(id: number): void;
declare function clearInterval(id: number): void;
/** All of them, those of `setTimeout` too. */
declare function clearInterval(): void;

/** Seconds since 1970, or since power on where nobody has set the clock; with fractions. */
declare function getTime(): number;
/** A word of memory, or a register. */
declare function peek32(address: number): number;
declare function poke32(address: number, value: number): void;

/** A line on the console. */
declare function print(...values: unknown[]): void;

interface EspruinoOneWire {
  /** @returns whether a chip is there: 1 or true */
  reset(): boolean | number;
  /** Of all chips: the next command is for each. */
  skip(): void;
  /** @param power leaves the wire high and strong */
  write(data: number, power?: boolean): void;
  read(count: number): Uint8Array;
}

interface EspruinoOneWireMaker {
  new (pin: EspruinoPin): EspruinoOneWire;
}

declare const OneWire: EspruinoOneWireMaker;

/** Samples of a pin by a timer's interrupt, which the interpreter's other work does not delay. */
interface EspruinoWaveform {
  /** The two that take turns; this one is filled first. */
  readonly buffer: Uint16Array;
  readonly buffer2: Uint16Array;
  /** @throws for a pin without a converter */
  startInput(pin: EspruinoPin, frequency: number, options: { repeat?: boolean }): void;
  stop(): void;
  /** A buffer is full and the other one is being filled. That they changed places twice is not told. */
  on(event: "buffer", full: (buffer: Uint16Array) => void): void;
}

interface EspruinoWaveformMaker {
  new (samples: number, options: { doubleBuffer?: boolean; bits?: 8 | 16 }): EspruinoWaveform;
}

declare const Waveform: EspruinoWaveformMaker;

interface EspruinoSerialOptions {
  rx?: EspruinoPin;
  tx?: EspruinoPin;
  /** Output: high while the board cannot take more. */
  cts?: EspruinoPin;
  bytesize?: 7 | 8;
  parity?: "none" | "odd" | "even";
  stopbits?: 1 | 2;
  flow?: "none" | "xon";
  /** The Linux build only: the terminal device to open. */
  path?: string;
  /** Emit `framing` and `parity`. */
  errors?: boolean;
}

interface EspruinoSerial {
  setup(baud: number, options: EspruinoSerialOptions): void;
  unsetup(): void;
  /** Stops the whole interpreter while the transmit ring is full. */
  write(data: string): void;
  /** Of USB: whether a host has it open. On the way it sends what waits there. */
  isConnected(): boolean;
  on(event: "data", received: (data: string) => void): void;
  on(event: "framing" | "parity", damaged: () => void): void;
  /** Not `removeListener`: that leaves an empty list, to which what comes is given, and lost. */
  removeAllListeners(event: string): void;
  /** What came while nobody listened, by the interpreter's own hidden name. */
  "\xffbuf": string;
  /** How many bytes came while nobody listened. */
  available(): number;
  /** All of up to 512 bytes that came while nobody listened. */
  read(): string;
}

/** What the firmware gives to the module `sockets`. */
declare function $openSocket(
  type: number,
  address: string,
  priority: number,
  receiveBuffer: number,
): DevsockProgramSocket | null;

/** What the module `sockets` counts, too. */
declare const $counts: { [name: string]: number };

/** Programs that listen, by their names: each is given a socket, and accepts it with "", or refuses it. */
declare const $programs: {
  [name: string]: (socket: DevsockProgramSocket, answer: (failure: string) => void) => void;
};

/** A bus as drivers and programs on the board know it: these names the build must keep. */
interface DevsockProgramBus {
  /** Why the last transfer failed, or "". */
  failure: string;
  /**
   * One transaction, at once: the interpreter does nothing else meanwhile. Only for whoever has the bus.
   * @param to I2C: an address of 7 bits; SPI: the number of a chip select
   * @param read I2C: bytes to read, after a repeated START if something is written; SPI: bytes to clock in behind those written
   * @returns what came in: of SPI for each byte that went out, too. EMPTY when it failed
   */
  transfer(to: number, write: string, read: number): string;
  /**
   * Calls `turn` when the bus is free, which may be at once, with the bus in its hand until `release`.
   * @returns false when too many wait
   */
  take(turn: () => void): boolean;
  release(): void;
}

/** A socket as modules know it: these names the build must keep. */
interface DevsockProgramSocket extends DevsockSocketEvents {
  readonly type: number;
  /** Of one that was connected: asks for an option of the device, or sets it. */
  ask?: (number: number, text: string) => void;
  send(data: string): boolean;
  /** One message, or one whole record: `send` and `record` in one, at once where nothing waits. Not from within what the socket calls. */
  post(data: string): boolean;
  end(): void;
  /** As a `Socket` has it; none where there is no link behind it. */
  source?: ((n: number) => string) | null | undefined;
}

/** What else they know of it: these names are short. @shared */
interface DevsockSocketEvents {
  sendBuffer: number;
  onanswer?: (number: number, text: string) => void;
  onopen?: () => void;
  ondata: (frame: string, from: number, to: number) => void;
  ondrain?: () => void;
  onend?: () => void;
  onclose?: (failure: string) => void;
  onrecord?: (length: number) => void;
  record(): boolean;
  urgent(data: string): boolean;
  consume(n: number): void;
  /** As a `Socket` has them. */
  paused?: boolean | undefined;
  wake?(): void;
  /** What a device keeps of whoever reads it here. */
  reader?: unknown;
}

interface EspruinoSocket {
  /** Number of the network's own socket; an undocumented field, without which the connection is left alone. */
  sckt?: number;
  /** It is closed in the next turn, whatever waits to be sent; undocumented, too. */
  clsNow?: boolean;
  /** Queues without limit and returns false; `drain` comes when all is sent. */
  write(data: string): boolean;
  /** Closes both directions when all is sent. */
  end(): void;
  removeAllListeners(event: string): void;
  on(event: "data", received: (data: string) => void): void;
  on(event: "drain" | "end", happened: () => void): void;
  on(event: "close", closed: (hadError: boolean) => void): void;
  on(event: "error", failed: (error: { code: number; message: string }) => void): void;
}

interface EspruinoServer {
  listen(port: number): EspruinoServer;
  close(): void;
}

interface EspruinoNet {
  createServer(connected: (socket: EspruinoSocket) => void): EspruinoServer;
  /** @throws at once when the peer refuses or its name is unknown */
  connect(options: { host: string; port: number }, connected: () => void): EspruinoSocket;
}

interface EspruinoSender {
  address: string;
  port: number;
  size: number;
}

interface EspruinoDatagramSocket {
  bind(port: number, bound?: (socket: EspruinoDatagramSocket) => void): EspruinoDatagramSocket;
  send(data: string, offset: number, length: number, port: number, address: string): void;
  send(data: string, port: number, address: string): void;
  close(): void;
  /** Longer datagrams arrive cut. */
  on(event: "message", received: (data: string, from: EspruinoSender) => void): void;
  /** All that was sent has left. */
  on(event: "drain", happened: () => void): void;
  on(event: "close", closed: (hadError: boolean) => void): void;
  on(event: "error", failed: (error: { code: number; message: string }) => void): void;
}

interface EspruinoDatagrams {
  createSocket(type: "udp4" | { type: "udp4"; reuseAddr?: boolean; recvBufferSize?: number }): EspruinoDatagramSocket;
}

interface EspruinoStorage {
  /** A reference into flash: costs 6 variables whatever its length. */
  read(name: string, offset?: number, length?: number): string | undefined;
  readJSON<T>(name: string, noExceptions: boolean): T | undefined;
  /** @returns false when it does not fit */
  write(name: string, data: string, offset?: number, size?: number): boolean;
  writeJSON(name: string, data: object): boolean;
  erase(name: string): void;
  list(): string[];
  getFree(): number;
  getStats(): { totalBytes: number; freeBytes: number; trashBytes: number };
  /** Erases pages of flash and writes them anew, and may move files: everything stands still for so long. */
  compact: () => void;
}

/** A wireless network's station, or its access point. Present on ESPRUINOWIFI, ESP32 and ESP8266. */
interface EspruinoWifi {
  connect(ssid: string, options: { password?: string }, done: (error: string | null) => void): void;
  disconnect(): void;
  /** A network of the board's own, at 192.168.4.1. @throws for a password of less than 8 characters */
  startAP(name: string, options: { password: string; authMode: "wpa2" }, done: (error: string | null) => void): void;
  on(event: "connected" | "disconnected", happened: () => void): void;
  /** Of the network it is in. On an ESP32 it begins to be announced by mDNS once more; a name of more than 63 characters ends in a restart. */
  setHostname(name: string): void;
}

interface EspruinoEthernet {
  /** Without options it asks DHCP, stops the interpreter meanwhile, for 20 s where nobody answers, and resets the chip with all its sockets. */
  setIP(options?: { ip: string; subnet: string; gateway: string; dns: string }): boolean;
  /** Of the cable. */
  getStatus(): { phylink: "up" | "down" };
}

interface EspruinoWiznet {
  /** Stops the interpreter until there is a cable. @returns nothing when no chip answers */
  connect(spi?: EspruinoSpi, cs?: EspruinoPin | string): EspruinoEthernet | undefined;
}

interface EspruinoSpiOptions {
  /** A name does, too. */
  sck?: EspruinoPin | string;
  miso?: EspruinoPin | string;
  mosi?: EspruinoPin | string;
  /** Bits a second. */
  baud?: number;
  mode?: 0 | 1 | 2 | 3;
  order?: "msb" | "lsb";
}

interface EspruinoSpi {
  /** The port's usual pins, or those that are given and no others. */
  setup(options: EspruinoSpiOptions): void;
  /** @returns what came in meanwhile, as many bytes: of a string a string, of parts an array. @param select is low meanwhile */
  send(data: string | (string | { data: number; count: number })[], select?: EspruinoPin): string | Uint8Array;
}

interface EspruinoI2cOptions {
  scl?: EspruinoPin;
  sda?: EspruinoPin;
  bitrate?: number;
}

interface EspruinoI2c {
  setup(options: EspruinoI2cOptions): void;
  /** Does nothing without data. @throws when nobody acknowledges, or the bus is held */
  writeTo(address: number | { address: number; stop: boolean }, data: string): void;
  /** @throws as `writeTo` */
  readFrom(address: number, quantity: number): Uint8Array;
}

/** Network access by callbacks in JavaScript: how the interpreter's network code runs on another driver. */
interface EspruinoNetworkJs {
  create(driver: { [call: string]: (...args: never[]) => unknown }): void;
}

declare function require(module: "net"): EspruinoNet;
declare function require(module: "dgram"): EspruinoDatagrams;
declare function require(module: "Storage"): EspruinoStorage;
declare function require(module: "Wifi"): EspruinoWifi;
declare function require(module: "WIZnet"): EspruinoWiznet;
declare function require(module: "TelnetServer"): { setOptions(options: { mode: "on" | "off" }): void };
declare function require(module: "NetworkJS"): EspruinoNetworkJs;

/** Losses of the interpreter itself. */
type EspruinoErrorFlag = "FIFO_FULL" | "BUFFER_FULL" | "CALLBACK" | "LOW_MEMORY" | "MEMORY" | "UART_OVERFLOW";

declare const E: {
  /** ISO-HDLC, unsigned. */
  CRC32(data: string | Uint8Array): number;
  sum(data: string | Uint8Array): number;
  /** Random 32 bits, signed. */
  hwRand: () => number;
  /** Of a whole buffer it is the buffer's own memory: what is written there later shows in it. */
  toString(data: string | Uint8Array | ArrayBufferLike): string;
  /** A file of the Linux build's system, or of a memory card. @throws when it cannot be opened */
  openFile(path: string, mode: "r"): { read(length: number): string };
  toUint8Array(data: string): Uint8Array;
  /** Reads and clears. */
  getErrorFlags(): EspruinoErrorFlag[];
  /** A flag that is already set is not reported again until it was read. */
  on(event: "errorFlag", raised: (flags: EspruinoErrorFlag[]) => void): void;
  on(event: "init" | "kill", happened: () => void): void;
  /** Resets the chip. */
  reboot: () => void;
  /** @param seconds without a kick until the chip is reset @param automatic the idle loop kicks */
  enableWatchdog(seconds: number, automatic: boolean): void;
  kickWatchdog(): void;
  /** Its name. */
  getConsole(): string | null;
  setConsole(device: string | EspruinoSerial | null, options?: { force?: boolean }): void;
  /** Of up to 20 characters. */
  setPassword(password: string): void;
  /** Whoever is at the console, on whatever device it is, has to give the password, where there is one. A start anew leaves it locked, and forgets the password. */
  lockConsole(): void;
};

declare function btoa(binary: string): string;

/** What is written to one comes to the other, through the event queue. */
declare const LoopbackA: EspruinoSerial;
declare const LoopbackB: EspruinoSerial;

/** Starts anew, from the boot file, when the program's turn is over. */
declare function load(): void;

declare const process: {
  /** In place of being printed. */
  on(event: "uncaughtException", thrown: (error: unknown) => void): void;
  /** Variables. @param gc collect garbage first; it does unless told not to */
  memory(gc?: boolean): { free: number; usage: number; total: number; blocksize: number };
  env: { VERSION: string; BOARD: string };
};

/** All globals by name: `global["Serial1"]`. */
declare const global: { [name: string]: unknown };
