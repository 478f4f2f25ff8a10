/** `update` of a small board on the simulator, which has room for one firmware. */
import assert from "node:assert/strict";
import { connect as dial, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { connect, parseKey, update } from "../../host/index.js";
import { Kind, kindOf } from "../../protocols/link/frame.js";
import { LOG_BYTES, logEntry, LOGS, Mark, WHOLE } from "../../protocols/service/boot-log.js";
import { startSimulator } from "../../simulator/index.js";
import type { Simulator } from "../../simulator/index.js";
import { freePort } from "../espruino/both.js";

const FIRMWARE = fileURLToPath(new URL("../../dist/firmware", import.meta.url));
const KEY = "2f".repeat(32);

/** As `devsock flash` leaves it. */
function flashedLog(): string {
  const log = Buffer.alloc(LOG_BYTES, 0xff);
  log.set(logEntry(Mark.good, 0));
  log.fill(0, WHOLE);
  return log.toString("latin1");
}

interface Flashed {
  port: number;
  simulator: Simulator;
}

async function startBoard(port: number): Promise<Flashed> {
  const simulator = await startSimulator({
    ...{ board: "espruino-wifi", bundleDir: FIRMWARE, ports: { tcp: port }, key: KEY },
    ...{ devices: { printer0: "escpos", ecg0: "ad8232" } },
    program: { files: { [LOGS[0]!]: flashedLog() }, start: "" },
  });
  return { port, simulator };
}

describe("update of a board with room for one firmware", function () {
  this.timeout(60_000);
  let board: Flashed;
  let relay: Relay;
  const options = { key: parseKey(KEY), firmware: FIRMWARE };

  beforeEach(async () => {
    board = await startBoard(await freePort());
    relay = await relayTo(board.port);
  });

  afterEach(async () => {
    relay.close();
    await board.simulator.stop();
  });

  const config = (): object => ({
    ...{
      board: "espruino-wifi",
      key: KEY,
      name: "bed7",
      network: { ssid: "lab" },
      links: { tcp: { port: board.port } },
    },
    devices: { ecg0: { driver: "ad8232", pins: { out: "A0", loPlus: "A1", loMinus: "B10" } } },
  });

  it("without a configuration leaves it as it is, and with a smaller one keeps the build that runs", async () => {
    const address = board.simulator.links.tcp!;
    const same = await update(address, options);
    assert.deepEqual([same.written, same.slots], [0, { firmware: 0, config: 0 }]);
    const { firmware, slots } = await update(address, { ...options, config: config() });
    assert.deepEqual([firmware, slots], [same.firmware, { firmware: 0, config: 1 }]);
    const host = await connect(address, { key: options.key });
    const { name, devices } = await host.info();
    await host.close();
    assert.deepEqual([name, devices.map((device) => device.name)], ["bed7", ["ecg0"]]);
  });

  it("goes on where the board, which is going down, lets the host in and is gone before it answers", async () => {
    const old = await startBoard(await freePort());
    relay.portOf = (connection) => (connection === 1 ? old.port : board.port);
    let gone: Promise<void> | undefined;
    relay.gates.toBoard = (data, connection) => {
      if (connection !== 1 || kindOf(data.readUInt16BE(4)) === Kind.hello) return true;
      gone ??= old.simulator.stop();
      return false;
    };
    try {
      const { slots } = await update(relay.address, { ...options, config: config() });
      assert.deepEqual(slots, { firmware: 0, config: 1 });
      assert.ok(gone, "nobody was let in");
    } finally {
      await (gone ?? old.simulator.stop());
    }
  });

  it("goes on where the board's answer is lost as it goes down", async () => {
    const onStep = (step: string): void => {
      if (step === "starting it") relay.gates.toHost = (_data, connection) => connection > 0;
    };
    const { slots } = await update(relay.address, { ...options, config: config(), onStep });
    assert.deepEqual(slots, { firmware: 0, config: 1 });
  });

  it("says what to do where the board has lost its power before it was asked to start the new one", async () => {
    const onStep = (step: string): void => {
      if (step !== "starting it") return;
      relay.gates.toBoard = (_data, connection) => connection > 0;
      setTimeout(() => void board.simulator.powerCycle(), 500);
    };
    await assert.rejects(
      update(relay.address, { ...options, config: config(), onStep }),
      /ECONNRESET: what was written was not started \(.*\); update the board once more/,
    );
    const { slots } = await update(relay.address, { ...options, config: config() });
    assert.deepEqual(slots, { firmware: 0, config: 1 });
  });
});

/** What each side sends passes a gate, which lets it through or not. @param connection the first is 0 */
type Gate = (data: Buffer, connection: number) => boolean;

interface Relay {
  address: string;
  /** Where a connection leads. */
  portOf(connection: number): number;
  gates: { toBoard: Gate; toHost: Gate };
  close(): void;
}

/** A network between a host and a board, on which bytes get lost. */
async function relayTo(port: number): Promise<Relay> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((host) => {
    const connection = connections++;
    const board = dial(relay.portOf(connection), "127.0.0.1");
    for (const [from, to, gate] of [
      [host, board, "toBoard"],
      [board, host, "toHost"],
    ] as const) {
      sockets.add(from);
      from.on("data", (data) => void (relay.gates[gate](data, connection) && to.write(data)));
      from.on("error", () => undefined);
      from.on("close", () => to.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const relay: Relay = {
    address: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    portOf: () => port,
    gates: { toBoard: () => true, toHost: () => true },
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
  return relay;
}
