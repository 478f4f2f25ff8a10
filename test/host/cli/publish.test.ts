import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assertMistakes, build, endAll, serve, start } from "./run.js";

describe("devsock publish", function () {
  this.timeout(20_000);
  let dir: string;
  let server: Awaited<ReturnType<typeof serve>>;

  before(async () => {
    build();
    dir = await mkdtemp(join(tmpdir(), "devsock-"));
    server = await serve();
  });

  after(async () => {
    endAll();
    server.close();
    await rm(dir, { recursive: true });
  });

  it("says which files there are in one line, prints what is written to them, and removes them at SIGTERM", async () => {
    const publish = start(["publish", server.address, "--dir", join(dir, "made"), "--json"]);
    await publish.until(() => publish.out().includes("\n"));
    const { name, files } = JSON.parse(publish.out()) as { name: string; files: string[] };
    assert.equal(name, "fake");
    const printer = join(dir, "made", "fake", "printer0");
    assert.ok(files.includes(printer));
    const report = await new Promise<string>((resolve, reject) => {
      let text = "";
      const client = createConnection({ path: printer, allowHalfOpen: true });
      client.on("data", (data) => (text += data.toString())).on("error", reject);
      client.on("end", () => resolve(text)).end("a receipt\n");
    });
    assert.match(report, /"done":true/);
    assert.deepEqual(
      server.board.jobs.map((job) => job.toString()),
      ["a receipt\n"],
    );
    publish.child.kill("SIGTERM");
    const { code, err } = await publish.ended;
    assert.deepEqual([code, err], [0, ""]);
    assert.ok(!existsSync(join(dir, "made", "fake")));
  });

  it("has an exit code and a sentence for each mistake", async () => {
    await writeFile(join(dir, "file"), "");
    await assertMistakes([
      [["publish", server.address], 2, /required option '--dir <dir>' not specified/],
      [["publish", "tcp://127.0.0.1:1", "--dir", dir], 69, /ECONNREFUSED: nothing listens/],
      [["publish", "frontdesk", "--dir", dir], 2, /EINVAL: "frontdesk" is not a board's address/],
      [["publish", server.address, "--dir", join(dir, "file")], 1, /EEXIST: .*file/],
      [["publish", server.address, "--dir", join(dir, "file", "x")], 1, /ENOTDIR: .* a part of its path is a file/],
    ]);
  });
});
