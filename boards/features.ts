/** What the firmware has, when it has all: the build of each puts its own in place of this. */
import type { Feature } from "./board.js";

export const features: Readonly<Record<Feature, boolean>> = {
  printers: true,
  raw: true,
  ids: true,
  udp: true,
  discover: true,
  serial: true,
  chargen: true,
  extras: true,
  inet: true,
  peers: true,
  programs: true,
  http: true,
  watchdog: true,
  starts: true,
  slots: true,
  console: true,
  aside: true,
};

/** Whether variables are scarcer than time and Storage on the board (`isScarce`); its build says so in place of this. */
export const scarce: boolean = false;
