/** Finds boards on the network: docs/protocol/discovery.md. */
import { randomBytes } from "node:crypto";
import type { Question } from "../../protocols/index.js";
import { heardOf, hmacKey, isHello, probe, Probe } from "../../protocols/index.js";
import { DEFAULT_PORT, formatAddress } from "../address.js";
import { systemClock } from "../clock.js";
import type { Clock, Timer } from "../clock.js";
import { canceled, DevsockError } from "../errors.js";
import { parseKey } from "../key.js";
import { addressesOf, openProbeSocket } from "./probe-socket.js";
import type { OpenProbeSocket, ProbeSocket } from "./probe-socket.js";
import { describeFound, describes } from "./found-board.js";
import type { FoundBoard } from "./found-board.js";

export interface DiscoverOptions {
  /** Keys of boards, as `connect` takes one: a board that has one of them says all of itself, others their name alone. */
  key?: string | Uint8Array | readonly (string | Uint8Array)[] | undefined;
  /** How long answers are waited for, in ms; 2,000 by default. */
  timeout?: number;
  /** Where to ask, each `HOST` or `HOST:PORT`; by default the broadcast address of each network, and this computer. */
  addresses?: readonly string[];
  /** Port of the boards' UDP links; 9180 by default. */
  port?: number;
  signal?: AbortSignal;
  clock?: Clock;
  /** For networks in memory. */
  openSocket?: OpenProbeSocket;
}

const TIMEOUT = 2000;

/**
 * Payloads of the probes, and when they go out, in ms. Boards that cut datagrams hear the short one, and a board that said little for lack of room, or heard
 * nothing, is asked again.
 */
const ROUNDS = [
  { at: 0, length: Probe.long },
  { at: 400, length: Probe.short },
  { at: 900, length: Probe.long },
  { at: 1400, length: Probe.short },
] as const;

/** Ms between probes with different keys: a board is silent for a while after each answer [DISC-5]. */
const APART = Probe.pause + 20;

/** Boards that are listed at the most: whoever fills the network with answers fills no memory. */
const MOST = 1000;

/**
 * Asks for boards, and gives each one that answers, once.
 * @throws DevsockError ENOTFOUND ... where an address cannot be asked, ECANCELED when aborted
 */
export async function* discover(options: DiscoverOptions = {}): AsyncGenerator<FoundBoard, void, undefined> {
  const { signal, clock = systemClock } = options;
  if (signal?.aborted) throw canceled(signal, "looking for boards was given up");
  const search = await Search.begin(options, clock);
  try {
    yield* search.boards();
  } finally {
    search.end();
  }
}

class Search {
  private readonly timers: Timer[] = [];
  private readonly questions: Question[] = [];
  /** What was found and not given out; those who say only their name wait for the end, as they may answer to another key. */
  private readonly found: FoundBoard[] = [];
  private readonly named = new Map<string, FoundBoard>();
  /** Addresses of those given out. */
  private readonly given = new Set<string>();
  private over = false;
  private failure: DevsockError | undefined;
  private wake: () => void = () => {};

  static async begin(options: DiscoverOptions, clock: Clock): Promise<Search> {
    const { port = DEFAULT_PORT, timeout = TIMEOUT, key, signal, openSocket = openProbeSocket } = options;
    if (!(port >= 1 && port <= 65535)) throw new DevsockError("EINVAL: a port is a number from 1 to 65535");
    const keys = (Array.isArray(key) ? key : [key]) as readonly (string | Uint8Array | undefined)[];
    const hashed = keys.filter((each) => each !== undefined).map((each) => hmacKey(parseKey(each)));
    const targets = addressesOf(options.addresses, port);
    const search = new Search();
    const socket = await openSocket((frame, from) => search.heard(frame, from));
    search.close = () => socket.close();
    const nonce = randomBytes(8);
    for (const { at, length } of ROUNDS)
      (hashed.length > 0 ? hashed : [null]).forEach((each, i) =>
        search.after(clock, at + i * APART, () => search.ask(socket, targets, probe(nonce, each, length))),
      );
    search.after(clock, timeout, () => search.finish());
    if (signal) {
      const aborted = (): void => search.finish(canceled(signal, "looking for boards was given up"));
      signal.addEventListener("abort", aborted, { once: true });
      search.forget = () => signal.removeEventListener("abort", aborted);
    }
    return search;
  }

  private close: () => void = () => {};
  private forget: () => void = () => {};

  async *boards(): AsyncGenerator<FoundBoard, void, undefined> {
    for (;;) {
      const next = this.found.shift();
      if (next) yield next;
      else if (this.failure) throw this.failure;
      else if (this.over) return;
      else await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }

  end(): void {
    this.over = true;
    for (const timer of this.timers) timer.cancel();
    this.forget();
    this.close();
  }

  private after(clock: Clock, ms: number, run: () => void): void {
    if (ms > 0) this.timers.push(clock.after(ms, run));
    else run();
  }

  private ask(socket: ProbeSocket, targets: ReturnType<typeof addressesOf>, question: Question): void {
    this.questions.push(question);
    for (const { host, port, given } of targets)
      socket.send(question.frame, port, host, (error) => {
        if (given) this.finish(error);
      });
  }

  private heard(frame: Uint8Array, from: { address: string; port: number }): void {
    if (this.over || isHello(frame) !== 1) return;
    const answer = heardOf(frame, this.questions);
    if (!answer) return;
    const board = describeFound(answer, from.address, from.port);
    const at = formatAddress({ kind: "udp", host: from.address, port: from.port });
    if (!board || this.given.has(at) || this.given.size + this.named.size >= MOST) return;
    if (!describes(board)) return void this.named.set(at, board);
    this.named.delete(at);
    this.given.add(at);
    this.found.push(board);
    this.wake();
  }

  private finish(failure?: DevsockError): void {
    if (this.over) return;
    this.over = true;
    this.failure = failure;
    this.found.push(...this.named.values());
    this.wake();
  }
}
