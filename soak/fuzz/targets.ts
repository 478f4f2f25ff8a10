/** What is given mutated inputs. Each must take any of them: no exception, no endless loop, nothing that grows beyond its bound. */
import {
  decodeAnswer,
  decodeClockAnswer,
  Decoder,
  encode,
  Frame,
  Kind,
  readStamp,
  tag,
} from "../../protocols/index.js";
import type { Bytes, Terms } from "../../protocols/index.js";
import { CommandScanner } from "../../protocols/device/escpos/scanner.js";
import { below } from "../random.js";
import type { Random } from "../random.js";
import { images } from "./images.js";
import { mutated, noise, sealed } from "./mutate.js";
import { Pairing } from "./pairing.js";
import { readers } from "./readers.js";
import { sensors } from "./sensors.js";
import { demand } from "./target.js";
import type { Target } from "./target.js";

/** Longest payload in this test. */
const MAX = 256;

/** The decoder takes a stream of frames and damage, in pieces, and accounts for each byte. */
class DecoderTarget implements Target {
  readonly name = "decoder";
  private came = 0;
  private gone = 0;
  private readonly decoder = new Decoder(
    {
      frame: (frame) => {
        const taken = (frame[Frame.header]! & 1) === 0;
        if (taken) this.gone += frame.length;
        return taken;
      },
      ondiscard: (_reason, bytes) => (this.gone += bytes),
    },
    MAX,
    Frame.check,
  );

  try(rand: Random): void {
    const { decoder } = this;
    const word = tag(below(rand, 8), below(rand, 4), below(rand, 2048));
    const frame = encode(word, below(rand, 2048), noise(rand, below(rand, MAX)), below(rand, 3));
    const input = rand() < 0.2 ? frame : mutated(frame, rand);
    const at = below(rand, input.length + 1);
    for (const piece of [input.subarray(0, at), input.subarray(at)]) {
      if (piece.length === 0) continue;
      this.came += piece.length;
      decoder.push(piece, 0);
    }
    if (rand() < 0.05) decoder.flush(0);
    demand(decoder.rest.length <= MAX + Frame.header + Frame.mac, `half a frame of ${decoder.rest.length} bytes`);
    demand(this.came === this.gone + decoder.rest.length, `${this.came} bytes came, ${this.gone} are accounted for`);
  }
}

/** ESC/POS commands and anything else: the scanner's boundaries are within what it read. */
class ScannerTarget implements Target {
  readonly name = "escpos";
  private readonly scanner = new CommandScanner();
  private static readonly COMMANDS = [
    "1b40",
    "1d7630000100010080",
    "1b2a210300010203",
    "1d286b0300314300",
    "68656c6c6f0a",
    "1d5600",
  ];

  try(rand: Random): void {
    const { COMMANDS } = ScannerTarget;
    const commands = Array.from({ length: 1 + below(rand, 4) }, () => COMMANDS[below(rand, COMMANDS.length)]!);
    const input = mutated(Buffer.from(commands.join(""), "hex"), rand);
    const at = this.scanner.push(input);
    demand(at >= -1 && at <= input.length, `a boundary at ${at} of ${input.length}`);
  }
}

/** Handshakes, whole by their CRC, for a side that is open, or waits. */
class HelloTarget implements Target {
  private pairing: Pairing;
  private tries = 0;

  constructor(
    readonly name: string,
    private readonly keyed: boolean,
    private readonly opened: boolean,
  ) {
    this.pairing = new Pairing(keyed, opened);
  }

  try(rand: Random): void {
    if (++this.tries % 500 === 0 || !this.pairing.alive) this.pairing = new Pairing(this.keyed, this.opened);
    const { pairing } = this;
    const hello = pairing.hellos[below(rand, pairing.hellos.length)]!;
    pairing.give(rand() < 0.5 ? "board" : "host", sealed(mutated(hello, rand), 0));
  }
}

/** Handshakes whose terms are JSON, and make no sense. */
class TermsTarget implements Target {
  private pairing: Pairing;
  private tries = 0;
  private static readonly NAMES: (keyof Terms)[] = [
    ...([
      "payload",
      "window",
      "keep",
      "chunk",
      "lifetime",
      "resume",
      "next",
      "have",
      "before",
      "name",
      "boot",
    ] as const),
  ];
  private static readonly VALUES: unknown[] = [
    ...[0, 1, -1, 7, 31, 32, 256, 2047, 2 ** 31, 2 ** 32, 1e308, 0.5, null, true, "", "0", "7", [], {}],
    ...[[0], [1, 2], [7, 1, 65535], [null, null, null], ["0", 0, 0], [[7]], { 0: 7 }],
  ];

