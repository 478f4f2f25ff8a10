/** In place of the firmware: says the lines of run-camera.ts. */
import { cameraLines } from "./run-camera.js";

declare function print(text: string): void;

print(`CAMERAS ${JSON.stringify(cameraLines())}`);
