/** Results of a laboratory analyser on a byte stream, by ASTM E1381: each is acknowledged only when the program has it. */
import type { Duplex } from "node:stream";
import { finished } from "node:stream/promises";
import { AstmReceiver } from "../../protocols/device/astm/index.js";
import type { Offer, TransferEnd } from "../../protocols/device/astm/index.js";
import { systemClock } from "../clock.js";
import type { Clock, Timer } from "../clock.js";

/** Characters of a frame's text, and of a whole text: E1381, and a bound for the memory. */
const LONGEST = 240;
const MOST = 65_536;

/**
 * Takes a text: records of E1394 with CR between them, in the analyser's characters. Once it returns, or its promise is fulfilled, the
 * analyser is told that it may forget the text; after an exception it is asked to send it again. Past 15 s the analyser gives up, and sends
 * it again later: then a text may come twice.
 */
export type TakeText = (text: Buffer) => Promise<void> | void;

export type AnalyserEvent =
  /** A frame came damaged, without its end, out of order or too long, or was not taken: the analyser sends it again. */
  | { kind: "refused"; cause: string }
  /** A transfer is over. `lost`: characters that the analyser keeps, or should, as they are not acknowledged. */
  | { kind: "ended"; end: TransferEnd; lost: number };

export interface AnalyserOptions {
  /** Aborted: the stream is destroyed. */
  signal?: AbortSignal;
  /** Called at what happens besides texts. */
  onEvent?: (event: AnalyserEvent) => void;
  /** Characters of a frame's text; 240, but some analysers send more. */
  longest?: number;
  /** Characters of a text of several frames; 65,536. */
  most?: number;
  clock?: Clock;
}

/**
 * Receives until the stream ends.
 * @param stream of bytes from and to the analyser's UART
 * @throws what the stream ended with; AbortError
 */
export async function receiveResults(stream: Duplex, take: TakeText, options: AnalyserOptions = {}): Promise<void> {
  const { clock = systemClock, longest = LONGEST, most = MOST, onEvent, signal } = options;
  let timer: Timer | undefined;

  const decide = (taken: boolean): void => {
    receiver.busy = false;
    receiver.decide(taken, clock.now());
    watch();
  };
  const offer = ({ whole }: Offer): void => {
    // What is not whole is of no use to anybody; it stays here, and the analyser keeps it until all is acknowledged.
    if (!whole) {
      receiver.decide(true, clock.now());
      return;
    }
    receiver.busy = true;
    Promise.resolve(Buffer.from(whole))
      .then(take)
      .then(
        () => decide(true),
        () => decide(false),
      );
  };
  const receiver = new AstmReceiver(
    {
      send: (bytes) => void stream.write(bytes),
      offer,
      refused: (cause) => onEvent?.({ kind: "refused", cause }),
      ended: (end, lost) => onEvent?.({ kind: "ended", end, lost }),
    },
    { longest, most },
  );
  const watch = (): void => {
    timer?.cancel();
    const { deadline } = receiver;
    if (deadline === null) return;
    timer = clock.after(deadline - clock.now(), () => {
      receiver.expire(clock.now());
      watch();
    });
  };

  stream.on("data", (data: Buffer) => {
    receiver.push(data, clock.now());
    watch();
  });
  const abort = (): void => void stream.destroy(signal!.reason as Error);
  signal?.addEventListener("abort", abort, { once: true });
  try {
    signal?.throwIfAborted();
    await finished(stream, { writable: false });
  } finally {
    timer?.cancel();
    signal?.removeEventListener("abort", abort);
  }
}
