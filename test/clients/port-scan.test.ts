/** Clients that have left before the board was told that they had come: the interpreter tells of them, not of their end. */
import { LINK_PORT, Rig, withFirmware } from "../e2e/rig.js";

const VISITS = 8;
const JOB = Buffer.from("the next one\n");

describe("a port scan", function () {
  this.timeout(20_000);
  withFirmware();

  for (const leave of ["end", "reset"] as const) {
    it(`of the link's port leaves every session free (${leave})`, async () => {
      const rig = new Rig();
      for (let i = 0; i < VISITS; i++) rig.dial(LINK_PORT)[leave]();
      await rig.run(1000);
      // It asks for as many sessions as there are.
      await rig.finish();
    });

    it(`of port 9100 leaves the printer to the next client (${leave})`, async () => {
      const rig = new Rig();
      for (let i = 0; i < VISITS; i++) rig.dial()[leave]();
      await rig.run(1000);
      const client = rig.dial().write(JOB).end();
      await rig.until(() => client.closed !== "no", 5000);
      await rig.untilIdle();
      rig.assertPrinted(JOB);
      await rig.finish();
    });
  }
});
