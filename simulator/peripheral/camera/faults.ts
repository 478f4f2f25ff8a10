/** What can be wrong with a simulated camera, by a seed. */
import type { FaultOptions } from "../sensor/faults.js";
import { Random } from "../../random.js";
import { count, fraction, oneOf, sizes, spans, text } from "../settings.js";

/**
 * absent: nobody is there; wrong: another device answers; silent: it starts and never answers; babbling: noise without an end; stuck: it never has taken its
 * image; endless: its images have no FF D9; padded: their length is rounded up; brownout: its power fails in the middle of an image, each time; lost: now and then
 * part of an image does not come; refusing: now and then it says no.
 */
export type CameraFault =
  "absent" | "wrong" | "silent" | "babbling" | "stuck" | "endless" | "padded" | "brownout" | "lost" | "refusing";

export interface CameraOptions extends Omit<FaultOptions<CameraFault>, "errors"> {
  /** A JPEG file, or a folder of them; drawn ones if left out. */
  image?: string;
  /** Share of the bytes on its line that come out wrong or not at all, 0 to 1. */
  noise?: number;
  /** Sizes that it can do: `320x240/160x120`; it refuses the others. */
  sizes?: string[];
}

const FAULTS: CameraFault[] = [
  "absent",
  "wrong",
  "silent",
  "babbling",
  "stuck",
  "endless",
  "padded",
  "brownout",
  "lost",
  "refusing",
];

/** As the command line gives them. */
export const cameraSettings = {
  image: text,
  fault: oneOf("none", ...FAULTS),
  noise: fraction,
  seed: count,
  unplugged: spans,
  sizes,
};

/** What becomes of an image: its bytes as the camera has them in its memory. @param block bytes to whose multiple it is padded */
export function spoil(image: Uint8Array, fault: CameraFault | "none", block: number): Uint8Array {
  const padded = new Uint8Array(Math.ceil(image.length / block) * block);
  padded.set(image);
  if (fault === "endless") padded.fill(0x55, image.length - 2);
  return padded;
}

/** A line on which some bytes come out wrong, and a quarter of those not at all. */
export class Noise {
  /** Bytes that did not come as they were sent. */
  hits = 0;
  private readonly random: Random;

  constructor(
    public share: number,
    seed: number,
  ) {
    this.random = new Random(seed * 31 + 7);
  }

  /** A byte on a line that loses none. */
  flip(byte: number): number {
    if (!(this.share > 0) || !this.random.chance(this.share)) return byte;
    this.hits++;
    return byte ^ (1 << (this.random.next() & 7));
  }

  pass(bytes: Uint8Array): Uint8Array {
    if (!(this.share > 0)) return bytes;
    const out: number[] = [];
    for (const byte of bytes)
      if (!this.random.chance(this.share)) out.push(byte);
      else {
        this.hits++;
        if (!this.random.chance(0.25)) out.push(byte ^ (1 << (this.random.next() & 7)));
      }
    return Uint8Array.from(out);
  }
}
