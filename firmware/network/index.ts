/** Brings the board's network up, and says when it can be listened on, and under which key. */
import { board } from "#board";
import { byte, EMPTY, join } from "../../protocols/bytes/index.js";
import type { Bytes } from "../../protocols/bytes/index.js";
import { randomBytes } from "../io/random.js";

/** Bits a second between board and WIZnet: the interpreter's own where it chooses the port. */
const BITRATE = 1000000;

/** From the configuration. */
export interface NetworkConfig {
  /** Wireless: the network's name and its key. */
  ssid?: string;
  password?: string;
  /** A fixed address; DHCP gives one if left out. */
  ip?: string;
  subnet?: string;
  gateway?: string;
  dns?: string;
}

/** Milliseconds between two tries to join a wireless network. */
const AGAIN = 10000;

/** Espruino WiFi, ESP32, ESP8266. */
export function joinWifi(network: NetworkConfig, up: () => void): void {
  const wifi = require("Wifi");
  let first = true;
  const attempt = (): void =>
    wifi.connect(network.ssid || "", { password: network.password || "" }, (error) => {
      if (error) setTimeout(attempt, AGAIN);
      else if (first) {
        first = false;
        up();
      }
    });
  // An access point that went away comes back: what listens goes on then.
  wifi.on("disconnected", () => setTimeout(attempt, AGAIN));
  attempt();
}

/** WIZnet W5500 or W5100 on the board's SPI port for it. */
export function joinEthernet(network: NetworkConfig, up: () => void): void {
  let port: EspruinoSpi | undefined;
  if (board.network.spi) {
    port = global[board.network.spi.port] as EspruinoSpi;
    port.setup({
      sck: board.network.spi.sck,
      miso: board.network.spi.miso,
      mosi: board.network.spi.mosi,
      baud: BITRATE,
    });
  }
  const ethernet = require("WIZnet").connect(port, board.network.cs);
  const fixed = network.ip
    ? {
        ip: network.ip,
        subnet: network.subnet || "255.255.255.0",
        gateway: network.gateway || network.ip,
        dns: network.dns || network.gateway || network.ip,
      }
    : undefined;
  const attempt = (): void => {
    if (ethernet.setIP(fixed)) up();
    else setTimeout(attempt, AGAIN);
  };
  attempt();
}

/** A link's port in the configuration. */
export interface NetworkLink {
  port: number;
  /** Lets everybody in. */
  insecure?: boolean;
}

/**
 * Whether it may be listened on. The host refuses a configuration that lets strangers in without saying so; who writes
 * one into the board by hand must not open it by that.
 */
export function mayOpen(link: NetworkLink | undefined, key: string | undefined): link is NetworkLink {
  if (!link || key || link.insecure) return !!link;
  print("port " + link.port + ' stays closed: there is no "key", and no "insecure": true beside it');
  return false;
}

/** The bytes of a key in the configuration: 64 hexadecimal digits. One that is wrong lets nobody in. @later key */
export function keyOf(text: string): Bytes {
  let key = EMPTY;
  for (let i = 0; i < 64; i += 2) {
    const value = parseInt(text.substring(i, i + 2), 16);
    if (!(value >= 0)) {
      print("the key is not 64 hexadecimal digits: nobody is let in");
      return randomBytes(32);
    }
    key = join(key, byte(value));
  }
  return key;
}
