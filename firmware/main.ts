/** Links, endpoints and the inetd-like table of services: what the board offers, and to whom. */
import { board } from "#board";
import { features } from "#features";
import { hmac } from "../protocols/crypto/index.js";
import type { Failure } from "../protocols/errors/index.js";
import { Frame } from "../protocols/link/frame.js";
import type { Type } from "../protocols/socket/socket.js";
import { ACCESS_POINT, accessPointPassword } from "../protocols/service/access-point.js";
import type { Sockets } from "../protocols/socket/sockets.js";
import type { Socket } from "../protocols/socket/socket.js";
import { openInfo, openNetlink, probed, told, VERSION } from "./about.js";
import { config } from "./config.js";
import type { DeviceConfig } from "./config.js";
import {
  addBus,
  addModule,
  addPrinter,
  buses,
  load,
  modules,
  openDevice,
  overran,
  polled,
  printers,
  uart,
} from "./devices.js";
import { clock } from "./endpoint/clock.js";
import { openConsole } from "./endpoint/console.js";
import { openInet, taken } from "./endpoint/inet.js";
import { links } from "./endpoint/link.js";
import type { Service } from "./endpoint/link.js";
import { listenSerial, listenTcp, listenUdp } from "./endpoint/links.js";
import { denied } from "./endpoint/lease.js";
import { announce } from "./endpoint/netlink.js";
import { listenFor, peerOf } from "./endpoint/peers.js";
import type { Peer } from "./endpoint/peers.js";
import { listenRaw } from "./endpoint/raw.js";
import { openLocal } from "./endpoint/local.js";
import { chargen, discard } from "./endpoint/services.js";
import { storage } from "./endpoint/storage.js";
import { boot, door, passwordFor, random } from "./entrance.js";
import { down, exhausted, goDown, guard, prove, proving, watch } from "./health.js";
import { counts, increase } from "./io/count.js";
import { hasRoomFor } from "./io/memory.js";
import { randomBytes } from "./io/random.js";
import { started } from "./io/time.js";
import { busy, spent } from "./io/uart.js";
import { joinEthernet, joinWifi, mayOpen, openAccessPoint } from "./network/index.js";
import { healing, safe } from "./starts.js";

// Where one looks for a member of an array, the interpreter makes what constructs it and its prototype, eight variables, which only programs on the board could want, or who has its console.
if (!features.programs && !features.console) global["Array"] = global["ArrayBufferView"] = {};

/** What those who listen were told of each printer. */
const answers: { [name: string]: boolean | null } = {};

/** Variables of a socket with its service, and of what is loaded for the first one of the board's network. */
const SOCKET = 120;
const INET = 180;

/** The board's inetd: which service a socket meets. */
function open(sockets: Sockets, socket: Socket, address: string): void {
  if (!hasRoomFor(address.charAt(0) == "/" ? SOCKET + INET : SOCKET))
    return sockets.refuseSocket(socket, "ENOBUFS: other sockets take all of this board's memory");
  if (address.charAt(0) == "/") {
    if (address == "/netlink") return openNetlink(sockets, socket);
    if (features.inet && config.inet) return openInet(sockets, socket, address);
    return sockets.refuseSocket(
      socket,
      features.inet
        ? "EACCES: this board opens no sockets of its network"
        : "EAFNOSUPPORT: this board's firmware has no sockets of its network",
    );
  }
  const at = address.indexOf(":");
  const device = at < 0 ? address : address.substring(0, at);
  const service = at < 0 ? "" : address.substring(at + 1);
  const refuse = (failure: Failure): void => sockets.refuseSocket(socket, failure);
  if (!device) {
    if (service == "info" || !service) return openInfo(sockets, socket);
    if (features.chargen && service == "discard") return discard(sockets, socket);
    if (features.chargen && service == "chargen") return chargen(sockets, socket, 2 * board.chunk - Frame.overhead);
    if (service == "clock") return clock(sockets, socket, boot);
    if (features.console && service == "console") return openConsole(sockets, socket, passwordFor(sockets));
    if (features.slots && !service.indexOf("storage"))
      return storage(sockets, socket, service, !!door.key, () => goDown("a new start was asked for", false));
    return refuse(
      "EPROTONOSUPPORT: the board has no service " +
        service +
        "; it has info" +
        (features.chargen ? ", clock, discard and chargen" : " and clock"),
    );
  }
  if (features.programs && device == "program") {
    const program = programs.hasOwnProperty(service) ? programs[service] : undefined;
    if (!program) return refuse("ECONNREFUSED: no program on this board listens at " + address);
    return program(socket, (failure) => (failure ? refuse(failure) : sockets.accept(socket)));
  }
  openDevice(sockets, socket, device, service);
}

