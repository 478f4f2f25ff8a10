/**
 * The power goes while a board is flashed, updated or written to: it always starts, with one of both configurations, and no key is where it
 * should not be. `npm run cuts` is 200 times; CUTS and SEED say otherwise.
 */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import net from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Runnable } from "mocha";
import { BoardStorage, connect, flash, newKey, parseKey, storageFile, update } from "../../host/index.js";
import { configName } from "../../host/flash/slots.js";
import { Random } from "../../simulator/random.js";
import { build, endAll, start } from "../host/cli/run.js";
import { freePort } from "./both.js";
import { espruino, judgedBy, pathOf } from "../support/judges.js";
import { otherFirmware } from "../support/other-firmware.js";
import { pause } from "../support/wait.js";
import { Desk } from "./desk.js";

const FIRMWARE = fileURLToPath(new URL("../../dist/firmware/", import.meta.url));
/** The board's, among the interpreter's files. */
const FLASH = "espruino.flash";
const SEED = Number(process.env["SEED"] ?? 1);
/** Power cuts in the midst of the work, shared among three kinds of it. */
const CUTS = Number(process.env["CUTS"] ?? 9);
const KINDS = 3;
/** Work that is not cut takes no longer, in ms. */
const PATIENCE = 40_000;
/** After a byte has been sent, the board does its work for up to so many ms until the power goes. */
const WORK = 40;

/** Between the host and the board's port: sees what the host sends. */
class Counted {
  onHost: (data: Buffer) => void = () => {};
  private readonly server: net.Server;
  private readonly sockets = new Set<net.Socket>();

  private constructor(board: () => number) {
    this.server = net.createServer((host) => {
      const far = net.connect(board(), "127.0.0.1");
      for (const [socket, other] of [
        [host, far],
        [far, host],
      ] as const) {
        this.sockets.add(socket);
        socket.on("error", () => other.destroy());
        socket.on("close", () => (this.sockets.delete(socket), other.destroy()));
      }
      host.on("data", (data) => {
        this.onHost(data);
        far.write(data);
      });
      far.on("data", (data) => host.write(data));
    });
  }

  static async open(board: () => number): Promise<Counted> {
    const counted = new Counted(board);
    await new Promise<void>((resolve) => counted.server.listen(0, "127.0.0.1", resolve));
    return counted;
  }

