/** Each set of features that a board's build has, as a firmware for `linux` on the real interpreter: it starts, says what it is, and its devices work. */
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { boards } from "../../boards/index.js";
import { connect, SOCK_RAW } from "../../host/index.js";
import { build } from "../../scripts/firmware/build.js";
import { startSimulator } from "../../simulator/index.js";
import type { EscposPrinter } from "../../simulator/peripheral/escpos/printer.js";
import { espruino } from "./both.js";
import { putFirmware } from "../support/other-firmware.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const KEY = "8f3c1d2e4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0";

describe("builds on the real interpreter", function () {
  this.timeout(60_000);
  const directory = mkdtempSync(join(tmpdir(), "devsock-builds-"));
  before("needs ESPRUINO to name the interpreter", function () {
    if (!espruino) this.skip();
    cpSync(join(root, "dist/firmware"), directory, { recursive: true });
  });
  after(() => rmSync(directory, { recursive: true }));

  for (const board of boards)
    for (const { name, features } of board.builds)
      if (name)
        it(`${board.id}-${name}`, async () => {
          const [firmware] = await build(root, ["linux"], "firmware/main.ts", "program", [{ name: "", features }]);
          putFirmware(directory, { "linux.js": firmware!.image });
          const printers = features.includes("printers");
          const simulator = await startSimulator({
            ...{ board: "linux", runtime: "espruino", espruino: espruino!, bundleDir: directory },
            ...{
              ports: { tcp: 0 },
              key: KEY,
              devices: { [printers ? "printer0" : "ecg0"]: printers ? "escpos" : "ad8232" },
            },
          });
          const host = await connect(simulator.links.tcp!, { key: KEY });
          if (printers) {
            await host.printer("printer0").print(Buffer.from("a receipt\n"));
            const { bytes } = (simulator.peripherals["printer0"] as EscposPrinter).log;
            assert.match(bytes.toString("latin1"), /a receipt/);
            const raw = host.connect("printer0", { type: SOCK_RAW });
            if (features.includes("extras")) (await raw).close();
            else await assert.rejects(raw, { code: "EOPNOTSUPP" });
          } else {
            let readings = 0;
            for await (const { kind } of host.sensor("ecg0").samples()) {
              assert.equal(kind, "reading");
              if (++readings === 20) break;
            }
          }
          // Another host comes while the first one is there.
          const other = await connect(simulator.links.tcp!, { key: KEY });
          await other.close();
          await host.close();
          await simulator.stop();
        });
});
