/** Puts a new firmware or configuration onto a board over its link. docs/flashing.md. */
import { setTimeout as delay } from "node:timers/promises";
import { boards } from "../../boards/index.js";
import type { BoardSpec } from "../../boards/index.js";
import { Mark } from "../../protocols/service/boot-log.js";
import { formatAddress, parseAddress } from "../address.js";
import { parseConfig } from "../config/index.js";
import type { Config } from "../config/index.js";
import { textsOf, withSecrets } from "../config/secrets.js";
import { describeUnwatched, sizesIn } from "../config/storage.js";
import { discover } from "../discovery/discover.js";
import { canceled, DevsockError } from "../errors.js";
import { connect } from "../gateway.js";
import type { Board, BoardOptions } from "../gateway.js";
import type { BoardInfo } from "../board-info.js";
import { parseKey } from "../key.js";
import { readFirmware } from "./files.js";
import type { Firmware } from "./files.js";
import { fitFor } from "./fit.js";
import { describePlace, ownNetworkOf } from "./own-network.js";
import { planOf } from "./plan.js";
import type { Plan, Room } from "./plan.js";
import { configName, firmwareName, isOfSlot } from "./slots.js";
import type { Slots } from "./slots.js";
import { BoardStorage } from "./storage.js";
import type { StorageList } from "./storage.js";

export interface UpdateOptions extends BoardOptions {
  /** Directory of the firmware's files: `dist/firmware`. */
  firmware: string;
  /** The text of the new devsock.json, or what it holds; as it is by default. */
  config?: unknown;
  /** Of the network in that configuration, where it has none. A key that it lacks stays. */
  wifiPassword?: string | undefined;
  dryRun?: boolean;
  onStep?: (step: string) => void;
  onProgress?: (done: number, total: number) => void;
}

export interface UpdateReport {
  board: string;
  firmware: string;
  written: number;
  slots: Slots;
  /** Where it is. */
  address: string;
}

/** The board gives a new firmware up after three minutes, and says hello with the old one. */
const TRIAL = 240_000;
/** Long after it was asked to start anew a board still runs as before: it was never asked. */
const DOWN = 10_000;
const AGAIN = 1000;
const TRY = 5000;
/** Tries after which it is looked for on the network as well. */
const SEEK = 5;

/**
 * The new files go into the slots that do not run, and are started once all of them are whole. What runs goes on meanwhile.
 * @throws DevsockError; ENOSPC where the board has no room for two firmwares, EIO where it went back to what it had
 */
export async function update(address: string, options: UpdateOptions): Promise<UpdateReport> {
  const { onStep = () => {}, signal } = options;
  const board = await connect(address, options);
  let report: UpdateReport;
  let config: Config | undefined;
  let asked: Asked;
  try {
    const spec = boards.find(({ id }) => id === board.terms.board);
    if (!spec)
      throw new DevsockError(
        `ENODEV: this devsock knows no board ${board.terms.board}; update it with the devsock it came from`,
      );
    config =
      options.config === undefined
        ? undefined
        : parseConfig(withSecrets(options.config, options), { firmware: options.firmware, board: spec.id });
    const current = config ?? (await currentConfig(board, spec));
    const storage = new BoardStorage(board);
    const { running, list, sumOf } = await listed(storage, signal);
    const program = firmwareName("devsock", running.firmware);
    const there = {
      length: list.files.find(([name]) => name === program)?.[1],
      crc: async () => (await sumOf(program))?.crc,
    };
    const fit = await fitFor(current, spec, there, options.firmware);
    const firmware = readFirmware(options.firmware, spec, fit.build, current);
    const room = await look(list, sumOf, firmware, config);
    const plan = planOf(room, running, firmware, config, true);
    checkPlan(plan, running);
    const unwatched = describeUnwatched(fit, current, spec, sizesIn(options.firmware));
    const place = config && parseAddress(address).kind !== "serial" ? describePlace(config) : [];
    for (const line of [...plan.words, ...unwatched, ...place]) onStep(line);
    report = { board: spec.id, firmware: firmware.name, written: plan.bytes, slots: plan.slots, address };
    const stays = plan.slots.firmware === running.firmware && plan.slots.config === running.config;
    if (options.dryRun || (stays && plan.files.length === 0)) return { ...report, written: 0 };
    await carryOut(storage, plan, options);
    onStep("starting it");
    asked = await askToStart(storage, plan.slots, signal);
  } finally {
    await board.close();
  }
  return { ...report, address: await untilProven(address, options, config, asked) };
}

