/** What hangs on the board: the configuration's devices become drivers, and those become services. */
import { board } from "#board";
import { features } from "#features";
import type { Failure } from "../protocols/errors/index.js";
import { Type } from "../protocols/socket/socket.js";
import type { Socket } from "../protocols/socket/socket.js";
import type { Sockets } from "../protocols/socket/sockets.js";
import { readConfig } from "./config.js";
import type { BusConfig, DeviceConfig, UartConfig } from "./config.js";
import { Escpos } from "./driver/escpos.js";
import { onBus } from "./endpoint/bus.js";
import { journals, openJournal } from "./endpoint/journal.js";
import { denied, leaseSetting } from "./endpoint/lease.js";
import { print as printJob } from "./endpoint/print.js";
import { tell } from "./endpoint/services.js";
import { onUart, transact } from "./endpoint/transaction.js";
import { openBus } from "./io/bus.js";
import type { Bus } from "./io/bus.js";
import { increase } from "./io/count.js";
import { lineSetting } from "./io/line.js";
import { Uart } from "./io/uart.js";

if (features.ids) {
  journals.marks = board.marks;
  journals.ring = board.transmitRing;
  journals.paced = !board.paths;
}

export const printers: { [name: string]: Escpos } = {};
/** What they hang on. */
const ports: { [name: string]: Uart } = {};
/** Their UARTs' names, where those are polled. */
export const polled: { [printer: string]: string } = {};
/** What DEV_FLOW was set to since the start. */
export const flows: { [device: string]: string } = {};
/** Programs and drivers take turns on them: io/bus.ts. */
export const buses: { [name: string]: Bus } = {};
/** Those whose drivers are modules in Storage. */
export let modules: { [name: string]: DevsockDevice } = {};

/** @inline */
function pin(name: string): EspruinoPin {
  return new Pin(name);
}

/** A UART as the configuration wants it, on the board's usual pins unless it names others. */
export function uart(use: UartConfig, ring: number): Uart {
  const options: EspruinoSerialOptions = {};
  if (use.path) options.path = use.path;
  if (use.pins && use.pins.tx) options.tx = pin(use.pins.tx);
  if (use.pins && use.pins.rx) options.rx = pin(use.pins.rx);
  const port = global[use.uart] as EspruinoSerial;
  if (board.uartFifo && use.uart == "USB") {
    // What USB was given leaves but for its first bytes when the interpreter has its next turn, which may be long, or asks for its host.
    const write = port.write.bind(port);
    port.write = (data) => {
      write(data);
      port.isConnected();
    };
  }
  return new Uart(port, use.baud, options, ring);
}

/** UARTRSR of an RP2040's first UART, how far the second one's is from it, and its bit of an overrun, which stands until something is written. Data sheet 4.2.8. */
const STATUS = 0x40034004;
const APART = 0x4000;
const OVERRUN = 8;

/** DevsockKit.overran of a board whose UARTs are polled. */
export function overran(uart: string): boolean {
  const status = STATUS + (uart == "Serial2" ? APART : 0);
  const lost = !!(peek32(status) & OVERRUN);
  if (lost) {
    poke32(status, 0);
    increase("UART_OVERFLOW", 1);
  }
  return lost;
}

/**
 * @param all whether it has all of a small transmit ring, as nobody else writes much: a half takes twice as many turns
 * @later printer
 */
export function addPrinter(name: string, device: DeviceConfig, all: boolean): void {
  const ring = board.transmitRing < 256 && all ? board.transmitRing - 1 : board.transmitRing / 2;
  // What still goes out after the printer says stop, which may be twice of it, must fit what it keeps free for that: a 16th of its buffer.
  const port = uart(device, Math.max(8, Math.min(ring, device.buffer! / 32 || ring)));
  if (features.extras) ports[name] = port;
  if (board.uartFifo) polled[name] = device.uart;
  port.xon = device.flow == "xonxoff";
  const printer = new Escpos(name, port, device.answers === false);
  // RS-232 drivers invert: on is low at logic level.
  if (device.pins && device.pins.dtr) digitalWrite(pin(device.pins.dtr), 0);
  if (device.pins && device.pins.rts) digitalWrite(pin(device.pins.rts), 0);
  if (device.pins && device.pins.cts) {
    const ready = pin(device.pins.cts);
    pinMode(ready, "input_pullup");
    setWatch((event) => printer.lineReady(!event.state), ready, { repeat: true, edge: "both" });
    printer.lineReady(!digitalRead(ready));
  }
  printers[name] = printer;
}

/** A bus on the port's usual pins, unless the configuration names others. @later bus */
export function addBus(name: string, use: BusConfig): void {
  // The interpreter refuses options that it does not know.
  const options: { [option: string]: unknown } = {};
  const serial = use.port.charAt(0) == "S";
  if (use.bitrate) options[serial ? "baud" : "bitrate"] = use.bitrate;
  if (use.mode) options["mode"] = use.mode;
  if (use.order) options["order"] = use.order;
  for (const signal in use.pins) options[signal] = pin(use.pins[signal]!);
  const port = global[use.port];
  buses[name] = openBus(
    serial ? null : (port as EspruinoI2c),
    serial ? (port as EspruinoSpi) : null,
    options,
    (use.cs || []).map((name) => pin(name)),
  );
}

/** What a module in Storage gives: it is evaluated at the top level, and main gives up what nothing uses any more. docs/decisions/0007. */
export function load(module: string): unknown {
  const loaded = $_p.m;
  if (!loaded[module]) $_p.t = require("Storage").read(features.slots ? module + $_b.s : module);
  return loaded[module];
}

