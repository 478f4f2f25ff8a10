/** Modules that bring a board's network up, and what a test takes away from it: its access point, or its cable. */
import type { Interpreter } from "./interpreter.js";
import type { BoardLimits } from "./limits.js";
import type { Modules } from "./modules.js";
import type { Realm } from "./realm.js";

const ADDRESS = "127.0.0.1";

export interface Joining {
  realm: Realm;
  interpreter: Interpreter;
  /** Calls back after ms of the board's time. */
  later: (ms: number, run: () => void) => void;
  /** It has been in a network once: what needs that throws no more. */
  online: () => void;
  /** Whether anything gets to the board and from it, and sockets can be made. */
  reach: (there: boolean) => void;
  /** All connections end, and UDP sockets: told, or without a word. */
  cut: (told: boolean) => void;
  /** The interpreter does nothing else for so many ms. */
  busy: (ms: number) => void;
}

/** Where the board's network comes from. */
export interface Uplink {
  /** The access point is switched off; the cable is pulled. */
  lose(): void;
  /** @param byItself the module joins before it is asked to, as the AT firmware does */
  restore(byItself?: boolean): void;
  /** Times the board has joined. */
  readonly joins: number;
  /** The board's own access point, when it is one. */
  readonly accessPoint: { name: string; password: string } | undefined;
  /** Host names that were announced by mDNS, the last one is what it has; none where the interpreter announces nothing. */
  readonly announced: readonly string[];
}

/** Makes the module that a board's network needs known to `require`. @returns nothing where the network is always there */
export function addNetworkModule(
  modules: Modules,
  { network, mdns }: Pick<BoardLimits, "network" | "mdns">,
  joining: Joining,
): Uplink | undefined {
  if (network === "none") return undefined;
  const module = network === "Wifi" ? new Wifi(joining, mdns) : new Ethernet(joining);
  modules.add(network, () => module.module());
  return module;
}

/** How long joining takes, and how long a try that fails, in ms. */
const JOIN = 500;
const FAIL = 3000;

/** The least that WPA2 allows. */
const SHORTEST = 8;

/** An ESP32's, until it has another. */
const HOST_NAME = "espressif";

/** Characters of a host name: mDNS takes no more, and the interpreter's check of that ends in a restart. */
const LONGEST = 63;

class Wifi implements Uplink {
  joins = 0;
  accessPoint: Uplink["accessPoint"];
  readonly announced: string[] = [];
  private hostName = HOST_NAME;
  private there = true;
  private joined = false;
  private readonly wifi: object;

  constructor(
    private readonly joining: Joining,
    private readonly mdns: boolean,
  ) {
    this.wifi = joining.realm.object();
  }

  lose(): void {
    this.there = false;
    if (!this.joined) return;
    this.joined = false;
    this.joining.reach(false);
    this.joining.cut(true);
    this.joining.interpreter.emit(this.wifi, "disconnected", []);
  }

  restore(byItself = false): void {
    this.there = true;
    if (byItself && !this.joined) this.joining.later(JOIN, () => this.there && this.join());
  }

  module(): object {
    const { realm } = this.joining;
    const information = (): object =>
      realm.object({ ip: ADDRESS, netmask: "255.0.0.0", gw: ADDRESS, mac: "02:00:00:00:00:01" });
    realm.methods(this.wifi, {
      connect: (_name: unknown, options: unknown, callback?: unknown) =>
        this.connect(typeof options === "function" ? options : callback),
      startAP: (name: string, options: { password?: string }, callback?: unknown) =>
        this.startAP(name, options, callback),
      getIP: (callback?: unknown) => (this.answer(callback, null, information()), information()),
      getDetails: (callback?: unknown) => this.answer(callback, null, realm.object({ status: "connected" })),
      setHostname: (name: string, callback?: unknown) => this.setHostname(name, callback),
      disconnect: (callback?: unknown) => this.answer(callback, null),
      stopAP: (callback?: unknown) => this.answer(callback, null),
      save: () => undefined,
    });
    return this.wifi;
  }

  private connect(callback: unknown): void {
    const { later, interpreter } = this.joining;
    const failed = (): void => {
      if (this.there) return succeeded();
      // The ESP32 and the ESP8266 tell it twice.
      interpreter.emit(this.wifi, "disconnected", []);
      this.answer(callback, "no access point");
    };
    const succeeded = (): void => {
      if (!this.joined) this.join();
      this.answer(callback, null);
    };
    later(JOIN, () => (this.there ? succeeded() : later(FAIL, failed)));
  }

  private join(): void {
    if (this.joined) return;
    this.joined = true;
    this.joins++;
    this.joining.reach(true);
    this.joining.online();
    this.joining.interpreter.emit(this.wifi, "connected", [this.joining.realm.object({ ip: ADDRESS })]);
    this.announce(this.hostName);
  }

  /** A station that has not joined yet keeps none: libs/network/esp32/jswrap_esp32_network.c. */
  private setHostname(name: string, callback: unknown): void {
    if (this.joined) this.hostName = name;
    this.announce(name);
    this.answer(callback, null);
  }

  private announce(name: string): void {
    if (!this.mdns) return;
    if (name.length === 0 || name.length > LONGEST)
      throw this.joining.realm.error("the chip restarts: ESP_ERROR_CHECK");
    this.announced.push(name);
  }

  private startAP(name: string, { password = "" }: { password?: string }, callback: unknown): void {
    const { realm, later, online } = this.joining;
    if (password.length < SHORTEST) throw realm.error("Password must be at least 8 characters");
    later(JOIN, () => {
      this.accessPoint = { name, password };
      online();
      this.answer(callback, null);
    });
  }

  private answer(callback: unknown, ...args: unknown[]): void {
    if (typeof callback === "function") this.joining.interpreter.queue(undefined, callback, args);
  }
}

/** How long the interpreter asks for an address where nobody gives one, in ms. */
const DHCP = 20_000;

class Ethernet implements Uplink {
  joins = 0;
  readonly accessPoint = undefined;
  readonly announced = [];
  private cable = true;

  constructor(private readonly joining: Joining) {}

  /** Connections stand still. */
  lose(): void {
    this.cable = false;
    this.joining.reach(false);
  }

  restore(): void {
    this.cable = true;
    this.joining.reach(true);
  }

  module(): object {
    const { realm } = this.joining;
    const information = (): object =>
      realm.object({ ip: ADDRESS, subnet: "255.0.0.0", gateway: ADDRESS, dns: ADDRESS });
    const ethernet = realm.object();
    realm.methods(ethernet, {
      setIP: (fixed?: object) => (fixed ? this.set() : this.ask()),
      getIP: information,
      setHostname: () => undefined,
      getStatus: () => realm.object({ state: "online", phylink: this.cable ? "up" : "down", speed: 100 }),
    });
    const module = realm.object();
    realm.methods(module, { connect: () => ethernet });
    return module;
  }

  private set(): boolean {
    this.joins++;
    this.joining.online();
    return true;
  }

  /** DHCP resets the chip. */
  private ask(): boolean {
    if (!this.cable) {
      this.joining.busy(DHCP);
      return false;
    }
    this.joining.cut(false);
    return this.set();
  }
}