  constructor(
    readonly name: string,
    private readonly opened: boolean,
  ) {
    this.pairing = new Pairing(false, opened);
  }

  try(rand: Random): void {
    if (++this.tries % 200 === 0 || !this.pairing.alive) this.pairing = new Pairing(false, this.opened);
    const { NAMES, VALUES } = TermsTarget;
    const value = (): unknown => (rand() < 0.3 ? this.pairing.id : VALUES[below(rand, VALUES.length)]);
    const terms: Record<string, unknown> = {};
    for (let n = below(rand, 8); n > 0; n--) terms[NAMES[below(rand, NAMES.length)]!] = value();
    if (rand() < 0.2) terms["before"] = [value(), value(), value()];
    const whole = rand() < 0.9 ? terms : VALUES[below(rand, VALUES.length)];
    this.pairing.offer(JSON.stringify(whole), rand);
  }
}

/** What a bus or a UART answers. */
class TransactionTarget implements Target {
  readonly name = "transaction";

  try(rand: Random): void {
    const answer = rand() < 0.5 ? noise(rand, below(rand, 40)) : mutated(Buffer.from("02454e4f3a206e6f", "hex"), rand);
    const { data, failure } = decodeAnswer(answer);
    demand(data.length + failure.length <= answer.length, `${data.length} bytes of ${answer.length}`);
  }
}

/** What a board says of its time. */
class TimeTarget implements Target {
  readonly name = "time";

  try(rand: Random): void {
    decodeClockAnswer(readStamp(noise(rand, 8), 0), noise(rand, below(rand, 40)));
  }
}

/** Frames of an open session: right by their CRC or MAC, nonsense within. */
class SessionTarget implements Target {
  private pairing: Pairing;
  private tries = 0;

  constructor(
    readonly name: string,
    private readonly keyed: boolean,
    private readonly make: (rand: Random) => Bytes,
  ) {
    this.pairing = new Pairing(keyed, true);
  }

  try(rand: Random): void {
    if (++this.tries % 2000 === 0 || !this.pairing.alive) this.pairing = new Pairing(this.keyed, true);
    const { pairing } = this;
    const to = rand() < 0.5 ? "board" : "host";
    pairing.frame(to, this.kind(rand), this.make(rand), rand);
  }

  private kind(rand: Random): Kind {
    if (this.name.startsWith("acknowledgement")) return Kind.ack;
    if (this.name.startsWith("control")) return Kind.control;
    // Seldom what ends a session at once.
    const kind = below(rand, 6);
    return rand() < 0.01 ? below(rand, 8) : kind === 0 ? Kind.message : kind;
  }
}

function acknowledgement(rand: Random): Bytes {
  const bytes = Buffer.alloc(3 + 6 * below(rand, 6));
  bytes.set([below(rand, 4), below(rand, 256), below(rand, 256)]);
  for (let at = 3; at < bytes.length; at += 6) {
    bytes.writeUInt16BE(below(rand, 8), at);
    bytes.writeUInt32BE(Math.floor(rand() * 2 ** 32), at + 2);
  }
  return rand() < 0.5 ? bytes : mutated(bytes, rand).subarray(0, MAX);
}

const CONTROLS = [
  "0100000010003a646973636172640a",
  "0101000010003a7878",
  "02000010000000",
  "0345434f4e4e",
  "04",
  "0545",
  "06",
  "0700000005",
  "080162617564",
  "0802626175643d39363030",
  "090139363030",
  "090245494e56414c3a206e6f",
];

function control(rand: Random): Bytes {
  return mutated(Buffer.from(CONTROLS[below(rand, CONTROLS.length)]!, "hex"), rand).subarray(0, MAX);
}

function anything(rand: Random): Bytes {
  return rand() < 0.3 ? control(rand) : noise(rand, below(rand, rand() < 0.8 ? 24 : MAX));
}

export function targets(): Target[] {
  return [
    new DecoderTarget(),
    new ScannerTarget(),
    new HelloTarget("hello", false, false),
    new HelloTarget("hello.open", false, true),
    new HelloTarget("hello.keyed", true, false),
    new HelloTarget("hello.open.keyed", true, true),
    new TermsTarget("terms", false),
    new TermsTarget("terms.open", true),
    new TransactionTarget(),
    new TimeTarget(),
    ...readers(),
    ...sensors(),
    ...images(),
    new SessionTarget("acknowledgement", false, acknowledgement),
    new SessionTarget("control", false, control),
    new SessionTarget("session", false, anything),
    new SessionTarget("session.keyed", true, anything),
  ];
}
