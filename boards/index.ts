/** The one list of boards. A new board is one more file and one more line here. */
import type { BoardSpec } from "./board.js";
import { board as espruinoWifi } from "./espruino-wifi.js";
import { board as linux } from "./linux.js";
import { board as pico } from "./pico.js";
import { board as picoWiznet } from "./pico-wiznet.js";

export { countedOf, instructionsOf } from "./speed.js";
export { bundleOf, featuresOf, fitOf, modulesOf } from "./builds.js";
export type { Fit, Wanted } from "./builds.js";
export type { BoardSpec, Build, Feature, Network, UartPins } from "./board.js";

export const boards: readonly BoardSpec[] = [linux, espruinoWifi, picoWiznet, pico];
