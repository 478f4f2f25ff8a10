import { withFirmware } from "../e2e/rig.js";
import { assertBoardSockets } from "../support/board-sockets.js";
import { assertBoardListens } from "../support/board-listener.js";
import { assertProgramLosses } from "../support/program-losses.js";
import { assertSameText } from "../support/same-text.js";

describe("a program's sockets on the simulated board", function () {
  this.timeout(90_000);
  withFirmware();

  it("are the host's: the same text opens the same socket", () => assertSameText("simulated"));

  it("listen, for hosts and for other programs", () => assertBoardListens("simulated"));

  it("have what is lost between programs counted", () => assertProgramLosses("simulated"));

  it("reach its own services and names of a host, with backpressure and errors", () => assertBoardSockets("simulated"));
});
