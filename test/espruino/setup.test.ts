import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { consolePassword } from "../../host/key.js";
import { realClock } from "../../simulator/clock.js";
import { EscposPrinter } from "../../simulator/peripheral/escpos/index.js";
import { boardOnPty, openPty } from "../../simulator/pty.js";
import { UartWire } from "../../simulator/wire.js";
import { build, run } from "../host/cli/run.js";
import { freePort } from "./both.js";
import { espruino, judgedBy, pathOf } from "../support/judges.js";
import { Desk } from "./desk.js";

const BAUD = 115_200;

judgedBy([espruino], "set-up of the real interpreter", function () {
  this.timeout(240_000);
  before(build);
  let desk: Desk;
  let dir: string;
  beforeEach(async () => {
    desk = await Desk.open(pathOf(espruino));
    dir = mkdtempSync(join(tmpdir(), "devsock-setup-"));
  });
  afterEach(async () => {
    await desk.close();
    rmSync(dir, { recursive: true });
  });

  it("from an empty Storage to a printed page by one command, and its key is nowhere but in its file and on the board", async function () {
    const port = await freePort();
    const pty = await openPty();
    const printer = new EscposPrinter({ flow: "xonxoff", baud: BAUD });
    const wire = new UartWire(BAUD, realClock);
    printer.connect(wire.peripheral, realClock);
    const stop = boardOnPty(wire, pty, realClock);
    try {
      const begin = Date.now();
      const device = `printer0=escpos,uart=Serial2,path=${pty.path},baud=${BAUD},flow=xonxoff`;
      const place = ["--port", desk.port, "--dir", dir, "--name", "desk", "--tcp-port", String(port)];
      const setup = await run(["setup", ...place, "--device", device, "--yes"]);
      const took = Date.now() - begin;
      assert.equal(setup.code, 0, setup.err + setup.out);
      assert.match(setup.out, /printer0 has printed a test page\ndone: desk says hello at tcp:/);
      const paper = Buffer.from(printer.log.bytes).toString("latin1");
      assert.match(paper, /desk\nlinux\ntcp:\/\/127\.0\.0\.1:\d+\n\ndevsock works\./);
      this.test!.title += ` (${took} ms)`;

      const files = readdirSync(dir).sort();
      assert.deepEqual(files, ["desk.json", "desk.key"]);
      for (const name of files) assert.equal(statSync(join(dir, name)).mode & 0o777, 0o600);
      const text = (name: string): string => readFileSync(join(dir, name), "latin1");
      const [, address] = /says hello at (\S+)/.exec(setup.out)!;
      const mine = [address!, "--key-file", join(dir, "desk.key")];
      const capture = join(dir, "status.pcapng");
      const said = [
        await run(["storage", "get", ...mine, "devsock.json", "-o", "-"]),
        await run(["storage", "ls", ...mine, "--json"]),
        await run(["status", ...mine, "--json"]),
        await run(["status", ...mine]),
        await run(["console", ...mine, "--execute", "process.env"]),
        await run([
          "print",
          ...mine.slice(0, 1),
          join(dir, "desk.json"),
          ...mine.slice(1),
          "--trace",
          capture,
          "--decrypted",
          "--no-job",
        ]),
        await run(["setup", ...place, "--yes", "--force"]),
        await run([
          "flash",
          "--port",
          desk.port,
          "--config",
          join(dir, "desk.json"),
          "--key-file",
          join(dir, "desk.key"),
          "--json",
          "--dry-run",
        ]),
      ];
      assert.deepEqual(
        said.map(({ code, err, out }) => (code === 0 ? 0 : err + out)),
        said.map(() => 0),
      );
      const stored = JSON.parse(said[0]!.out) as { name: string };
      assert.equal(stored.name, "desk");
      const refused = await run(["storage", "get", ...mine, "devsock.key", "-o", "-"]);
      assert.deepEqual([refused.code, refused.out], [1, ""]);
      assert.match(refused.err, /EACCES/);

      const key = text("desk.key").trim();
      const everything = [
        ...[...said, setup, refused].map(({ out, err }) => out + err),
        ...[text("desk.json"), text("status.pcapng"), paper, desk.printed, desk.complaints],
      ].join("\n");
      assert.ok(everything.length > 5000);
      const bytes = Buffer.from(key, "hex");
      for (const secret of [
        key,
        key.slice(0, 16),
        bytes.toString("latin1"),
        bytes.toString("base64"),
        consolePassword(key),
      ])
        assert.ok(!everything.includes(secret), `${secret.slice(0, 4)}… is somewhere`);
    } finally {
      stop();
      pty.close();
    }
  });
});
