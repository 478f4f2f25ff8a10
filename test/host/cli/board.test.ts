import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assertMistakes, build, COMMAND, endAll, run, serve, start } from "./run.js";

interface Line {
  device?: string;
  accepted?: number;
  taken?: number;
  devices?: { name: string; status: { summary: string } }[];
  error?: { code: string; message: string; taken?: number };
}

/** Of the command clock. */
interface ClockLine {
  offset: number;
  uncertainty: number;
  boot: number;
  counters: { answers: number };
}

/** One line, and JSON. */
function line(text: string): Line {
  assert.match(text, /^[^\n]+\n$/);
  return JSON.parse(text) as Line;
}

/** A server that takes connections and says nothing. */
async function listen(): Promise<{ address: string; close(): void }> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => void sockets.push(socket));
  await once(server.listen(0, "127.0.0.1"), "listening");
  const close = (): void => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { address: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

describe("the command line with a board", function () {
  this.timeout(20_000);
  let dir: string;
  let server: Awaited<ReturnType<typeof serve>>;

  before(async () => {
    build();
    dir = await mkdtemp(join(tmpdir(), "devsock-"));
    await writeFile(join(dir, "job"), "x".repeat(5000));
    await writeFile(join(dir, "empty"), "");
  });

  after(() => rm(dir, { recursive: true }));

  beforeEach(async () => {
    server = await serve();
    server.board.rate = 200;
  });

  afterEach(() => {
    endAll();
    server.close();
  });

  it("lists devices, for people and as JSON", async () => {
    const [text, json] = await Promise.all([run(["ls", server.address]), run(["ls", server.address, "--json"])]);
    assert.deepEqual([text.code, json.code, text.err, json.err], [0, 0, "", ""]);
    assert.match(text.out, /^fake: linux, firmware 1\.2\.3/);
    assert.match(text.out, /printer0 +escpos +job,raw,status +ready/);
    const { devices } = line(json.out);
    assert.equal(devices![0]!.name, "printer0");
  });

  it("shows the state of a board, and of one device", async () => {
    const [text, json] = await Promise.all([
      run(["status", server.address]),
      run(["status", server.address, "--device", "printer0", "--json"]),
    ]);
    assert.deepEqual([text.code, json.code], [0, 0]);
    assert.match(text.out, /memory +100 of 200 variables free\n/);
    assert.match(text.out, /paper +ok\n/);
    const [device] = line(json.out).devices!;
    assert.equal(device!.status.summary, "ready");
  });

  it("prints a file and standard input, and says nothing but the result in a pipe", async () => {
    const [file, input] = [
      await run(["print", server.address, join(dir, "job"), "--json"]),
      await run(["print", server.address, "-"], "from standard input"),
    ];
    assert.deepEqual([file.code, input.code, file.err, input.err], [0, 0, "", ""]);
    const report = line(file.out);
    assert.deepEqual([report.device, report.accepted, report.taken], ["printer0", 5000, 5000]);
    assert.match(input.out, /^printer0 took 19 bytes in [\d.]+ s: ready\n$/);
    assert.deepEqual(
      server.board.jobs.map((job) => job.toString()),
      ["x".repeat(5000), "from standard input"],
    );
  });

  it("draws a progress bar on a terminal, and clears it", async function () {
    if (process.platform === "win32") return this.skip();
    const { spawn } = await import("@lydell/node-pty");
    server.board.rate = 20;
    const terminal = spawn(COMMAND[0]!, [...COMMAND.slice(1), "print", server.address, join(dir, "job")], {
      cols: 100,
    });
    let shown = "";
    terminal.onData((data) => (shown += data));
    const code = await new Promise((resolve) => terminal.onExit(({ exitCode }) => resolve(exitCode)));
    assert.equal(code, 0);
    assert.match(shown, /printer0, job \w{10} \[#+ +\] \d+% \d+\/5000/);
    assert.match(shown, /\r\x1b\[K\r?printer0 took 5000 bytes/);
  });

  it("takes the job back at Ctrl-C and ends with 130", async () => {
    server.board.rate = 1;
    const job = start(["print", server.address, join(dir, "job")]);
    await server.board.printed();
    job.child.kill("SIGINT");
    const { code, out, err } = await job.ended;
    assert.deepEqual([code, out], [130, ""]);
    assert.match(err, /^devsock: ECANCELED: .* \d+ of 5000 bytes had gone to the printer/);
    assert.match(server.board.ends[0]!, /^ECANCELED/);
  });

  it("takes two signals at once for one: a group of processes gets it twice", async () => {
    server.board.rate = 1;
    const job = start(["print", server.address, join(dir, "job")]);
    await server.board.printed();
    job.child.kill("SIGTERM");
    job.child.kill("SIGINT");
    const { code, err } = await job.ended;
    assert.ok(code === 143 || code === 130, `${code}`);
    assert.match(err, /^devsock: ECANCELED: /);
  });

  it("compares the board's clock with this machine's, for people and as JSON", async () => {
    const { out } = await run(["clock", server.address, "--for", "0.5"]);
    assert.match(out, /^the board's clock began at \d{4}-\d\d-\d\dT\S+Z, give or take \d+\.\d\d ms\n {2}drift .* ppm/);
    const found = JSON.parse((await run(["clock", server.address, "--for", "0.5", "--json"])).out) as ClockLine;
    // Its clock is that of this process, which began with it.
    assert.ok(Math.abs(found.offset - performance.timeOrigin) <= found.uncertainty + 2, JSON.stringify(found));
    assert.ok(found.counters.answers > 1 && found.boot === 1, JSON.stringify(found));
  });

  it("gives a job up after --timeout", async () => {
    server.board.rate = 0;
    const { code, out } = await run(["print", server.address, join(dir, "job"), "--timeout", "0.7", "--json"]);
    assert.equal(code, 1);
    const { error } = line(out);
    assert.equal(error!.code, "ETIMEDOUT");
    assert.equal(error!.taken, 0);
  });

  it("ends with 1 when the printer fails, and says what to do", async () => {
    server.board.failAfter = 1000;
    const { code, err } = await run(["print", server.address, join(dir, "job")]);
    assert.equal(code, 1);
    assert.match(err, /^devsock: EIO: .*look at the paper/);
  });

  it("ends with 69 when the link is lost during a job", async () => {
    server.board.rate = 1;
    const job = start(["print", server.address, join(dir, "job")]);
    await server.board.printed();
    for (const socket of server.sockets) socket.resetAndDestroy();
    const { code, err } = await job.ended;
    assert.equal(code, 69);
    assert.match(err, /^devsock: the connection to tcp:\S+ is lost \(ECONNRESET\); trying again for up to 30 s$/m);
    assert.match(err, /^devsock: ECONNRESET: .*nothing is printed again by itself/m);
  });

  it("says at once that the connection is lost, and then that it is there again; nothing of it with --json", async () => {
    for (const json of [false, true]) {
      const trace = start(["trace", server.address, "--for", "3", ...(json ? ["--json"] : [])]);
      await trace.until(() => server.board.opened.includes(":info"));
      server.board.opened.length = 0;
      for (const socket of server.sockets) socket.resetAndDestroy();
      const { out, err } = await trace.ended;
      if (json) assert.equal(err, "");
      else
        assert.match(
          err,
          /^devsock: .* is lost \(ECONNRESET\); trying again for up to 30 s\ndevsock: connected to tcp:\S+ again/,
        );
      assert.ok(!out.includes("devsock: "));
    }
  });

  it("has an exit code and a sentence for each mistake", async () => {
    const job = join(dir, "job");
    const mute = await listen();
    await assertMistakes([
      [["print", server.address, join(dir, "none")], 66, /ENOENT: there is no file .*none; check the path/],
      [["print", server.address, dir], 66, /EISDIR: .* is a directory; name a file/],
      [["print", server.address, join(dir, "empty")], 66, /EINVAL: .*empty is empty, there is nothing to print/],
      [["print", server.address, "-"], 66, /EINVAL: standard input is empty/],
      [["print", server.address, job, "--device", "fax"], 1, /ENODEV: there is no fax on this board; it has printer0/],
      [["status", server.address, "--device", "fax"], 1, /ENODEV: there is no fax on this board; it has printer0/],
      [["ls", "frontdesk"], 2, /EINVAL: "frontdesk" is not a board's address: .*tcp:\/\/HOST/],
      [["ls", "tcp://127.0.0.1:1"], 69, /ECONNREFUSED: nothing listens at tcp:\/\/127.0.0.1:1; check the port/],
      [["ls", "serial:/dev/tty.none"], 69, /ENOENT: there is no serial port \/dev\/tty.none; plug/],
      [["ls", "serial:/dev/null"], 69, /ENOTTY: \/dev\/null is no serial port; look for one with: ls \/dev\/tty/],
      [["ls", `serial:${dir}`], 69, /EISDIR: .* is a directory, no serial port/],
      [
        ["ls", mute.address, "--timeout", "0.5"],
        69,
        /ETIMEDOUT: no devsock board answered at tcp:.* within 0.5 s; check/,
      ],
      [["ls"], 2, /missing required argument 'address'/],
      [["lst", server.address], 2, /unknown command 'lst'/],
      [["ls", server.address, "--timeout", "soon"], 2, /Give a number of seconds/],
      [["print", server.address, job, "--silence", "3"], 2, /Give 6 seconds or more/],
    ]);
    mute.close();
    assert.deepEqual(server.board.jobs, []);
  });

  it("tells errors as JSON when JSON is asked for", async () => {
    const { code, out, err } = await run(["print", server.address, join(dir, "none"), "--json"]);
    assert.deepEqual([code, err], [66, ""]);
    const { error } = line(out);
    assert.equal(error!.code, "ENOENT");
    assert.match(error!.message, /check the path/);
  });

  it("tells wrong usage as JSON as well", async () => {
    const mistakes: [string[], RegExp][] = [
      [["ls", "--json"], /^missing required argument 'address'; add --help for usage$/],
      [["ls", server.address, "--json", "--fast"], /^unknown option '--fast'/],
      [["print", server.address, "-", "--timeout", "soon", "--json"], /Give a number of seconds/],
      [["--json"], /./],
    ];
    for (const [args, words] of mistakes) {
      const { code, out, err } = await run(args);
      assert.deepEqual([code, err], [2, ""], args.join(" "));
      const { error } = line(out);
      assert.equal(error!.code, "EINVAL");
      assert.match(error!.message, words);
    }
  });

  it("has help with examples for every command, and the exit codes", async () => {
    const [main, ...commands] = await Promise.all([
      run(["--help"]),
      ...["sim", "ls", "print", "watch", "record", "publish", "status"].map((command) => run([command, "--help"])),
    ]);
    assert.equal(main.code, 0);
    assert.match(main.out, /Exit codes: 0 done; 1 .* 2 .* 66 .*\n69 .* 130/);
    for (const { code, out } of commands) {
      assert.equal(code, 0);
      assert.match(out, /Examples:\n +(printf .*)?devsock/);
      assert.match(out, /--json/);
    }
  });
});