  get address(): string {
    return `tcp://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }
}

judgedBy([espruino], `power cuts on the real interpreter (${CUTS}, seed ${SEED})`, function () {
  this.timeout(120_000 + CUTS * 20_000);
  let desk: Desk;
  let port: number;
  let link: Counted;
  let random: Random;
  /** All that the library told or threw, and all that the command printed. */
  let said: string;
  let keys: string[];
  /** Where the command works and is at home. */
  let home: string;
  /** What it is given there. */
  const GIVEN = ["board.json", "board.key", "logo.bin"];
  const directories: string[] = [];
  /** Files that had no key in them. */
  let searched: number;
  before(build);
  beforeEach(async () => {
    desk = await Desk.open(pathOf(espruino));
    port = await freePort();
    link = await Counted.open(() => port);
    random = new Random(SEED);
    said = "";
    searched = 0;
    keys = [newKey()];
    directories.push((home = mkdtempSync(join(tmpdir(), "devsock-home-"))));
    await flash({ port: desk.port, config: configOf("0"), firmware: FIRMWARE, onStep });
  });
  afterEach(async () => {
    endAll();
    link.close();
    await desk.close();
    for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
  });

  const onStep = (line: string): void => void (said += line + "\n");
  const configOf = (name: string, key = keys[0]!): object => ({ board: "linux", name, key, links: { tcp: { port } } });

  /** A firmware that differs, by some blanks at its end. */
  function longer(blanks: number): string {
    const directory = otherFirmware((text) => text + " ".repeat(blanks));
    directories.push(directory);
    return directory;
  }

  /** The command, as a user has it, each second time for a program to read. @throws Error where it does not end with 0 */
  async function devsock(args: readonly string[], json: boolean, signal: AbortSignal): Promise<void> {
    const running = start([...args, ...(json ? ["--json"] : [])], undefined, { cwd: home, home });
    const interrupt = (): void => void running.child.kill("SIGINT");
    signal.addEventListener("abort", interrupt);
    const { code, out, err } = await running.ended;
    signal.removeEventListener("abort", interrupt);
    said += out + err;
    if (code !== 0) throw new Error(`devsock ${args[0]} ended with ${code}: ${out}${err}`);
  }

  /** Files for the command, by their names. */
  function given(name: string, data: string | Uint8Array): string {
    assert.ok(GIVEN.includes(name));
    writeFileSync(join(home, name), data, { mode: 0o600 });
    return name;
  }

  /**
   * Begins something, and takes the power away once the host has sent so many bytes of it. Nobody waits for what cannot come any more.
   * @returns whether that was in the midst of it
   */
  async function cutDuring(
    from: { onHost: (data: Buffer) => void },
    bytes: number,
    begin: (signal: AbortSignal) => Promise<unknown>,
  ): Promise<boolean> {
    const gone = new AbortController();
    let sent = 0;
    let off = false;
    let cut: Promise<void> | undefined;
    const work = random.next() % WORK;
    from.onHost = (data) => {
      if ((sent += data.length) > bytes)
        cut ??= pause(work)
          .then(() => {
            off = true;
            return desk.powerOff();
          })
          .then(() => {
            gone.abort();
            // What is left of the session or the console's packets finds a board that knows nothing of it.
            desk.powerOn();
          });
    };
    const end = await begin(AbortSignal.any([gone.signal, AbortSignal.timeout(PATIENCE)])).then(
      (report) => {
        if (report !== undefined) said += JSON.stringify(report) + "\n";
        return { amid: false, error: undefined };
      },
      (error: Error) => {
        said += `${error.stack}\n${JSON.stringify(error)}\n`;
        return { amid: off, error };
      },
    );
    from.onHost = () => {};
    await cut;
    if (end.error && !end.amid) {
      const board = `the board ${desk.powered ? "runs" : "has ended"}, and printed ${JSON.stringify(desk.printed.slice(-200))}`;
      throw new Error(`it failed with all the power it needs; ${board}`, { cause: end.error });
    }
    if (cut) return end.amid;
    // It was done before: the power goes all the same.
    await desk.powerOff();
    desk.powerOn();
    return false;
  }

  /**
   * Cuts until its share of them was in the midst of the work; those that come when it is done are made again.
   * @param kind from 0
   * @param cutOnce of that number; whether it was one
   */
  async function campaign(test: Runnable, kind: number, cutOnce: (cut: number) => Promise<boolean>): Promise<void> {
    const share = Math.ceil((CUTS - kind) / KINDS);
    const tries = 3 * share + 5;
    let amid = 0;
    let cut = 0;
    try {
      while (amid < share) {
        assert.ok(++cut <= tries, `only ${amid} of ${tries} cuts were in the midst of the work`);
        if (await cutOnce(cut)) amid++;
      }
    } finally {
      test.title += ` (${amid} in the midst of it, of ${cut}; ${searched} files without a key)`;
    }
  }

  /** The board says who it is to one of these keys, which is the only one from then on. */
  async function started(): Promise<string> {
    for (let i = 0; i < 100; i++) {
      const key = keys[i % keys.length]!;
      const board = await connect(link.address, { key: parseKey(key), timeout: 5000 }).catch(() => undefined);
      if (!board) {
        await pause(150);
        continue;
      }
      try {
        const { name } = await board.info();
        return name;
      } finally {
        await board.close();
      }
    }
    throw new Error(`the board does not start; it printed ${JSON.stringify(desk.printed.slice(-500))}`);
  }

  /** Whatever command and interpreter left behind, but for the board's flash. */
  function filesMade(): string[] {
    const within = (directory: string, but: readonly string[]): string[] =>
      readdirSync(directory, { recursive: true, encoding: "utf8" })
        .filter((name) => !but.includes(name))
        .map((name) => join(directory, name))
        .filter((file) => statSync(file).isFile());
    return [...within(home, GIVEN), ...within(desk.directory, [FLASH])];
  }

  function assertKept(cut: string): void {
    const flashed = readFileSync(join(desk.directory, FLASH), "latin1");
    assert.ok(
      keys.some((key) => flashed.includes(key)),
      `${cut}: no key in Storage`,
    );
    for (const file of filesMade()) {
      const text = readFileSync(file, "latin1");
      assert.ok(!keys.some((key) => text.includes(key)), `${cut}: a key in ${file}`);
      searched++;
    }
    for (const key of keys) {
      for (const [where, text] of Object.entries({ host: said, console: desk.printed, output: desk.complaints }))
        assert.ok(!text.includes(key), `${cut}: the key in what the ${where} said`);
      // Storage has a file's name before its bytes, and what of it is left when it was erased.
      for (let at = flashed.indexOf(key); at >= 0; at = flashed.indexOf(key, at + 1))
        assert.match(
          flashed.slice(Math.max(0, at - 200), at),
          /ock(\.b)?\.key\0/,
          `${cut}: the key at ${at} of Storage`,
        );
    }
  }

  it("by the console, while a configuration or a firmware is written, one of both configurations starts", async function () {
    let running = "0";
    await campaign(this.test!, 0, async (cut) => {
      // Each third time there is a new firmware as well: the command has one only.
      const other = cut % 3 === 0;
      const bytes = random.next() % (other ? 70_000 : 2200);
      const config = configOf(`${cut}`);
      const args = ["flash", "--port", desk.port, "--config", given("board.json", JSON.stringify(config))];
      const amid = await cutDuring(desk, bytes, (signal) =>
        other
          ? flash({ port: desk.port, config, firmware: longer(cut), signal, onStep })
          : devsock(args, cut % 2 === 0, signal),
      );
      const name = await started();
      assert.ok(name === running || name === `${cut}`, `cut ${cut} after ${bytes} bytes: "${name}" runs`);
      running = name;
      assertKept(`cut ${cut} after ${bytes} bytes`);
      return amid;
    });
  });

  it("over the link, while an update with another key is written and started, one of both configurations starts with its key", async function () {
    let running = { name: "0", key: keys[0]! };
    await campaign(this.test!, 1, async (cut) => {
      const other = cut % 3 === 0;
      const bytes = random.next() % (other ? 70_000 : 1350);
      const next = { name: `${cut}`, key: newKey() };
      const config = configOf(next.name, next.key);
      const key = given("board.key", running.key);
      const args = ["update", link.address, "--key-file", key, "--config", given("board.json", JSON.stringify(config))];
      keys = [running.key, next.key];
      const amid = await cutDuring(link, bytes, (signal) =>
        other
          ? update(link.address, {
              ...{ key: parseKey(running.key), firmware: longer(cut), config },
              ...{ onStep, signal },
            })
          : devsock(args, cut % 2 === 0, signal),
      );
      const name = await started();
      assert.ok(name === running.name || name === next.name, `cut ${cut} after ${bytes} bytes: "${name}" runs`);
      assertKept(`cut ${cut} after ${bytes} bytes`);
      if (name === next.name) running = next;
      keys = [running.key];
      assert.equal(await started(), name, `cut ${cut} after ${bytes} bytes: with its own key`);
      return amid;
    });
  });

  it("over the link, while a file or the other slot's configuration is put there, what ran starts again", async function () {
    await campaign(this.test!, 2, async (cut) => {
      // The command puts no configurations.
      const logo = cut % 2 === 0;
      const bytes = random.next() % (logo ? 7000 : 440);
      const key = given("board.key", keys[0]!);
      const config = Buffer.from(JSON.stringify({ board: "linux", name: `${cut}`, links: { tcp: { port } } }));
      const putConfig = async (signal: AbortSignal): Promise<void> => {
        const board = await connect(link.address, { key: parseKey(keys[0]!), signal });
        try {
          await new BoardStorage(board).put(storageFile(configName(1), config), () => {}, signal);
        } finally {
          await board.close();
        }
      };
      const putLogo = (signal: AbortSignal): Promise<void> => {
        const file = given("logo.bin", Buffer.from(Array.from({ length: 6000 }, () => random.next() & 255)));
        return devsock(["storage", "put", link.address, file, "--key-file", key], cut % 4 === 0, signal);
      };
      const amid = await cutDuring(link, bytes, logo ? putLogo : putConfig);
      assert.equal(await started(), "0", `cut ${cut} after ${bytes} bytes`);
      assertKept(`cut ${cut} after ${bytes} bytes`);
      return amid;
    });
  });
});