interface Asked {
  /** When, in ms of this host. */
  at: number;
  /** Why there was no answer. */
  unanswered: DevsockError | undefined;
}

/** A board that goes down takes along what of its answer is still on the way: whether it was asked shows when it says hello. */
async function askToStart(storage: BoardStorage, slots: Slots, signal: AbortSignal | undefined): Promise<Asked> {
  const at = Date.now();
  try {
    await storage.start(slots.firmware | (slots.config << 1), signal);
    return { at, unanswered: undefined };
  } catch (error) {
    if (!(error instanceof DevsockError) || error.origin !== "link") throw error;
    const text = `${error.code}: what was written was not started (${error.sentence}); update the board once more`;
    return { at, unanswered: new DevsockError(text, { origin: "link", address: error.address!, cause: error }) };
  }
}

/** As the board tells it: without its network and secrets, and of boards that it dials no more than that there are some. */
async function currentConfig(board: Board, spec: BoardSpec): Promise<Config> {
  const netlink = await board.netlink();
  try {
    for await (const { config } of netlink) {
      if (!config) continue;
      const { peers = [] } = await board.info();
      return { ...config, board: spec.id, ...(peers.length > 0 && { peers: {} }) };
    }
  } finally {
    netlink.close();
  }
  throw new DevsockError("EPROTO: the board does not tell its configuration; give one with --config");
}

type SumOf = (name: string) => Promise<{ length: number; crc: number } | undefined>;

/** What is in Storage, and the checksums of files there: the board stands still while it reads one for that, so it is asked for each once. */
async function listed(
  storage: BoardStorage,
  signal: AbortSignal | undefined,
): Promise<{ running: Slots; list: StorageList; sumOf: SumOf }> {
  const list = await storage.list(signal);
  const { slots } = list;
  if (slots === undefined)
    throw new DevsockError("EOPNOTSUPP: the board's firmware is in no slot: put devsock there with devsock flash once");
  const known = new Map<string, ReturnType<SumOf>>();
  const sumOf: SumOf = (name) => {
    const sum = known.get(name) ?? sumIfTold(storage, name, signal);
    known.set(name, sum);
    return sum;
  };
  return { running: { firmware: slots & 1, config: slots >> 1 }, list, sumOf };
}

async function look(
  { total, free, trash, files }: StorageList,
  sumOf: SumOf,
  firmware: Firmware,
  config: Config | undefined,
): Promise<Room> {
  // The board tells none of secrets: only what may be right is asked.
  const wanted = new Map(
    [0, 1].flatMap((slot) => [
      ...firmware.files.map(({ name, data }): [string, number] => [firmwareName(name, slot), data.length]),
      [configName(slot), config ? Buffer.byteLength(textsOf(config).open) : 0] as [string, number],
    ]),
  );
  const found = new Map<string, { length: number; crc: number }>();
  for (const [name, length] of files)
    found.set(name, (wanted.get(name) === length && (await sumOf(name))) || { length, crc: -1 });
  // The boot file is its cable's business.
  found.set(firmware.boot.name, { length: firmware.boot.data.length, crc: firmware.boot.crc });
  return { total, free, trash, files: found };
}

/** Nothing of a configuration whose secrets a power cut has kept from being written: for all that the board knows they are in it. */
async function sumIfTold(
  storage: BoardStorage,
  name: string,
  signal: AbortSignal | undefined,
): Promise<{ length: number; crc: number } | undefined> {
  try {
    return await storage.sum(name, signal);
  } catch (error) {
    if (error instanceof DevsockError && error.code === "EACCES") return undefined;
    throw error;
  }
}

