import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSimulator } from "../../../simulator/index.js";
import type { Simulator } from "../../../simulator/index.js";
import { broadcasts } from "../../../host/discovery/probe-socket.js";
import { withFirmware } from "../../e2e/rig.js";
import { assertMistakes, build, endAll, run } from "./run.js";

const KEY = "5a".repeat(32);
const bundleDir = join(import.meta.dirname, "../../../dist/firmware");

interface Line {
  name: string;
  access: string;
  udp: string;
  devices?: { name: string; state: string }[];
}

describe("devsock discover", function () {
  this.timeout(30_000);
  let dir: string;
  let open: Simulator;
  let locked: Simulator;
  const at = (simulator: Simulator): string => simulator.links.udp!.replace("udp://", "");
  withFirmware();

  before(async () => {
    build();
    dir = await mkdtemp(join(tmpdir(), "devsock-"));
    await writeFile(join(dir, "key"), KEY, { mode: 0o600 });
    await writeFile(join(dir, "other"), "11".repeat(32), { mode: 0o600 });
    const printer = { devices: { printer0: "escpos" }, bundleDir };
    open = await startSimulator({ board: "linux", ports: { tcp: 0, udp: 0 }, ...printer });
    locked = await startSimulator({ board: "espruino-wifi", ports: { udp: 0 }, key: KEY, ...printer });
  });

  after(async () => {
    endAll();
    await rm(dir, { recursive: true });
    await open.stop();
    await locked.stop();
  });

  it("lists boards for people: who they are, and how; of one whose key is not given the name", async () => {
    const ended = await run(["discover", at(open), at(locked), "--timeout", "1"]);
    assert.equal(ended.err, "");
    assert.equal(ended.code, 0);
    assert.match(ended.out, /^NAME +ADDRESS +BOARD +FIRMWARE +DEVICES +STATE\n/);
    assert.match(
      ended.out,
      /\nlinux +\S+ +linux +\d\S+ +printer0 \(escpos\): ready +up \d+ s, 0 sessions, asks for no key\n/,
    );
    assert.match(ended.out, /\nespruino-wifi +\S+ +espruino-wifi +- +- +locked: give its key\n/);
  });

  it("with keys, as JSON: a line for each board", async () => {
    const keys = ["--key-file", join(dir, "other"), "--key-file", join(dir, "key")];
    const { out, code } = await run(["discover", at(open), at(locked), "--json", "--timeout", "1.5", ...keys]);
    assert.equal(code, 0);
    const found = out.trim().split("\n").map((text) => JSON.parse(text) as Line); // prettier-ignore
    assert.deepEqual(new Map(found.map(({ name, access }) => [name, access])), new Map([["linux", "open"], ["espruino-wifi", "proved"]])); // prettier-ignore
    assert.equal(found.find(({ name }) => name === "espruino-wifi")?.devices?.length, 1);
    assert.doesNotMatch(out, new RegExp(KEY));
  });

  it("lists none of what is no answer, whatever comes", async () => {
    const liar = createSocket("udp4");
    liar.on("message", (data, { port, address }) => {
      // The question itself, halves of it, noise, and an answer to another question.
      for (const answer of [data, data.subarray(0, 40), Buffer.alloc(412, 7), Buffer.alloc(0)])
        liar.send(answer, port, address);
    });
    await new Promise<void>((bound) => liar.bind(0, "127.0.0.1", bound));
    const { port } = liar.address();
    const { code, err, out } = await run(["discover", `127.0.0.1:${port}`, "--timeout", "0.5"]);
    liar.close();
    assert.deepEqual([code, out], [69, ""]);
    assert.match(err, /ETIMEDOUT: no board answered within 0\.5 s/);
  });

  it("says what is wrong", () =>
    assertMistakes([
      [["discover", "serial:/dev/ttyS0"], 2, /EINVAL: "serial:.* is not where boards can be asked/],
      [["discover", "--port", "0"], 2, /EINVAL: a port/],
      [["discover", "no.such.host.invalid", "--timeout", "5"], 69, /EAI_AGAIN|ENOTFOUND/],
      [["discover", "--key-file", join(dir, "nothing")], 66, /ENOENT/],
    ]));

  it("asks each network's broadcast address", () => {
    const of = (address: string, netmask: string, internal = false, family = "IPv4"): object => ({ address, netmask, internal, family }); // prettier-ignore
    const interfaces = {
      lo: [of("127.0.0.1", "255.0.0.0", true)],
      eth0: [of("192.168.5.7", "255.255.255.0"), of("fe80::1", "ffff::", false, "IPv6")],
      wlan0: [of("10.1.2.3", "255.255.240.0"), of("192.168.5.8", "255.255.255.0")],
    };
    assert.deepEqual(broadcasts(interfaces as never), ["192.168.5.255", "10.1.15.255"]);
  });
});
