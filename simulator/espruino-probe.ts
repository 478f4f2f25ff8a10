/** Asks the real interpreter for its memory, and keeps its UARTs moving. */
import { openPty } from "./pty.js";
import type { Pty } from "./pty.js";
import type { MemoryReport } from "./runtime/globals.js";
import { failure } from "./simulation.js";

/** The thread reads 32 bytes of a UART at a time, 45 times in 50 ms. */
const DRIP_MS = 50;
const ZEROS = new Uint8Array(45 * 32);
const ANSWER_MS = 5_000;

/**
 * A way to ask for the interpreter's memory: a question mark on a spare UART is answered with process.memory(). Its
 * console would do as well, but a line typed into it meets a race between the interpreter's two threads and may end it.
 *
 * The same UART has a drip of zeros: the thread that moves bytes sleeps for 50 ms when it finds none and for 1 ms
 * otherwise, so that without the drip all UARTs together send no more than one transmit ring, 255 bytes, every 50 ms.
 */
export class Probe {
  private waiting: ((report: ProbeReport) => void) | undefined;
  private answer = "";
  private readonly drip: NodeJS.Timeout;

  private constructor(private readonly pty: Pty) {
    pty.onData((data) => this.receive(data.toString("latin1")));
    this.drip = setInterval(() => this.pty.write(ZEROS), DRIP_MS);
  }

  static async open(): Promise<Probe> {
    return new Probe(await openPty());
  }

  /** Goes before the boot file's text; `own` is what the probe and other aids of the simulator take. */
  bootText(uart: string, aids = ""): string {
    return (
      `(function(s,u){u=process.memory().usage;${aids}s.on("data",function(d){if(d.indexOf("?")<0)return;` +
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
    return { ...memory, usage: memory.usage - own, free: memory.free + own };
  }

  close(): void {
    clearInterval(this.drip);
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
