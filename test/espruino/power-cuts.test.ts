import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { BoardStorage, connect, flash, newKey, parseKey, storageFile, update } from "../../host/index.js";
import { configName } from "../../host/flash/slots.js";
import { Random } from "../../simulator/random.js";
import { freePort } from "./both.js";
import { espruino, judgedBy, pathOf } from "../support/judges.js";
import { pause } from "../support/wait.js";
import { Desk } from "./desk.js";

const FIRMWARE = fileURLToPath(new URL("../../dist/firmware/", import.meta.url));
const SEED = Number(process.env["SEED"] ?? 1);
/** Power cuts of each kind: more of them are a campaign of its own. */
const CUTS = Number(process.env["CUTS"] ?? 3);
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

judgedBy([espruino], `power cuts on the real interpreter (${CUTS} of each kind, seed ${SEED})`, function () {
  this.timeout(120_000 + CUTS * 60_000);
  let desk: Desk;
  let port: number;
  let link: Counted;
  let random: Random;
  /** All that the host printed or threw. */
  let said: string;
  let keys: string[];
  const directories: string[] = [];
  beforeEach(async () => {
    desk = await Desk.open(pathOf(espruino));
    port = await freePort();
    link = await Counted.open(() => port);
    random = new Random(SEED);
    said = "";
    keys = [newKey()];
    await flash({ port: desk.port, config: configOf("0"), firmware: FIRMWARE, onStep });
  });
  afterEach(async () => {
    link.close();
    await desk.close();
    for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
  });

  const onStep = (line: string): void => void (said += line + "\n");
  const configOf = (name: string, key = keys[0]!): object => ({ board: "linux", name, key, links: { tcp: { port } } });

  /** A firmware that differs, by some blanks at its end. */
  function otherFirmware(blanks: number): string {
    const directory = mkdtempSync(join(tmpdir(), "devsock-firmware-"));
    directories.push(directory);
    cpSync(FIRMWARE, directory, { recursive: true, filter: (path) => !/firmware\/(?!linux)[\w-]/.test(path) });
    const file = join(directory, "linux.js");
    writeFileSync(file, readFileSync(file, "latin1") + " ".repeat(blanks), "latin1");
    return directory;
  }

  /**
   * Begins something, and takes the power away once the host has sent so many bytes of it. Nobody waits for what cannot come any more.
   * @returns whether it ended before that
   */
  async function cutDuring(
    from: { onHost: (data: Buffer) => void },
    bytes: number,
    begin: (signal: AbortSignal) => Promise<unknown>,
  ): Promise<boolean> {
    const gone = new AbortController();
    const timeout = AbortSignal.timeout(40_000);
    let sent = 0;
    let cut: Promise<void> | undefined;
    const work = random.next() % WORK;
    from.onHost = (data) => {
      if ((sent += data.length) > bytes)
        cut ??= pause(work)
          .then(() => desk.powerOff())
          .then(() => {
            gone.abort();
            // What is left of the session or the console's packets finds a board that knows nothing of it.
            desk.powerOn();
          });
    };
    const whole = await begin(AbortSignal.any([gone.signal, timeout])).then(
      (report) => {
        said += JSON.stringify(report) + "\n";
        return true;
      },
      (error: Error) => {
        said += `${error.stack}\n${JSON.stringify(error)}\n`;
        return false;
      },
    );
    from.onHost = () => {};
    await cut;
    if (cut) return false;
    // It was done before, or given up: the power goes all the same.
    await desk.powerOff();
    desk.powerOn();
    return whole;
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

  function assertKept(cut: string): void {
    const flashed = readFileSync(join(desk.directory, "espruino.flash"), "latin1");
    assert.ok(
      keys.some((key) => flashed.includes(key)),
      `${cut}: no key in Storage`,
    );
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
    let whole = 0;
    for (let cut = 1; cut <= CUTS; cut++) {
      // Each third time there is a new firmware as well.
      const firmware = cut % 3 === 0 ? otherFirmware(cut) : FIRMWARE;
      const bytes = random.next() % (cut % 3 === 0 ? 70_000 : 2200);
      const config = configOf(`${cut}`);
      if (await cutDuring(desk, bytes, (signal) => flash({ port: desk.port, config, firmware, signal, onStep })))
        whole++;
      const name = await started();
      assert.ok(name === running || name === `${cut}`, `cut ${cut} after ${bytes} bytes: "${name}" runs`);
      running = name;
      assertKept(`cut ${cut} after ${bytes} bytes`);
    }
    this.test!.title += ` (${whole} were done before)`;
  });

  it("over the link, while an update with another key is written and started, one of both configurations starts with its key", async function () {
    let running = { name: "0", key: keys[0]! };
    let whole = 0;
    for (let cut = 1; cut <= CUTS; cut++) {
      const firmware = cut % 3 === 0 ? otherFirmware(cut) : FIRMWARE;
      const bytes = random.next() % (cut % 3 === 0 ? 70_000 : 1350);
      const next = { name: `${cut}`, key: newKey() };
      const options = { key: parseKey(running.key), firmware, config: configOf(next.name, next.key), onStep };
      keys = [running.key, next.key];
      if (await cutDuring(link, bytes, (signal) => update(link.address, { ...options, signal }))) whole++;
      const name = await started();
      assert.ok(name === running.name || name === next.name, `cut ${cut} after ${bytes} bytes: "${name}" runs`);
      assertKept(`cut ${cut} after ${bytes} bytes`);
      if (name === next.name) running = next;
      keys = [running.key];
      assert.equal(await started(), name, `cut ${cut} after ${bytes} bytes: with its own key`);
    }
    this.test!.title += ` (${whole} were done before)`;
  });

  it("over the link, while a file or the other slot's configuration is put there, what ran starts again", async function () {
    let whole = 0;
    for (let cut = 1; cut <= CUTS; cut++) {
      const logo = cut % 2 === 0;
      const data = logo
        ? Buffer.from(Array.from({ length: 6000 }, () => random.next() & 255))
        : Buffer.from(JSON.stringify({ board: "linux", name: `${cut}`, links: { tcp: { port } } }));
      const bytes = random.next() % (logo ? 7000 : 440);
      const put = async (signal: AbortSignal): Promise<void> => {
        const board = await connect(link.address, { key: parseKey(keys[0]!), signal });
        try {
          const file = storageFile(logo ? "logo.bin" : configName(1), data);
          await new BoardStorage(board).put(file, () => {}, signal);
        } finally {
          await board.close();
        }
      };
      if (await cutDuring(link, bytes, put)) whole++;
      assert.equal(await started(), "0", `cut ${cut} after ${bytes} bytes`);
      assertKept(`cut ${cut} after ${bytes} bytes`);
    }
    this.test!.title += ` (${whole} were done before)`;
  });
});
