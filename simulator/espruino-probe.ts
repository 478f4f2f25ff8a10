/** Asks the real interpreter for its memory, and keeps its UARTs moving. */
import { openPty } from "./pty.js";
import type { Pty } from "./pty.js";
import type { MemoryReport } from "./runtime/globals.js";
import { failure } from "./simulation.js";

const ANSWER_MS = 5_000;

/**
 * The thread that moves the bytes of all UARTs sleeps for 50 ms when it found none to move and for 1 ms otherwise: left
 * to itself all UARTs together send no more than one transmit ring, 255 bytes, every 50 ms. A UART that reads zeros
 * without end keeps it awake. They cost the program nothing: the interpreter drops what comes for a UART whose object
 * is gone.
 */
export function stayAwake(uart: string): string {
  return `${uart}.setup(9600,{path:"/dev/zero"});${uart}=0;`;
}

/**
 * A build whose memory grows when need be has as much as a board from the start: it grows only when not one variable is left,
 * and never for a result in one piece, such as a hash.
 */
export function grown(variables: number): string {
  return `(function(t){for(t="0";process.memory().total<${variables};)t+=t})();`;
}

/**
 * A way to ask for the interpreter's memory: a question mark on a spare UART is answered with process.memory(). Its
 * console would do as well, but a line typed into it meets a race between the interpreter's two threads and may end it.
 */
export class Probe {
  private waiting: ((report: ProbeReport) => void) | undefined;
  private answer = "";

  private constructor(private readonly pty: Pty) {
    pty.onData((data) => this.receive(data.toString("latin1")));
  }

  static async open(): Promise<Probe> {
    return new Probe(await openPty());
  }

  /**
   * Goes before the boot file's text. What the interpreter makes at the first exception is made before anything is
   * counted: the memory at rest does not tell whether there was one.
   * @param aids other texts of the simulator; `own` is what they and the probe take
   */
  bootText(uart: string, aids: string): string {
    return (
      `(function(s,u){new Error;u=process.memory().usage;${aids}` +
      `s.on("data",function(d){if(d.indexOf("?")<0)return;` +
      `var m=process.memory();m.own=s.own;s.write(JSON.stringify(m)+"\\n")});` +
      `s.setup(115200,{path:${JSON.stringify(this.pty.path)}});s.own=process.memory().usage-u})(${uart});`
    );
  }

  async ask(): Promise<MemoryReport> {
    const report = await new Promise<ProbeReport>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(failure("ETIMEDOUT", "the interpreter does not answer: it is busy, or has ended; see its log")),
        ANSWER_MS,
      );
      this.waiting = (answer) => {
        clearTimeout(timer);
        resolve(answer);
      };
      this.pty.write(Buffer.from("?"));
    });
    const { own, ...memory } = report;
    return { ...memory, usage: memory.usage - own };
  }

  close(): void {
    this.pty.close();
  }

  private receive(text: string): void {
    this.answer += text;
    const end = this.answer.indexOf("\n");
    if (end < 0) return;
    const line = this.answer.slice(0, end);
    this.answer = this.answer.slice(end + 1);
    this.waiting?.(JSON.parse(line) as ProbeReport);
    this.waiting = undefined;
  }
}

interface ProbeReport extends MemoryReport {
  own: number;
}
