/** The real interpreter as a board on somebody's desk: its console is a serial port, and its flash outlives its power. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { install } from "../../simulator/espruino.js";
import { openPty } from "../../simulator/pty.js";
import type { Pty } from "../../simulator/pty.js";

export class Desk {
  /** What it printed at its console. */
  printed = "";
  /** Sees what the host sends, before the interpreter does. */
  onHost: (data: Buffer) => void = () => {};
  /** What came out of the interpreter that is no console's. */
  complaints = "";
  private child: ChildProcess | undefined;

  private constructor(
    private readonly binary: string,
    /** Where its flash is. */
    readonly directory: string,
    private readonly host: Pty,
    private readonly board: Pty,
  ) {
    host.onData((data) => {
      this.onHost(data);
      if (this.child) board.write(data);
    });
    board.onData((data) => {
      this.printed += data.toString("latin1");
      host.write(data);
    });
  }

  /**
   * Its Storage is empty but for the cable: the interpreter's standard input is no serial port, and loses bytes.
   * @param program what runs at each start beside whatever will be there
   */
  static async open(binary: string, program = ""): Promise<Desk> {
    const directory = mkdtempSync(join(tmpdir(), "devsock-desk-"));
    const [host, board] = [await openPty(), await openPty()];
    const cable = `Serial1.setup(115200,{path:${JSON.stringify(board.path)}});E.setConsole(Serial1,{force:true});`;
    await install(binary, directory, ".boot0", cable + program);
    const desk = new Desk(binary, directory, host, board);
    desk.powerOn();
    return desk;
  }

  get port(): string {
    return this.host.path;
  }

  get powered(): boolean {
    return this.child !== undefined;
  }

  powerOn(): void {
    if (this.child) return;
    const child = (this.child = spawn(this.binary, [], { cwd: this.directory, stdio: ["pipe", "pipe", "pipe"] }));
    child.stdin.on("error", () => {});
    const said = (data: Buffer): void => void (this.complaints += data.toString("latin1"));
    child.stdout.on("data", said);
    child.stderr.on("data", said);
    child.once("exit", () => {
      if (this.child === child) this.child = undefined;
    });
  }

  /** From one moment to the next. */
  async powerOff(): Promise<void> {
    const { child } = this;
    if (!child) return;
    this.child = undefined;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await gone;
  }

  async close(): Promise<void> {
    await this.powerOff();
    this.host.close();
    this.board.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
