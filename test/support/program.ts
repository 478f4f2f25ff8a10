/** A program as a test runs it: its input, its output, its end, and no way to outlive the test. */
import { spawn, type ChildProcess } from "node:child_process";

export interface ProgramOptions {
  env?: NodeJS.ProcessEnv;
  /** Its directory. */
  cwd?: string;
  /** All of its input; without it the test writes and ends the input itself. */
  input?: Uint8Array;
  /** As CUPS starts its backends: descriptor 3 is the back-channel, which is read here, and 4 the silent side-channel. */
  channels?: boolean;
}

export interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export class Program {
  readonly exited: Promise<Ending>;
  private readonly written: Record<1 | 2 | 3, Buffer[]> = { 1: [], 2: [], 3: [] };

  private constructor(
    private readonly child: ChildProcess,
    private readonly name: string,
  ) {
    for (const descriptor of [1, 2, 3] as const)
      (child.stdio[descriptor] as NodeJS.ReadableStream | undefined)?.on("data", (data: Buffer) =>
        this.written[descriptor].push(data),
      );
    // A program that ends early leaves its input unread.
    child.stdin!.on("error", () => {});
    this.exited = new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code, signal) => resolve({ code, signal }));
    });
    const kill = (): void => this.kill();
    process.once("exit", kill);
    const forget = (): void => void process.removeListener("exit", kill);
    this.exited.then(forget, forget);
  }

  static start(path: string, args: readonly string[], options: ProgramOptions = {}): Program {
    const env = { ...process.env, LC_ALL: "C", ...options.env };
    const stdio: "pipe"[] = ["pipe", "pipe", "pipe", ...(options.channels ? ["pipe" as const, "pipe" as const] : [])];
    const program = new Program(spawn(path, args, { env, stdio, cwd: options.cwd }), `${path} ${args.join(" ")}`);
    if (options.input) program.write(options.input).end();
    return program;
  }

  /** Runs it to its end. @throws Error when it does not succeed, with its own words */
  static async run(path: string, args: readonly string[], options: ProgramOptions = {}): Promise<Program> {
    const program = Program.start(path, args, { input: new Uint8Array(), ...options });
    await program.success();
    return program;
  }

  get output(): Buffer {
    return Buffer.concat(this.written[1]);
  }

  get complaints(): string {
    return Buffer.concat(this.written[2]).toString();
  }

  get backChannel(): Buffer {
    return Buffer.concat(this.written[3]);
  }

  write(data: Uint8Array): this {
    this.child.stdin!.write(data);
    return this;
  }

  /** Its input ends. */
  end(): this {
    this.child.stdin!.end();
    return this;
  }

  kill(signal: NodeJS.Signals = "SIGKILL"): void {
    this.child.kill(signal);
  }

  async success(): Promise<void> {
    const { code, signal } = await this.exited;
    if (code !== 0) throw new Error(`${this.name} ended with ${code ?? signal}: ${this.complaints}`);
  }
}
