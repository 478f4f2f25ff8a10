/** Modules that bring a board's network up. They join at once, or after a while, and always succeed. */
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
  online: () => void;
}

/** Makes the module that a board's network needs known to `require`. */
export function addNetworkModule(modules: Modules, network: BoardLimits["network"], joining: Joining): void {
  if (network === "Wifi") modules.add("Wifi", () => wifiModule(joining));
  if (network === "WIZnet") modules.add("WIZnet", () => wiznetModule(joining));
}

/** How long joining takes, in ms. */
const JOIN = 500;

function wifiModule({ realm, interpreter, later, online }: Joining): object {
  const wifi = realm.object();
  const answer = (callback: unknown, ...args: unknown[]): void => {
    if (typeof callback === "function") interpreter.queue(undefined, callback, args);
  };
  const join = (callback: unknown): void =>
    later(JOIN, () => {
      online();
      interpreter.emit(wifi, "connected", [realm.object({ ip: ADDRESS })]);
      answer(callback, null);
    });
  const information = (): object =>
    realm.object({ ip: ADDRESS, netmask: "255.0.0.0", gw: ADDRESS, mac: "02:00:00:00:00:01" });
  realm.methods(wifi, {
    connect: (_name: unknown, options: unknown, callback?: unknown) =>
      join(typeof options === "function" ? options : callback),
    startAP: (_name: unknown, _options: unknown, callback?: unknown) => join(callback),
    getIP: (callback?: unknown) => (answer(callback, null, information()), information()),
    getDetails: (callback?: unknown) => answer(callback, null, realm.object({ status: "connected" })),
    setHostname: (_name: unknown, callback?: unknown) => answer(callback, null),
    disconnect: (callback?: unknown) => answer(callback, null),
    stopAP: (callback?: unknown) => answer(callback, null),
    save: () => undefined,
  });
  return wifi;
}

function wiznetModule({ realm, online }: Joining): object {
  const information = (): object => realm.object({ ip: ADDRESS, subnet: "255.0.0.0", gateway: ADDRESS, dns: ADDRESS });
  const ethernet = realm.object();
  realm.methods(ethernet, {
    setIP: () => (online(), true),
    getIP: information,
    setHostname: () => undefined,
    getStatus: () => realm.object({ state: "running", speed: "100Mbps" }),
  });
  const module = realm.object();
  realm.methods(module, { connect: () => ethernet });
  return module;
}
