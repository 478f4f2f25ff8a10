/** The simulated cameras by kind, with the settings that the command line may give. */
import type { UartPeripheral } from "../../uart.js";
import { count, oneOf } from "../settings.js";
import type { Setting } from "../settings.js";
import { Arducam } from "./arducam.js";
import { cameraSettings } from "./faults.js";
import { Ov528 } from "./ov528.js";
import { Vc0706 } from "./vc0706.js";

interface CameraKind<Made> {
  settings: Record<string, Setting>;
  make(settings: Record<string, unknown>): Made;
}

const { sizes, ...common } = cameraSettings;

/** At the speed that a driver raises it to. */
const BAUD = 115_200;

export const serialCameras: Record<string, CameraKind<UartPeripheral> & { on: { baud: number; flow: "none" } }> = {
  vc0706: {
    on: { baud: BAUD, flow: "none" },
    settings: { ...common, sizes, boot: count, size: oneOf("640x480", "320x240", "160x120") },
    make: (settings) => new Vc0706(settings),
  },
  ov528: {
    on: { baud: BAUD, flow: "none" },
    settings: { ...common, sizes, syncs: count },
    make: (settings) => new Ov528(settings),
  },
};

export const busCameras: Record<string, CameraKind<Arducam>> = {
  ov2640: { settings: { ...common, revision: oneOf("mini", "plus") }, make: (settings) => new Arducam(settings) },
};
