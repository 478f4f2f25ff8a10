import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { accessPointPassword, newKey } from "../../../host/index.js";
import type { Config } from "../../../host/index.js";
import { consolePassword } from "../../../host/key.js";
import { bootState, Mark } from "../../../protocols/service/boot-log.js";
import { FakeConsole } from "../fake-console.js";
import { Person } from "./person.js";
import { build, run, start } from "./run.js";

const PASSWORD = "correct horse battery";
const ENTER = "\r";
const DOWN = "\x1b[B";

describe("devsock setup", function () {
  this.timeout(60_000);
  let board: FakeConsole;
  let dir: string;
  before(build);
  beforeEach(async () => {
    board = await FakeConsole.open();
    board.board = "ESPRUINOWIFI";
    dir = mkdtempSync(join(tmpdir(), "devsock-"));
  });
  afterEach(() => {
    board.close();
    rmSync(dir, { recursive: true });
  });

  const text = (name: string): string => readFileSync(join(dir, name), "utf8");
  const flags = (...more: string[]): string[] => ["setup", "--port", board.port, "--dir", dir, ...more];

  it("asks for what it has to know, and neither screen, arguments nor files but their own have a secret", async () => {
    const person = new Person(["setup", "--dir", dir]);
    await person.answer("Which serial port", "\x1b[A", ENTER);
    await person.answer("Its path", board.port, ENTER);
    await person.answer("What shall it be called?", "desk", ENTER);
    await person.answer("The wireless network", "lab", ENTER);
    await person.answer("The password of lab", PASSWORD, ENTER);
    await person.answer("What hangs on it?", " ", ENTER);
    await person.answer("bits a second", "19200", ENTER);
    await person.answer("its buffer is full?", DOWN, ENTER);
    await person.answer("Is it wired like that", ENTER);
    // espruino-wifi has one port on its network, so nobody is asked for port 9100.
    const shown = readFileSync(`/proc/${person.pid}/cmdline`, "utf8");
    await person.answer("Write this to files", ENTER);
    await person.answer("starting it", "\x03");
    assert.equal(await person.ended, 130);
    const config = JSON.parse(text("desk.json")) as object;
    assert.deepEqual(config, {
      ...{ board: "espruino-wifi", name: "desk", network: { ssid: "lab" } },
      links: { tcp: { port: 9180 }, udp: { port: 9180 } },
      devices: { printer0: { driver: "escpos", uart: "Serial1", baud: 19_200, flow: "xonxoff" } },
    });
    assert.deepEqual(readdirSync(dir).sort(), ["desk.json", "desk.key", "desk.wifi"]);
    for (const name of readdirSync(dir)) assert.equal(statSync(join(dir, name)).mode & 0o777, 0o600);
    const key = text("desk.key").trim();
    const onBoard = board.files.get("devsock.key")!.toString();
    assert.ok(onBoard.includes(key) && onBoard.includes(PASSWORD));
    assert.match(
      person.screen,
      /go on with: devsock flash --port \S+ --config \S+desk\.json --key-file \S+desk\.key --wifi-password-file/,
    );
    const others = [...board.files]
      .filter(([name]) => name !== "devsock.key")
      .map(([, data]) => data.toString("latin1"));
    for (const secret of [key, PASSWORD, consolePassword(key), Buffer.from(key, "hex").toString("latin1")])
      for (const where of [person.screen, shown, text("desk.json"), ...others])
        assert.ok(!where.includes(secret), `${secret.slice(0, 4)}… in ${where.slice(0, 40)}`);
  });

  it("when it is left, nothing was written", async () => {
    const person = new Person(flags());
    await person.answer("What shall it be called?", ENTER);
    await person.answer("The wireless network", "\x03");
    assert.equal(await person.ended, 130);
    assert.match(person.screen, /ECANCELED: set-up was left, and nothing was written; begin again with devsock setup/);
    assert.deepEqual(readdirSync(dir), []);
    assert.equal(board.files.size, 0);
  });

  it("says what does not fit, and asks again", async () => {
    const person = new Person(flags("--access-point", "--name", "desk"));
    await person.answer("What hangs on it?", " ", DOWN, DOWN, DOWN, DOWN, DOWN, " ", ENTER);
    await person.answer("bits a second", ENTER);
    await person.answer("its buffer is full?", ENTER);
    await person.answer("That does not fit");
    await person.answer("What hangs on it?", "\x03");
    assert.equal(await person.ended, 130);
    assert.match(person.screen, /has no place for Oximeter Nonin OEM III: There is no UART for it/);
  });

  it("takes other pins than those it would choose", async () => {
    const person = new Person(flags("--access-point", "--name", "desk"));
    await person.answer("What hangs on it?", " ", ENTER);
    await person.answer("bits a second", ENTER);
    await person.answer("its buffer is full?", ENTER);
    await person.answer("Is it wired like that", "n");
    await person.answer("printer0: RX is on", ENTER);
    await person.answer("printer0: TX is on", "A10", ENTER);
    await person.answer("Is it wired like that", ENTER);
    await person.answer("Write this to files", ENTER);
    await person.answer("stopping what runs", "\x03");
    assert.equal(await person.ended, 130);
    const { devices } = JSON.parse(text("desk.json")) as { devices: object };
    const pins = { tx: "B6", rx: "A10" };
    assert.deepEqual(devices, { printer0: { driver: "escpos", uart: "Serial1", baud: 9600, pins } });
  });

  it("asks who may print without a key, where the board has the room, and leaves its cable's port alone", async () => {
    board.board = "ESP32";
    board.at = "Serial2";
    const person = new Person(flags("--access-point", "--name", "desk"));
    await person.answer("What hangs on it?", " ", ENTER);
    await person.answer("bits a second", ENTER);
    await person.answer("its buffer is full?", ENTER);
    await person.answer("Is it wired like that", ENTER);
    await person.answer("print on printer0 at port 9100", "y");
    await person.answer("Write this to files", ENTER);
    await person.answer("stopping what runs", "\x03");
    assert.equal(await person.ended, 130);
    const { devices, endpoints } = JSON.parse(text("desk.json")) as Config;
    assert.equal((devices!["printer0"] as { uart: string }).uart, "Serial3");
    assert.deepEqual(endpoints, [{ service: "raw", device: "printer0", port: 9100 }]);
  });

  it("without a terminal takes what flags say, and names the one that is missing", async () => {
    const refused = async (code: number, words: RegExp, ...more: string[]): Promise<void> => {
      const ended = await run(flags(...more));
      assert.equal(ended.code, code, ended.err);
      assert.match(ended.err, words);
      assert.equal(board.files.size, 0);
    };
    const wifi = join(dir, "lab.wifi");
    writeFileSync(wifi, `${PASSWORD}\n`, { mode: 0o600 });
    const whole = ["--ssid", "lab", "--wifi-password-file", wifi];
    await refused(2, /EINVAL: --ssid is missing, and nobody can be asked: "The wireless network/);
    await refused(2, /EINVAL: --wifi-password-file is missing/, "--ssid", "lab");
    await refused(2, /EINVAL: --board linux is none of espruino-wifi/, "--board", "linux");
    await refused(2, /there is no driver toaster/, ...whole, "--device", "it=toaster");
    await refused(2, /devices\.p\.baud: .*from 1200/, ...whole, "--device", "p=escpos,baud=1");
    await refused(2, /--http-port: there is no camera for it/, ...whole, "--http-port", "80");
    const till = ["--device", "p=escpos", "--raw-port", "9100"];
    await refused(2, /espruino-wifi.*1 TCP port|listens on one port|one port/, ...whole, ...till);
    await refused(66, /ENOENT/, "--ssid", "lab", "--wifi-password-file", join(dir, "none"));
    const left = join(dir, "espruino-wifi.json");
    writeFileSync(left, "mine");
    await refused(1, /EEXIST: .* is left as it is; choose another --name, or replace it with --force/, ...whole);
    assert.equal(readFileSync(left, "utf8"), "mine");
  });

  it("says of a locked board what opens it, and keeps the key that it has", async () => {
    const key = newKey();
    board.password = consolePassword(key);
    board.locked = true;
    const locked = await run(flags("--access-point"));
    assert.equal(locked.code, 1);
    assert.match(locked.err, /EACCES: the console at .* is locked: .* --key-file FILE/);
    writeFileSync(join(dir, "old.key"), key, { mode: 0o600 });
    const setup = start(flags("--access-point", "--name", "desk", "--key-file", join(dir, "old.key")));
    await setup.until(() => setup.out().includes("starting it"));
    setup.child.kill("SIGINT");
    const { code, out, err } = await setup.ended;
    assert.equal(code, 130);
    assert.ok(board.files.get("devsock.key")!.includes(key));
    assert.ok(!(out + err).includes(key));
    assert.deepEqual(readdirSync(dir).sort(), ["desk.json", "old.key"]);
  });

  it("of a board that is a network of its own ends with how to join that", async () => {
    const setup = start(flags("--access-point", "--name", "desk", "--tcp-port", "9200"));
    await setup.until(() => setup.out().includes("starting it"));
    board.note(Mark.started);
    const { code, out, err } = await setup.ended;
    assert.equal(code, 0, err);
    const key = join(dir, "desk.key");
    assert.match(out, /done: it runs, and was not reached from here\n/);
    const [, told] = /its network is desk, with the password that this says: devsock (.*)\n/.exec(out)!;
    assert.ok(out.endsWith(`next, in there: devsock ls tcp://192.168.4.1:9200 --key-file ${key}\n`), out);
    const password = await run(told!.split(" "));
    assert.equal(password.out, `${accessPointPassword(text("desk.key").trim())}\n`);
    assert.equal((JSON.parse(text("desk.json")) as Config).network!.accessPoint, true);
    // It is good, by the board's log, though nobody has reached it.
    assert.equal(bootState(board.files.get("boot.0"))!.good, 0);
  });
});
