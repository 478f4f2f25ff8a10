/** What proves that a start went well, and how the board goes down when it did not. docs/decisions/0017. */
import { board } from "#board";
import { features } from "#features";
import { State } from "../protocols/session/contract.js";
import { Mark } from "../protocols/service/boot-log.js";
import { ASKED, CRASH, STARTS } from "../protocols/service/starts.js";
import { losses } from "./about.js";
import { letGo } from "./devices.js";
import { links } from "./endpoint/link.js";
import { increase } from "./io/count.js";
import { dropOverlays } from "./io/memory.js";
import { started } from "./io/time.js";
import { at, End, healing, LAST, lastEnd, safe } from "./starts.js";

/** What is no trial has proved itself after so many seconds, without a host. */
const PROVEN = 30;

/** Peers hear of it within so many ms. */
const LAST_WORDS = 1000;

/** Where even links alone crash: in between a host can come in, and flash lasts. */
const SAFE_CRASH = 20000;

/** With links only, without slots: all of it is tried again after so many ms. */
const SAFE = 600000;

/**
 * The same reason again is written down only where more bytes than these are free: when there is no room left Storage is compacted, and a power cut in just that time loses
 * the firmware.
 */
const ROOM = 1024;

/** Bytes that are kept for the end: to write down that there is no memory, and to tell three hosts, takes more than 1,800. */
const SPARE = 3000;
// Sensors take off what they hold, as they are let go of then: sensors.ts.
// Where there is no room for that, what its timers and overlays had may do; if not, the watchdog ends it.
if (features.watchdog && healing && board.variables >= 3000) $_p.k = new Uint8Array(SPARE);

/** This start has not proved itself yet. */
export let proving = healing;
/** Nothing is healthy any more. */
export let down = false;

/**
 * From now on the chip is reset where the look stands still for `board.watchdog` seconds: DHCP stops everything for 20 of them, and Storage takes some to erase its
 * pages. A W5500 stops everything for as long as it has no cable, so there it begins when that is there.
 */
export function guard(): void {
  if (board.watchdog) E.enableWatchdog(board.watchdog, false);
}

/** The reason is written down, peers are told, and the board starts anew. @param crash something is wrong */
export function goDown(why: string, crash: boolean): void {
  if (down) return;
  down = true;
  // What is not caught may be for want of memory, too.
  $_p.k = undefined;
  dropOverlays();
  // Whatever becomes of the rest.
  setTimeout(board.paths ? load : E.reboot, safe && crash ? SAFE_CRASH : LAST_WORDS);
  // There may be no memory for that either.
  guard();
  letGo();

  const storage = require("Storage");
  try {
    if (features.starts && at)
      storage.write(STARTS, String.fromCharCode(crash ? (proving ? End.early : End.crash) : End.asked), at + LAST);
    if (features.slots || crash) {
      const file = crash ? CRASH : ASKED;
      const last = lastEnd(file);
      if (!last || last.why != why || storage.getFree() > ROOM)
        storage.writeJSON(file, {
          why,
          uptime: (getTime() - started) | 0,
          count: last ? last.count + 1 : 1,
          counters: losses(),
        });
    }
  } catch (e) {
    // Storage is full.
  }
  for (let i = links.length - 1; i >= 0; i--) {
    links[i]!.session.closeSession("ECONNRESET: the board starts anew: " + why);
    links[i]!.run();
  }
}

/** There is no memory. */
export function exhausted(): void {
  $_p.k = undefined;
  // Whatever took the memory would take this as well: nothing else runs any more.
  clearInterval();
  increase("MEMORY", 1);
  goDown("out of memory", true);
}

/** Once. */
export function watch(): void {
  process.on("uncaughtException", (error: unknown) => {
    // Anything may be thrown, and nothing is where there was no memory for it.
    const stack = error ? (error as Error).stack : "";
    // A line that somebody typed at the console: who did reads what is wrong with it.
    if (stack && stack.indexOf(" at REPL (") >= 0) return print("Uncaught " + String(error) + "\n" + stack);
    goDown("uncaught exception: " + String(error), true);
  });
  if (!features.slots && safe) setTimeout(goDown, SAFE, "all of it is tried again", false);
  if (board.network.module != "WIZnet") guard();
}

/** At each look, until the start has proved itself. */
export function prove(): void {
  if (features.slots) {
    let heard = false;
    for (let i = 0; i < links.length; i++) if (links[i]!.session.state == State.open) heard = true;
    // Nothing proves what starts without its devices.
    if (!heard && ($_b.t || getTime() - started < PROVEN)) return;
    if ($_b.t) clearTimeout($_b.t as number);
    if ($_b.m != Mark.safe && $_b.note) $_b.note(Mark.good);
  } else if (getTime() - started < PROVEN) return;
  proving = false;
  // Where there is no network nobody else has.
  if (board.network.module == "WIZnet") guard();
}
