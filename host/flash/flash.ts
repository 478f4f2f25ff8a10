/** Puts devsock and a configuration onto a board by its console, and waits until it says hello. docs/flashing.md. */
import { setTimeout as delay } from "node:timers/promises";
import { boards } from "../../boards/index.js";
import type { BoardSpec } from "../../boards/index.js";
import type { BoardInfo } from "../board-info.js";
import { parseConfig } from "../config/index.js";
import { withSecrets } from "../config/secrets.js";
import { describeUnwatched, sizesIn, storageOf } from "../config/storage.js";
import { canceled, DevsockError } from "../errors.js";
import { erase, look, store, write } from "./console.js";
import type { Found } from "./console.js";
import { readFirmware } from "./files.js";
import { hello } from "./hello.js";
import { ownNetworkOf } from "./own-network.js";
import type { OwnNetwork } from "./own-network.js";
import { Repl } from "./repl.js";
import { searchBuses } from "./buses.js";
import { passwordsOf } from "./passwords.js";
import { planOf } from "./plan.js";
import type { Plan } from "./plan.js";
import { BootLog } from "./slots.js";
import type { Slots } from "./slots.js";
import { checkVersion } from "./versions.js";

export interface FlashOptions {
  /** The serial port of the board's console. */
  port: string;
  /** Bits a second; on USB it does not matter. */
  baud?: number;
  /** The text of devsock.json, or what it holds. */
  config: unknown;
  /** Directory of the firmware's files: `dist/firmware`. */
  firmware: string;
  /** The board's key as it is: it opens the console. A configuration without a key gets it. */
  key?: string | Uint8Array | undefined;
  /** Of the network in the configuration, where that has none. */
  wifiPassword?: string | undefined;
  /** The board's id: a configuration for another is refused. */
  board?: string;
  /** Where the board is reached afterwards, if it is not to be asked for that: `tcp://192.168.1.20`. */
  address?: string;
  /** How long its hello is waited for, in ms; a minute by default. Then it is looked at by its console. */
  patience?: number;
  /** Says what would be done, and leaves the board as it is. */
  dryRun?: boolean;
  /** Each step, in words. */
  onStep?: (step: string) => void;
  /** Bytes that are in Storage, of how many. */
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
}

export interface FlashReport {
  board: string;
  /** The interpreter's. */
  version: string;
  /** The firmware's file, as in `dist/firmware`. */
  firmware: string;
  /** Bytes that were written; what was there already was left. */
  written: number;
  /** Which slots it has now, on a board with slots. */
  slots?: Slots;
  /** What answers on its buses, a line each. */
  buses: string[];
  /** Where it was reached, and what it said of itself; nothing when it runs and was not reached from here. */
  address?: string;
  info?: BoardInfo;
  /** Of a board that joins none. */
  ownNetwork?: OwnNetwork;
}

/**
 * What runs on the board stops when the files are written, and goes on as it was if that fails: on a board with room for two firmwares
 * the new one is in the other slot, and is started only once it is whole.
 * @throws DevsockError; ConfigError for a configuration that is not right
 */
export async function flash(options: FlashOptions): Promise<FlashReport> {
  const { onStep = () => {}, signal } = options;
  const config = parseConfig(withSecrets(options.config, options), {
    firmware: options.firmware,
    board: options.board,
  });
  const board = boards.find(({ id }) => id === config.board)!;
  const fit = storageOf(config, board, sizesIn(options.firmware))!;
  const firmware = readFirmware(options.firmware, board, fit.build, config);
  const repl = await Repl.open(options.port, options.baud ?? 115_200, !options.dryRun, passwordsOf(options, config));
  const stop = (): void => void repl.close();
  signal?.addEventListener("abort", stop, { once: true });
  try {
    const found = await look(repl);
    checkBoard(found, board, options.port);
    checkVersion(found.version);
    onStep(`${board.title} with Espruino ${found.version}`);
    const restart = board.paths ? "load()" : "E.reboot()";
    const slotted = fit.build.features.includes("slots");
    const running = slotted ? new BootLog(found.logs).running : undefined;
    const plan = planOf(found, running, firmware, config, slotted);
    const unwatched = describeUnwatched(fit, config, board, sizesIn(options.firmware));
    for (const line of [...plan.words, ...unwatched]) onStep(line);
    if (plan.missing > 0)
      throw new DevsockError(
        `ENOSPC: it takes ${plan.bytes} B of Storage, and ${plan.missing} more than there are; erase files there that are not devsock's`,
        { origin: "device", address: options.port },
      );
    const report = { board: board.id, version: found.version, firmware: firmware.name, written: plan.bytes };
    const slots = slotted ? { slots: plan.slots } : {};
    if (options.dryRun) return { ...report, ...slots, written: 0, buses: [] };
    try {
      await carryOut(repl, plan, options);
    } catch (error) {
      // What ran before goes on, as far as it is there, and anybody hears.
      if (error instanceof DevsockError && error.origin !== "link") await repl.restart(restart).catch(() => undefined);
      throw error;
    }
    const buses = await searchBuses(repl, config, board);
    onStep("starting it");
    await repl.restart(restart);
    await repl.close();
    const { address, info } = await hello(config, board, options, slotted ? plan.slots : undefined);
    const ownNetwork = ownNetworkOf(config);
    const reached = { ...(address !== undefined && { address }), ...(info && { info }) };
    return { ...report, ...slots, buses, ...reached, ...(ownNetwork && { ownNetwork }) };
  } catch (error) {
    if (signal?.aborted) throw canceled(signal, "flashing was given up", options.port);
    throw error;
  } finally {
    signal?.removeEventListener("abort", stop);
    await repl.close();
  }
}

async function carryOut(
  repl: Repl,
  plan: Plan,
  { onProgress = () => {}, onStep = () => {} }: FlashOptions,
): Promise<void> {
  // What runs would go on printing and measuring beside this, and has the memory.
  onStep("stopping what runs");
  await repl.run("reset()");
  await delay(SETTLE);
  await repl.find();
  // What ran is not there any more to kick its watchdog, which goes on counting.
  await repl.evaluate(`(setInterval(E.kickWatchdog,${KICK}),1)`);
  if (plan.slotted) await write(repl, new BootLog((await look(repl)).logs).gone(plan.slots));
  for (const name of plan.old) await erase(repl, name);
  let done = 0;
  for (const file of plan.files) await store(repl, file, (bytes) => onProgress((done += bytes), plan.bytes));
  if (plan.boot) await store(repl, plan.boot, () => {});
  if (plan.slotted) await write(repl, new BootLog((await look(repl)).logs).staged(plan.slots));
}

/** ms between two kicks of a watchdog of 8 s or more. */
const KICK = 1000;

/** ms that the interpreter takes to begin anew. */
const SETTLE = 500;

function checkBoard(found: Found, board: BoardSpec, port: string): void {
  if (found.board === board.interpreter) return;
  const known = boards.filter(({ interpreter }) => interpreter === found.board).map(({ id }) => id);
  const remedy =
    known.length > 0
      ? `set "board" to ${known.join(" or ")} in the configuration, or plug the other board in`
      : "devsock does not know that board; docs/adding-a-board.md says how it would";
  throw new DevsockError(
    `ENODEV: the configuration is for ${board.id}, and the interpreter at ${port} is one of ${found.board}; ${remedy}`,
    { origin: "peer", address: port },
  );
}
