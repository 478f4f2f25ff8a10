/** After a board was flashed: where it is, and that it says hello. */
import { setTimeout as delay } from "node:timers/promises";
import type { BoardSpec } from "../../boards/index.js";
import type { BoardInfo } from "../board-info.js";
import type { Config } from "../config/index.js";
import { DevsockError } from "../errors.js";
import { connect } from "../gateway.js";
import { parseKey } from "../key.js";
import { Mark } from "../../protocols/service/boot-log.js";
import { look } from "./console.js";
import { passwordsOf } from "./passwords.js";
import type { FlashOptions } from "./flash.js";
import { Repl } from "./repl.js";
import { BootLog } from "./slots.js";
import type { Slots } from "./slots.js";

/** A board joins its network within so many ms, or is said not to have. */
const PATIENCE = 60_000;
const AGAIN = 1000;

/** While it starts it is not asked anything. */
const START = 2000;

/** One try to reach it. */
const TRY = 5000;

/** What has run for so long without a host stays. */
const PROVEN = 10_000;

/** @param slots what is on trial, on a board with slots */
export async function hello(
  config: Config,
  board: BoardSpec,
  options: FlashOptions,
  slots: Slots | undefined,
): Promise<{ address?: string; info?: BoardInfo }> {
  const { onStep = () => {}, signal } = options;
  const until = Date.now() + (options.patience ?? PATIENCE);
  const usb = config.links?.serial?.uart === "USB";
  await delay(Math.min(START, options.patience ?? START), undefined, { signal });
  // Nobody is in its network yet.
  if (config.network?.accessPoint && options.address === undefined && !usb) return confirm(config, options, slots);
  for (;;) {
    signal?.throwIfAborted();
    const address = options.address ?? (usb ? `serial:${options.port}` : await addressOf(config, board, options));
    if (address !== undefined) {
      onStep(`waiting for its hello at ${address}`);
      const info = await greet(address, config, options);
      if (info && slots && info.start !== Mark.staged) throw wentBack();
      if (info) return { address, info };
    }
    if (Date.now() > until) break;
    await delay(AGAIN, undefined, { signal });
  }
  if (usb) throw silent(options.port);
  return confirm(config, options, slots);
}

async function greet(address: string, { key }: Config, { signal }: FlashOptions): Promise<BoardInfo | undefined> {
  try {
    const board = await connect(address, { timeout: TRY, signal, ...(key !== undefined && { key: parseKey(key) }) });
    try {
      return await board.info();
    } finally {
      await board.close();
    }
  } catch (error) {
    // Wrong keys stay wrong.
    if (!(error instanceof DevsockError) || error.code === "EACCES") throw error;
    return undefined;
  }
}

/** Asks the interpreter, while the firmware runs. */
async function addressOf(config: Config, board: BoardSpec, options: FlashOptions): Promise<string | undefined> {
  const { tcp, udp } = config.links ?? {};
  const link = tcp ? `tcp://%:${tcp.port}` : udp ? `udp://%:${udp.port}` : undefined;
  if (link === undefined) return undefined;
  const ip = board.network.module === "" ? "127.0.0.1" : (config.network?.ip ?? (await askIp(config, board, options)));
  return ip === undefined ? undefined : link.replace("%", ip);
}

async function askIp(config: Config, board: BoardSpec, options: FlashOptions): Promise<string | undefined> {
  const asked =
    board.network.module === "Wifi" ? `require("Wifi").getIP()` : `require("WIZnet").getIP&&require("WIZnet").getIP()`;
  try {
    const found = (await atConsole(config, options, (repl) => repl.evaluate(asked))) as { ip?: string } | undefined;
    return found?.ip && found.ip !== "0.0.0.0" ? found.ip : undefined;
  } catch (error) {
    // It may be starting, and its port away.
    if (error instanceof DevsockError) return undefined;
    throw error;
  }
}

/** Nobody can reach it from here: it is enough that it runs. */
async function confirm(config: Config, options: FlashOptions, slots: Slots | undefined): Promise<object> {
  await delay(options.patience ?? PROVEN, undefined, { signal: options.signal });
  await atConsole(config, options, async (repl) => {
    if (!slots) return;
    const log = new BootLog((await look(repl)).logs);
    if (log.last?.firmware !== slots.firmware || log.last.config !== slots.config) throw wentBack();
    // The board writes its log itself: it knows where.
    await repl.evaluate(`(clearTimeout($_b.t),$_b.t=0,$_b.note(${Mark.good}),1)`);
  });
  return {};
}

async function atConsole<T>(config: Config, options: FlashOptions, work: (repl: Repl) => Promise<T>): Promise<T> {
  const { port, baud = 115_200 } = options;
  // It runs, and is not to be broken off.
  const repl = await Repl.open(port, baud, false, passwordsOf(options, config));
  try {
    return await work(repl);
  } finally {
    await repl.close();
  }
}

function wentBack(): DevsockError {
  return new DevsockError("EIO: the board went back to what it had before; see what it prints at its console", {
    origin: "peer",
  });
}

function silent(port: string): DevsockError {
  return new DevsockError(
    `ETIMEDOUT: the board was flashed, and does not say hello at ${port}; unplug it and plug it in again, then try devsock ls`,
    {
      origin: "link",
      address: port,
    },
  );
}
