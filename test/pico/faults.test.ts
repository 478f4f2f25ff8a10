import { sensorFaults } from "../e2e/sensor-faults.js";
import { onPico, withFirmware } from "./rig.js";
import { placeOnPico } from "./sensor-bench.js";

onPico("faults of sensors on the emulated Pico", function () {
  this.timeout(300_000);
  withFirmware();
  for (const { title, run } of sensorFaults) it(title, () => run(placeOnPico));
});
