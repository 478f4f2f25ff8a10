/** The one list of boards. A new board is one more file and one more line here. */
import type { BoardSpec } from "./board.js";
import { board as esp32 } from "./esp32.js";
import { board as esp32c3 } from "./esp32c3.js";
import { board as esp8266 } from "./esp8266.js";
import { board as espruinoOriginal } from "./espruino-original.js";
import { board as espruinoWifi } from "./espruino-wifi.js";
import { board as linux } from "./linux.js";
import { board as mdbt42q } from "./mdbt42q.js";
import { board as microbit2 } from "./microbit2.js";
import { board as nucleoF411 } from "./nucleo-f411.js";
import { board as nucleoF767 } from "./nucleo-f767.js";
import { board as pico } from "./pico.js";
import { board as picoWiznet } from "./pico-wiznet.js";
import { board as pixljsWiznet } from "./pixljs-wiznet.js";
import { board as raspberrypi } from "./raspberrypi.js";

export { isScarce } from "./scarce.js";
export { countedOf, instructionsOf } from "./speed.js";
export { bundleOf, featuresOf, fitOf, footprint, modulesOf, spareOf, unusedBuses } from "./builds.js";
export type { Fit, Wanted } from "./builds.js";
export type { BoardSpec, Build, Feature, Network, UartPins } from "./board.js";

export const boards: readonly BoardSpec[] = [
  linux,
  espruinoWifi,
  picoWiznet,
  pico,
  esp32,
  esp32c3,
  nucleoF411,
  nucleoF767,
  mdbt42q,
  pixljsWiznet,
  microbit2,
  raspberrypi,
  esp8266,
  espruinoOriginal,
];
