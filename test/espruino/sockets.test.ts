import { withFirmware } from "../e2e/rig.js";
import { assertBoardSockets } from "../support/board-sockets.js";
import { assertBoardListens } from "../support/board-listener.js";
import { assertProgramLosses } from "../support/program-losses.js";
import { assertSameText } from "../support/same-text.js";
import { espruino } from "./both.js";

describe("a program's sockets on the real interpreter", function () {
  this.timeout(180_000);
  withFirmware();
  before("needs ESPRUINO to name the interpreter", function () {
    if (!espruino) this.skip();
  });

  it("are the host's: the same text opens the same socket", () => assertSameText("espruino"));

  it("listen, for hosts and for other programs", () => assertBoardListens("espruino"));

  it("have what is lost between programs counted", () => assertProgramLosses("espruino"));

  it("reach its own services and names of a host, with backpressure and errors", () => assertBoardSockets("espruino"));
});
