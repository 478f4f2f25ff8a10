/** How much of a profile is work: the interpreter polls its sockets without rest, and that is none. */
import type { Arc, Profile } from "./callgrind.js";

/** What the interpreter's idle loop costs while nothing happens, in instructions. */
export interface Idle {
  turn: number;
  /** One run of a timer. */
  timer: number;
}

/** @param profile of a stretch in which every connection was open and silent */
export function idleOf(profile: Profile): Idle {
  const timers = timersOf(profile);
  return {
    turn: turnsOf(profile) / turnCount(profile),
    timer: timers.calls ? timers.instructions / timers.calls : 0,
  };
}

/**
 * Instructions of a stretch without those of turns in which nothing came or went, and without what the timers cost
 * when idle: both grow with the time that the stretch took on the wall, not with the bytes.
 */
export function workOf(profile: Profile, idle: Idle): number {
  const timers = timersOf(profile);
  const silent = turnCount(profile) - profile.to("recvfrom").calls - profile.to("send").calls;
  return turnsOf(profile) - idle.turn * silent + timers.instructions - idle.timer * timers.calls;
}

/**
 * Instructions of all that the program was called for. It leaves out what the interpreter does by itself for bytes that come and go, and in turn does not
 * grow with the time that a stretch took: where timers run all the while that is more than what is left out.
 */
export function calledOf(profile: Profile): Arc {
  return profile.to("jspExecuteFunction");
}

function turnCount(profile: Profile): number {
  return profile.arc("jsiLoop", "jsiIdle").calls;
}

/** Instructions of the idle loop: all that the program does but its timers. The console's are ours: they cut profiles. */
function turnsOf(profile: Profile): number {
  return (
    profile.arc("jsiLoop", "jsiIdle").instructions -
    profile.arc("jsiIdle", "jsiHandleIOEventForConsole").instructions -
    timersOf(profile).instructions
  );
}

function timersOf(profile: Profile): Arc {
  const one = profile.arc("jsiIdle", "jsiExecuteEventCallback");
  const several = profile.arc("jsiIdle", "jsiExecuteEventCallbackArgsArray");
  return { calls: one.calls + several.calls, instructions: one.instructions + several.instructions };
}
