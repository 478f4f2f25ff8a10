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

/** Between two tries to join, in ms: doubled after each one that failed. */
export const enum Again {
  least = 1000,
  most = 60000,
}

/** The same up to a half shorter, by chance: other boards have lost the same access point. */
export function about(ms: number): number {
  return ms * (0.5 + Math.random() / 2);
}

/** A try of which nothing is heard is over after so many ms; the AT firmware's own are after 20 s. */
const PATIENCE = 30000;

/**
 * Espruino WiFi, ESP32, ESP8266. What listens goes on when the board is back in its network.
 * @param open makes it an access point, where no network is configured
 */
export function joinWifi(network: NetworkConfig, open: (wifi: EspruinoWifi) => void, up: () => void): void {
  const wifi = require("Wifi");
  if (!network.ssid) return open(wifi);
  let wait: number = Again.least;
  let first = true;
  /** Of the next try; 0 where it has joined. */
  let timer = 0;
  const plan = (ms: number): void => {
    if (timer) clearTimeout(timer);
    timer = setTimeout(attempt, ms);
  };
  const failed = (): void => {
    plan(about(wait));
    wait = Math.min(Again.most, 2 * wait);
  };
  const joined = (): void => {
    if (timer) clearTimeout(timer);
    timer = 0;
    wait = Again.least;
    if (first) up();
    first = false;
  };
  const attempt = (): void => {
    timer = 0;
    plan(PATIENCE);
    wifi.connect(network.ssid!, { password: network.password || "" }, (error) => {
      if (!error) joined();
      else if (timer) failed();
    });
  };
  // By itself, too: some interpreters try again.
  wifi.on("connected", joined);
  // A try that fails loses the network as well.
  wifi.on("disconnected", () => {
    if (!timer) failed();
  });
  attempt();
}

/**
 * For who sets the board up: it is its own network, at 192.168.4.1.
 * @param known the password follows from the board's key: whoever has that knows it, and the console does not show it @later ap
 */
export function openAccessPoint(
  wifi: EspruinoWifi,
  name: string,
  password: string,
  known: boolean,
  up: () => void,
): void {
  print("access point " + name + (known ? "" : ", password " + password));
  wifi.startAP(name, { password, authMode: "wpa2" }, (error) => {
    if (!error) return up();
    print("ENETDOWN: no access point: " + error);
    setTimeout(openAccessPoint, Again.most, wifi, name, password, known, up);
  });
}

/** Between two looks at the cable, in ms. */
const LOOK = 2000;

/**
 * WIZnet W5500 or W5100 on the board's SPI port for it.
 * @param up it is in its network for the first time
 * @param renew it has another address, or the same once more; the chip has forgotten all of its sockets
 */
export function joinEthernet(network: NetworkConfig, up: () => void, renew: () => void): void {
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
  let ethernet: EspruinoEthernet | undefined;
  const fixed = network.ip
    ? {
        ip: network.ip,
        subnet: network.subnet || "255.255.255.0",
        gateway: network.gateway || network.ip,
        dns: network.dns || network.gateway || network.ip,
      }
    : undefined;
  let wait: number = Again.least;
  let first = true;
  const attempt = (): void => {
    // It waits for the cable; there is none where no chip answers.
    ethernet = ethernet || require("WIZnet").connect(port, board.network.cs);
    if (!ethernet || !ethernet.setIP(fixed)) {
      setTimeout(attempt, about(wait));
      wait = Math.min(Again.most, 2 * wait);
      return;
    }
    wait = Again.least;
    // Of a fixed address all goes on when the cable is back.
    if (!fixed) setTimeout(look, LOOK, true);
    if (first) up();
    else renew();
    first = false;
  };
  const look = (plugged: boolean): void => {
    const now = ethernet!.getStatus().phylink == "up";
    // Another network may be at the cable's other end.
    if (now && !plugged) attempt();
    else setTimeout(look, LOOK, now);
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