function checkPlan(plan: Plan, running: Slots): void {
  if (plan.slots.firmware === running.firmware && plan.files.some(({ name }) => isOfSlot(name, running)))
    throw new DevsockError(
      "ENOSPC: the board's Storage has no room for two firmwares: put the new one there by its cable, devsock flash",
    );
}

async function carryOut(storage: BoardStorage, plan: Plan, options: UpdateOptions): Promise<void> {
  const { onProgress = () => {}, signal } = options;
  let done = 0;
  for (const name of plan.old) await storage.remove(name, signal);
  for (const file of plan.files) await storage.put(file, (bytes) => onProgress((done += bytes), plan.bytes), signal);
}

/** Where a new configuration has it, beside its old place. */
function placesIn(address: string, config: Config | undefined): string[] {
  const old = parseAddress(address);
  if (old.kind === "serial" || !config) return [];
  const { links = {}, network } = config;
  const host = network?.ip ?? old.host;
  const own = ownNetworkOf(config)?.address;
  const places = (["tcp", "udp"] as const).flatMap((kind) =>
    links[kind] ? [formatAddress({ kind, host, port: links[kind].port })] : [],
  );
  return own === undefined ? places : [own, ...places];
}

/** Where a board with this key says that it is: it may have got another address. */
async function seek(key: string | Uint8Array, config: Config | undefined, signal?: AbortSignal): Promise<string[]> {
  const places: string[] = [];
  const port = config?.links?.udp?.port;
  const options = { key, timeout: TRY / 5, ...(port !== undefined && { port }), ...(signal && { signal }) };
  try {
    for await (const { access, address } of discover(options)) if (access === "proved") places.push(address);
  } catch (error) {
    // Without a network there is nobody to ask.
    if (signal?.aborted || !(error instanceof DevsockError)) throw error;
  }
  return places;
}

async function untilProven(
  address: string,
  options: UpdateOptions,
  config: Config | undefined,
  { at: asked, unanswered }: Asked,
): Promise<string> {
  const { onStep = () => {}, signal } = options;
  onStep("waiting for its hello");
  const until = asked + TRIAL;
  // It may have a new key, and the old one if it goes back.
  const keys = [...new Set([config?.key, undefined])].map((key) => (key === undefined ? options.key : parseKey(key)));
  const places = [...new Set([address, ...placesIn(address, config)])];
  for (let i = 0; Date.now() < until; i++) {
    await delay(AGAIN, undefined, { signal });
    const key = keys[i % keys.length];
    if (i % SEEK === SEEK - 1 && key !== undefined)
      for (const place of await seek(key, config, signal)) if (!places.includes(place)) places.push(place);
    const place = places[Math.floor(i / keys.length) % places.length]!;
    const info = await infoAt(place, { ...options, timeout: TRY, key }).catch((error: unknown) => {
      if (signal?.aborted) throw canceled(signal, "the update was started, and nobody waited for its hello", address);
      if (!(error instanceof DevsockError)) throw error;
    });
    if (!info) continue;
    const { start, uptime } = info;
    // It has not gone down yet, and what runs may have been on trial itself. It tells whole seconds, and goes down after more than one.
    if (Date.now() - (uptime + 1) * 1000 < asked) {
      if (unanswered && Date.now() - asked > DOWN) throw unanswered;
      continue;
    }
    if (start === Mark.staged) return place;
    if (unanswered && start !== Mark.back) throw unanswered;
    throw new DevsockError(
      "EIO: the new one did not say hello, and the board went back to what it had; its console says more",
    );
  }
  throw new DevsockError(
    `ETIMEDOUT: the board at ${address} does not say hello any more; look at its power and its network`,
  );
}

/** A board that still goes down may let somebody in, and be gone before it answers. */
async function infoAt(address: string, options: BoardOptions): Promise<BoardInfo> {
  const board = await connect(address, { ...options, lifetime: 0 });
  try {
    return await board.info(options.signal);
  } finally {
    await board.close();
  }
}