/** A device whose driver is a module in Storage: it is loaded only where the configuration names it. */
export function addModule(name: string, device: DevsockDeviceConfig, kit: DevsockKit): void {
  try {
    const driver = load(device.driver) as DevsockDriver;
    modules[name] = driver.add
      ? driver.add(name, device, kit)
      : (load("sensors") as DevsockSensors).add(name, device, kit, driver);
    // Its scope keeps the device.
    delete device.pins;
  } catch (e) {
    // The others work all the same.
    print("ENODEV: " + name + ": " + String(e) + "; put the module " + device.driver + " into Storage");
  }
}

/** The board goes down, and may have no memory for that but what sensors hold. */
export function letGo(): void {
  for (const name in modules)
    try {
      modules[name]!.letGo!();
    } catch (e) {
      // It is no sensor, or its driver is what the board goes down for.
    }
  modules = {};
}

/** SOL_DEVICE [SOCK-12]: a setting of a device, by `name` or `name=value`. @later setting */
function setting(device: string, text: string, sockets: Sockets, socket: Socket): string {
  const at = text.indexOf("=");
  const name = at < 0 ? text : text.substring(0, at);
  const value = at < 0 ? "" : text.substring(at + 1);
  const printer = printers[device];
  if (name == "lease") {
    const other = modules[device];
    // What others have begun goes on; the one's own job, or the socket that asks, is one of them.
    const users = printer ? printer.jobs.length : other ? other.status().readers : 0;
    if (value && users > (socket.type == Type.raw ? 0 : 1) && (printer || !denied(device, null)))
      return "EBUSY: " + device + " has jobs or readers of others";
    return leaseSetting(device, value, sockets, socket);
  }
  if (!printer) return "ENOPROTOOPT: " + device + " has no setting " + name + "; it has lease";
  const port = ports[device]!;
  const use = readConfig().devices![device] as DeviceConfig;
  const { tx, cts, dtr, rts } = use.pins || {};
  if (name == "baud" || name == "parity" || name == "stopbits") return lineSetting(port, name, value);
  if (name == "flow") {
    if (value && value != "none" && value != "xonxoff" && !cts) return "EINVAL: flow is none or xonxoff";
    if (value) {
      flows[device] = value;
      port.xon = value == "xonxoff";
      // An XOFF holds no longer.
      if (!port.xon) printer.lineReady(!cts || !digitalRead(pin(cts)));
    }
    return flows[device] || use.flow || "none";
  }
  const line = name == "dtr" ? dtr : name == "rts" ? rts : "";
  if (line) {
    if (value) digitalWrite(pin(line), value == "0");
    return digitalRead(pin(line)) ? "0" : "1";
  }
  if (name == "break" && tx && value) {
    const ms = Number(value);
    if (!(ms >= 1 && ms <= 500)) return "EINVAL: a break takes 1 to 500 ms";
    if (printer.jobs.length || printer.status().busy || port.flight())
      return "EBUSY: bytes are on their way to " + device;
    // The interpreter has no break: the pin is taken from the UART, and given back by its setup.
    printer.lineReady(false);
    digitalWrite(pin(tx), 0);
    setTimeout(() => {
      port.port.setup(port.baud, port.options);
      printer.lineReady(true);
    }, ms);
    return value;
  }
  return (
    "ENOPROTOOPT: " +
    device +
    " has no setting " +
    name +
    "; it has baud, parity, stopbits, flow and lease, with their pins in the configuration dtr, rts and (tx) break"
  );
}

/** @later job @resident large */
function openJob(sockets: Sockets, socket: Socket, printer: Escpos, plain: boolean, path: string): void {
  printJob(sockets, socket, printer, plain, path, features.ids ? openJournal : null);
}

/** The services of a device. @resident large */
export function openDevice(sockets: Sockets, socket: Socket, device: string, service: string): void {
  const refuse = (failure: Failure): void => sockets.refuseSocket(socket, failure);
  const leased = features.extras ? denied(device, sockets) : "";
  if (features.extras && service != "status") socket.onoption = (text) => setting(device, text, sockets, socket);
  if (!features.extras && socket.type == Type.raw)
    return refuse("EOPNOTSUPP: this board's firmware has no transactions");
  // `toString` and its like are no devices.
  if (buses.hasOwnProperty(device)) {
    if (!features.extras || service || socket.type != Type.raw)
      return refuse("ESOCKTNOSUPPORT: " + device + " is a bus");
    if (leased) return refuse(leased);
    return transact(sockets, socket, onBus(buses[device]!, device, sockets));
  }
  if (modules.hasOwnProperty(device)) {
    const other = modules[device]!;
    if (service == "status") return tell(sockets, socket, other.status());
    if (leased) return refuse(leased);
    return other.open(socket, service, (failure) => {
      if (!failure) sockets.accept(socket);
      else if (socket.phase) sockets.resetSocket(socket, failure);
      else refuse(failure);
    });
  }
  const printer = features.printers && printers.hasOwnProperty(device) ? printers[device] : undefined;
  if (!printer) {
    const names = Object.keys(printers).concat(Object.keys(modules), Object.keys(buses)).join(", ");
    return refuse("ENODEV: there is no " + device + " on this board; it has " + (names || "none"));
  }
  if (service == "status") return tell(sockets, socket, printer.status());
  const named = service.substring(0, 4) == "job/";
  if (named || service == "job" || !service || service == "raw") {
    if (leased) return refuse(leased);
    if (features.extras && socket.type == Type.raw) return transact(sockets, socket, onUart(printer, sockets));
    return openJob(sockets, socket, printer, service == "raw", named ? service.substring(4) : "");
  }
  refuse("EPROTONOSUPPORT: " + device + " has no service " + service + "; it has job, raw and status");
}