/** For programs on this board, and the module `sockets`. */
export { buses, counts };

/** For the module `sockets`: a socket of a program on this board, or null when there is none left. */
export function openSocket(
  type: Type,
  address: string,
  priority: number,
  receiveBuffer: number,
): DevsockProgramSocket | null {
  return features.programs ? openLocal(service, type, address, priority, receiveBuffer, peerNamed) : null;
}

/** A peer by its name, or null where the configuration has none. */
function peerNamed(name: string): Peer | null {
  const known = config.peers;
  return features.peers && known && known.hasOwnProperty(name) ? peerOf(name, known[name]!, service, random) : null;
}

/** Programs on this board that listen, by their names: the module `sockets` registers them. */
export const programs: { [name: string]: (socket: Socket, answer: (failure: Failure) => void) => void } = {};

const service: Service = {
  door,
  terms: {
    window: board.window,
    // For half of these comes an acknowledgement.
    keep: board.window < 8 ? 1.5 * board.window : board.window,
    chunk: board.chunk,
    name: config.name || board.id,
    board: board.id,
    firmware: VERSION,
  },
  sockets: 8,
  // Chunks of a socket, such as a print job's that wait for the line: 60 variables each.
  buffer: board.variables < 10000 ? 3 : 4,
  open,
};

let wanted = config.links || {};

/** Whether its console is in somebody's way: else one that is on a UART stays there, for the next firmware. */
function consoleTaken(): boolean {
  if (!features.slots || global["USB"]) return true;
  const name = E.getConsole();
  for (const device in config.devices) if ((config.devices[device] as DeviceConfig).uart == name) return true;
  return !!wanted.serial && wanted.serial.uart == name;
}

if (features.watchdog && healing) watch();

// Without this the console may take a UART that a device hangs on, or the link's cable.
if (!board.paths && consoleTaken())
  E.setConsole(wanted.serial && wanted.serial.uart == "USB" ? null : (global["USB"] as EspruinoSerial) || null, {
    force: true,
  });

E.on("errorFlag", (names) => {
  // There may have been no memory for the names either.
  if (features.watchdog && healing && !down && (!names || !names.length || names.indexOf("MEMORY") >= 0))
    return exhausted();
  // A flag is told again only after it was read.
  E.getErrorFlags();
  for (let i = 0; i < names.length; i++) {
    const cause = names[i]!;
    // The interpreter's own losses, by its own names.
    increase(cause, 1);
    // One queue serves all UARTs: the interpreter does not say whose bytes were lost.
    if (cause.indexOf("FULL") < 0 && cause != "UART_OVERFLOW") continue;
    for (const name in printers) printers[name]!.noteGap({ cause, bytes: null });
    for (const name in modules) modules[name]!.fault(cause);
  }
});

/** Those who write much to a UART: a link, and printers. */
function writers(): number {
  let n = wanted.serial ? 1 : 0;
  for (const name in config.devices) if (config.devices[name]!.driver == "escpos") n++;
  return n;
}

if (features.printers)
  for (const name in config.devices)
    if (config.devices[name]!.driver == "escpos")
      addPrinter(name, config.devices[name] as DeviceConfig, board.transmitRing < 256 && writers() == 1);
for (const name in config.buses) addBus(name, config.buses[name]!);
const kit: DevsockKit = board.uartFifo
  ? { boot, started, buses, busy, look, overran }
  : { boot, started, buses, busy, look };
// Drivers find their buses.
for (const name in config.devices)
  if (config.devices[name]!.driver != "escpos") addModule(name, config.devices[name] as DevsockDeviceConfig, kit);
const closed = !board.crypto && config.key;
if (closed) print("the link stays closed: this board has no SHA256 and AES for a key");
const line = features.serial && wanted.serial && !closed ? uart(wanted.serial, board.transmitRing / 2) : null;
// A frame fits the ring, and a fast link may have all of it: a board with USB for its link has another ring for that.
if (!board.uartFifo && line && line.baud >= 38400) line.whole = board.transmitRing - 1;
told.line = line;
if (line)
  listenSerial(
    service,
    line,
    board.serialPayload,
    board.serialPayload < board.transmitRing ? board.serialPayload : board.transmitRing,
    !!wanted.serial!.trusted,
  );

/** A camera's pictures. */
function serveHttp(device: string, port: number): void {
  try {
    (load("httpd") as DevsockHttpd).listen(modules[device]!, device, port, hasRoomFor, denied);
  } catch (e) {
    print("ENODEV: port " + port + ": " + String(e) + "; put the module httpd into Storage");
  }
}

