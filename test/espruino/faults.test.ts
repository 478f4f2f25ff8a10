import assert from "node:assert/strict";
import dgram from "node:dgram";
import { SerialPort } from "serialport";
import { connect } from "../../host/index.js";
import { Random } from "../../simulator/random.js";
import { everyByte, receipt } from "../e2e/payloads.js";
import { espruino, judgedBy } from "../support/judges.js";
import { linkKinds, LiveBoard, type LinkKind } from "../support/live-board.js";
import { RawClient } from "../support/raw-client.js";
import { pause } from "../support/wait.js";

const SEED = 20_260;
const NOISE = 20_000;
/** Connections to the link's port: more than there are sessions, no more than the system keeps until they are seen. */
const FLOOD = 10;

judgedBy([espruino], `trouble on the real interpreter (noise of seed ${SEED})`, function () {
  this.timeout(120_000);
  let board: LiveBoard;
  before(async () => (board = await LiveBoard.start({ runtime: "espruino" })));
  after(() => board.stop());

  const prints = async (kind: LinkKind): Promise<void> => {
    const host = await board.connect(kind);
    const { taken } = await host.printer("printer0").print(receipt());
    assert.equal(taken, receipt().length);
    await host.close();
    await board.assertPrinted(receipt());
  };

  const linkPort = (): number => Number(new URL(board.simulator.links.tcp!).port);

  const noise = (): Buffer => {
    const random = new Random(SEED);
    return Buffer.from(Array.from({ length: NOISE }, () => random.next() >>> 24));
  };

  const send: Record<LinkKind, (bytes: Buffer) => Promise<void>> = {
    tcp: async (bytes) => {
      const client = await RawClient.connect(linkPort());
      client.write(bytes).end();
      await client.closed;
    },
    udp: async (bytes) => {
      const port = Number(new URL(board.simulator.links.udp!).port);
      const socket = dgram.createSocket("udp4");
      for (let at = 0; at < bytes.length; at += 500) {
        socket.send(bytes.subarray(at, at + 500), port, "127.0.0.1");
        await pause(5);
      }
      socket.close();
    },
    serial: async (bytes) => {
      const path = /serial:(.*)\?/.exec(board.simulator.links.serial!)![1]!;
      const port = new SerialPort({ path, baudRate: 1_000_000 });
      port.write(bytes);
      await new Promise((resolve) => port.drain(resolve));
      // The board's side takes as long as the line.
      await pause(1_000);
      await new Promise((resolve) => port.close(resolve));
    },
  };

  for (const kind of linkKinds)
    it(`prints over ${kind} after random bytes on it`, async () => {
      await send[kind](noise());
      await prints(kind);
    });

  it("has places for sessions again after connections that left as soon as they had come", async () => {
    for (let i = 0; i < FLOOD; i++) (await RawClient.connect(linkPort())).reset();
    await prints("tcp");
  });

  it("has places for sessions again after a flood of silent connections", async () => {
    const flood = await Promise.all(Array.from({ length: FLOOD }, () => RawClient.connect(linkPort())));
    await Promise.all(flood.map((client) => client.closed));
    await prints("tcp");
  });

  it("says that there is no such device", async () => {
    const host = await board.connect("tcp");
    await assert.rejects(host.printer("printer7").print(receipt()), { code: "ENODEV" });
  });

  it("says that the printer is off, and prints when it is on", async () => {
    board.printer.setPower(false);
    const host = await board.connect("udp");
    await assert.rejects(host.printer("printer0").print(receipt()), { code: "EHOSTDOWN" });
    board.printer.setPower(true);
    await prints("udp");
  });

  it("finishes a job when the paper that ran out is refilled", async () => {
    const host = await connect(board.simulator.links.tcp!);
    const said = new Set<string>();
    const onProgress = ({ status }: { status?: { summary: string } | undefined }): void => {
      if (status) said.add(status.summary);
    };
    const printed = host.printer("printer0").print(everyByte(), { onProgress });
    await board.untilPrinted(board.printer.log.end + 20_000);
    board.printer.setPaper("out");
    // All it can say: the job's own ESC @ has turned its automatic status off.
    while (!said.has("busy")) await pause(50);
    board.printer.setPaper("ok");
    assert.equal((await printed).taken, everyByte().length);
    await host.close();
    await board.assertPrinted(everyByte());
  });
});
