import { crc32 } from "node:zlib";
import { Random } from "../../simulator/random.js";

/**
 * For a suite: ids of sessions and of jobs and the host's pauses, which are chance, are the same in each run of a test.
 * They come from the test's name and from CHANCE, a number, in the environment.
 */
export function withChance(): void {
  const fraction = Math.random;
  beforeEach(function () {
    const random = new Random(crc32(this.currentTest!.fullTitle()) + Number(process.env.CHANCE ?? 0));
    Math.random = () => random.fraction();
    crypto.getRandomValues = (values) => {
      const { buffer, byteOffset, byteLength } = values;
      new Uint8Array(buffer, byteOffset, byteLength).forEach((_, i, bytes) => (bytes[i] = random.next() >>> 24));
      return values;
    };
  });
  afterEach(() => {
    Math.random = fraction;
    Reflect.deleteProperty(crypto, "getRandomValues");
  });
}