/** Makes the socket of the link on UDP anew. */
let renewUdp: (() => void) | undefined;

function listen(): void {
  if (features.watchdog && healing && board.network.module == "WIZnet") guard();
  if (features.inet && wanted.tcp) taken.push(wanted.tcp.port);
  if (features.inet && wanted.udp) taken.push(wanted.udp.port);
  if (mayOpen(wanted.tcp, config.key)) {
    if (features.discover) told.tcp = wanted.tcp.port;
    listenTcp(service, wanted.tcp.port, board.chunk, board.sessions);
  }
  if (features.udp && mayOpen(wanted.udp, config.key))
    renewUdp = listenUdp(
      service,
      wanted.udp.port,
      board.datagram,
      board.sessions,
      features.discover ? (frame) => probed(frame) : undefined,
    );
  const endpoints = config.endpoints || [];
  for (let i = 0; i < endpoints.length; i++) {
    if (features.inet) taken.push(endpoints[i]!.port);
    if (features.http && endpoints[i]!.service == "http") serveHttp(endpoints[i]!.device, endpoints[i]!.port);
    else if (features.peers && endpoints[i]!.peer) listenFor(peerNamed, endpoints[i]!);
    else if (features.raw) listenRaw(printers[endpoints[i]!.device]!, endpoints[i]!);
  }
  // All that it says of them is done, and would take 70 variables.
  wanted = {};
  $_p.m = {};
  delete config.links;
  delete config.devices;
  delete config.endpoints;
  delete config.buses;
  delete config.key;
}

/** Where no network is configured. @later ap */
function becomeAccessPoint(wifi: EspruinoWifi): void {
  const secret = door.key ? hmac(door.key, ACCESS_POINT) : randomBytes(12);
  openAccessPoint(wifi, config.name || board.id, accessPointPassword(secret), !!door.key, listen);
}

/** ms after joining: by then the interpreter has announced its own host name, and does not stand two announcements at once. */
const ANNOUNCED = 1000;

function joined(): void {
  listen();
  // Links are there without it.
  if (!safe) setTimeout(() => require("Wifi").setHostname((config.name || board.id).substr(0, 32)), ANNOUNCED);
}

const network = config.network || {};
if (board.network.module == "Wifi")
  joinWifi(network, (wifi) => becomeAccessPoint(wifi), board.network.mdns ? joined : listen);
else if (board.network.module == "WIZnet")
  joinEthernet(network, listen, () => {
    if (renewUdp) renewUdp();
  });
else if (board.network.sockets) listen();

/** ms between two looks at all that is open; when one comes late, the next may be left out. */
const LOOK = 50;
/** ms from which on one, with what a print job wants, is all that a turn has time for where there is a serial link. */
const LONG = 12;
let looked = 0;
function look(): void {
  const now = getTime() * 1000;
  // A program may have set the clock back.
  if (
    (now >= looked && now - looked < LOOK / 2) ||
    (features.aside && ((busy.alarm && busy.alarm--) || (busy.ends && (busy.late = busy.ends--))))
  )
    return;
  looked = now;
  if (features.watchdog && proving) prove();
  // What a sensor says comes before what links have to do.
  for (const name in modules) modules[name]!.tick(now);
  // An alarm that was found waits for the network, which comes behind this.
  if (features.aside && busy.alarm) return;
  for (const name in printers) {
    const printer = printers[name]!;
    if (board.uartFifo && overran(polled[name]!)) printer.noteGap({ cause: "UART_OVERFLOW", bytes: null });
    printer.tick(now);
    if (features.serial && busy.turn >= 0 && printer.jobs.length && getTime() * 1000 - now > LONG) spent();
    if (printer.replied !== answers[name]) {
      answers[name] = printer.replied;
      announce({ device: { name, answers: printer.replied } });
    }
  }
  for (let i = links.length - 1; i >= 0; i--) links[i]!.tick(now);
}
setInterval(look, LOOK);

/** ms between two calls of what need not be done as often: whatever stands in a look costs a board time. An overlay that nobody has called for so long is dropped; it may be twice as long. */
const SELDOM = 500;
setInterval(() => {
  $_o = $_r;
  $_r = [];
  // Where the look stands still nothing is kicked. It goes on counting over a new start of an nRF52.
  if (features.watchdog && board.watchdog && !down && getTime() * 1000 - looked < SELDOM) E.kickWatchdog();
}, SELDOM);
