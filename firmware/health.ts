/** Where there are slots: what proves that a start went well, and how the board goes down when it did not. docs/decisions/0013. */
import { board } from "#board";
import { State } from "../protocols/session/contract.js";
import { Mark } from "../protocols/service/boot-log.js";
import { links } from "./endpoint/link.js";
import type { Counters } from "./io/count.js";
import { started } from "./io/time.js";

/** What ran before in this Storage stopped like this: BoardInfo in protocols/service. */
export interface Crash {
  why: string;
  /** Seconds. */
  uptime: number;
  /** Of its kind, one after the other on this board. */
  count: number;
  counters: Counters;
}

/** Storage's file of the last one. */
const CRASH = "crash.json";

/** What is no trial has proved itself after so many seconds, without a host. */
const PROVEN = 30;

/**
 * The look stood still for so many seconds: the chip is reset. As many as an STM32 counts: DHCP stops everything for 20, and Storage takes seconds to erase its
 * pages. Before a start has proved itself nothing is counted: without a cable a W5500 stops everything for as long as there is none.
 */
const WATCHDOG = 26;

/** Peers hear of it within so many ms. */
const LAST_WORDS = 300;

let down = false;

export function lastCrash(): Crash | undefined {
  return require("Storage").readJSON<Crash>(CRASH, true);
}

/** Peers are told, and the board starts anew. @later down */
export function goDown(why: string): void {
  setTimeout($_b.restart!, LAST_WORDS);
  for (let i = links.length - 1; i >= 0; i--) {
    links[i]!.session.close("ECONNRESET: the board starts anew: " + why);
    links[i]!.run();
  }
}

/** The reason is written down, and the board goes down. @later down */
export function crash(why: string, counters: () => Counters): void {
  if (down) return;
  down = true;
  // Whatever becomes of the rest.
  setTimeout($_b.restart!, 10 * LAST_WORDS);
  const uptime = (getTime() - started) | 0;
  try {
    const last = lastCrash();
    const record: Crash = { why, uptime, count: last ? last.count + 1 : 1, counters: counters() };
    require("Storage").write(CRASH, JSON.stringify(record));
  } finally {
    goDown(why);
  }
}

/** Once. */
export function watch(counters: () => Counters): void {
  process.on("uncaughtException", (error) => {
    // Anything may be thrown, and nothing is where there was no memory for it.
    const stack = error ? (error as Error).stack : "";
    // A line that somebody typed at the console: who did reads what is wrong with it.
    if (stack && stack.indexOf(" at REPL (") >= 0) return print("Uncaught " + String(error) + "\n" + stack);
    crash("uncaught exception: " + String(error), counters);
  });
}

/** Until the start has proved itself, every 50 ms. @returns whether it has */
export function proven(): boolean {
  let heard = false;
  for (let i = 0; i < links.length; i++) if (links[i]!.session.state == State.open) heard = true;
  // Nothing proves what starts without its devices.
  if (!heard && ($_b.t || getTime() - started < PROVEN)) return false;
  if ($_b.t) clearTimeout($_b.t as number);
  if ($_b.m != Mark.safe && $_b.note) $_b.note(Mark.good);
  if (!board.paths) E.enableWatchdog(WATCHDOG, false);
  return true;
}
