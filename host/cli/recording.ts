/** A capture file that is being written while a command works. */
import { open } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { fromNode, Pcapng, Tap } from "../index.js";
import type { DevsockError } from "../index.js";
import { CommandError, ExitCode } from "./exit.js";
import { version } from "./version.js";

export class Recording {
  readonly tap: Tap;
  /** Why it could not be written to its end. */
  private failure: DevsockError | undefined;
  private readonly written: Promise<void>;

  private constructor(
    private readonly file: string,
    to: NodeJS.WritableStream,
    decrypted: boolean | undefined,
  ) {
    this.tap = new Tap({ decrypted });
    const end = to !== process.stdout;
    this.written = pipeline(this.tap, new Pcapng(`devsock ${version}`), to, { end }).catch((error: unknown) => {
      this.failure = fromNode(error, "output", file);
      this.tap.destroy();
    });
  }

  /**
   * @param file its path, or - for standard output
   * @param decrypted what frames hold, of a session with a key: for nobody else to read
   * @throws CommandError when it cannot be written
   */
  static async open(file: string, decrypted?: boolean): Promise<Recording> {
    if (file === "-") return new Recording(file, process.stdout, decrypted);
    try {
      const handle = await open(file, "w", decrypted ? 0o600 : undefined);
      return new Recording(file, handle.createWriteStream(), decrypted);
    } catch (error) {
      throw new CommandError(fromNode(error, "output", file), ExitCode.failed);
    }
  }

  /** Writes what is left. A file that could not be written is said on stderr: what the command did is done. */
  async close(): Promise<void> {
    this.tap.finish();
    await this.written;
    if (this.failure)
      process.stderr.write(`devsock: the trace in ${this.file} is not whole: ${this.failure.message}\n`);
  }
}
