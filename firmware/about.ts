/** What the board says of itself: `:info`, `/netlink`, and what it answers to probes. */
import { board } from "#board";
import { features } from "#features";
import { EMPTY } from "../protocols/bytes/index.js";
import type { Bytes } from "../protocols/bytes/index.js";
import type { NetlinkRecord } from "../protocols/service/index.js";
import { Mark } from "../protocols/service/boot-log.js";
import { ASKED, CRASH } from "../protocols/service/starts.js";
import { answerProbe, Probe } from "../protocols/session/probe.js";
import type { Presence } from "../protocols/session/probe.js";
import type { Sockets } from "../protocols/socket/sockets.js";
import type { Socket } from "../protocols/socket/socket.js";
import { config, readConfig } from "./config.js";
import type { DeviceConfig } from "./config.js";
import { flows, modules, printers } from "./devices.js";
import { ended, links, tally } from "./endpoint/link.js";
import { ends } from "./endpoint/local.js";
import { netlink } from "./endpoint/netlink.js";
import { peers } from "./endpoint/peers.js";
import { tell } from "./endpoint/services.js";
import { door } from "./entrance.js";
import { counts } from "./io/count.js";
import type { Counters } from "./io/count.js";
import { started } from "./io/time.js";
import type { Uart } from "./io/uart.js";
import { announced, lastEnd, safe, starts } from "./starts.js";
import type { Crash } from "./starts.js";

export const VERSION = "0.1.0";

/** What it has of its links: the serial line, and the port on TCP where it answers probes. */
export const told: { line: Uart | null; tcp: number } = { line: null, tcp: 0 };

/** Losses and refusals since the start. */
export function losses(): Counters {
  const counters: Counters = { refused: 0, silent: 0, dropped: 0, cut: 0, backlost: 0, unsent: 0, discarded: 0 };
  counters["forged"] = door.forged;
  counters["slowed"] = door.slowed;
  counters["stale"] = door.stale;
  counters["foreign"] = door.foreign;
  for (const name in counts) counters[name] = counts[name]!;
  for (let i = 0; i < links.length; i++) counters.discarded! += links[i]!.session.counters.discarded;
  return counters;
}

/** All that is counted. */
function counters(): NetlinkRecord {
  const counters = losses();
  counters.sessions = links.length;
  counters.lost = told.line ? told.line.lost : 0;
  for (const name in printers) counters.lost += printers[name]!.status().lost;
  for (const name in ended) counters[name] = (counters[name] || 0) + ended[name]!;
  for (let i = 0; i < links.length; i++) tally(links[i]!, counters);
  if (features.programs)
    for (let i = 0; i < ends.length; i++) {
      counters.overtaken! += ends[i]!.pushedOut;
      counters.refusals! += ends[i]!.refused;
      counters.late! += ends[i]!.late;
    }
  return { counters };
}

/** What a new reader of `/netlink` is told. */
function state(): NetlinkRecord[] {
  const { links, devices, buses, endpoints, inet } = readConfig();
  for (const device in flows) (devices![device] as DeviceConfig).flow = flows[device]!;
  const records: NetlinkRecord[] = [
    {
      config: {
        name: config.name || board.id,
        board: board.id,
        firmware: VERSION,
        links,
        devices,
        buses,
        endpoints,
        inet,
      },
    },
  ];
  for (const name in printers) records.push({ device: { name, answers: printers[name]!.replied } });
  records.push(counters());
  return records;
}

/** BoardInfo in protocols/service, as far as the rest of it is not said here. */
interface Info {
  start?: number | undefined;
  starts?: number;
  announced?: boolean;
  crash?: Crash | undefined;
  asked?: Crash | undefined;
  [said: string]: unknown;
}

/** What the board says of itself: BoardInfo in protocols/service. */
function info(): object {
  const devices = [];
  for (const name in printers)
    devices.push({ name, driver: "escpos", services: ["job", "raw", "status"], status: printers[name]!.status() });
  for (const name in modules) {
    const { driver, services } = modules[name]!;
    devices.push({ name, driver, services, status: modules[name]!.status() });
  }
  const used = process.memory();
  const about: Info = {
    name: config.name || board.id,
    board: board.id,
    firmware: VERSION,
    uptime: (getTime() - started) | 0,
    memory: { free: used.free, total: used.total },
    devices,
    counters: losses(),
  };
  if (features.peers && config.peers) {
    const list = [];
    for (const name in peers) list.push(peers[name]!.status());
    about["peers"] = list;
  }
  if (features.watchdog) {
    about.start = features.slots ? $_b.m : safe ? Mark.safe : Mark.started;
    about.crash = lastEnd(CRASH);
    if (features.slots) about.asked = lastEnd(ASKED);
    if (features.starts) {
      about.starts = starts;
      about.announced = announced;
    }
  }
  return about;
}

/** @later report */
export function openInfo(sockets: Sockets, socket: Socket): void {
  tell(sockets, socket, info());
}

/** @later report */
export function openNetlink(sockets: Sockets, socket: Socket): void {
  netlink(sockets, socket, state, counters);
}

/** When a probe was answered last, in ms. */
let probedAt = -Probe.pause;

/** What the board says to who looks for boards, or EMPTY. docs/protocol/discovery.md @later probe */
export function probed(frame: Bytes): Bytes {
  const now = getTime() * 1000;
  // A program may have set the clock back.
  if (now >= probedAt && now - probedAt < Probe.pause) return EMPTY;
  probedAt = now;
  return answerProbe(frame, door.key, presence);
}

/** @param known the asker has the board's key, or there is none */
function presence(known: boolean, most: number): string {
  const about: Presence = { name: config.name || board.id, board: board.id, tcp: told.tcp };
  if (known) {
    const devices: Presence["devices"] = [];
    for (const name in printers)
      devices.push([name, "escpos", printers[name]!.replied, printers[name]!.jobs.length > 0]);
    for (const name in modules) {
      const { answers, running } = modules[name]!.status();
      devices.push([name, modules[name]!.driver, answers, !!running]);
    }
    about.firmware = VERSION;
    about.uptime = (getTime() - started) | 0;
    about.sessions = links.length;
    about.devices = devices;
    about.count = devices.length;
    while (JSON.stringify(about).length > most && devices.pop());
  }
  const text = JSON.stringify(about);
  return text.length > most ? "" : text;
}
