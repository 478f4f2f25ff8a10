/** A real browser without a window, told what to do by its own protocol over pipes (Chrome DevTools Protocol). */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { chromium, pathOf } from "./judges.js";

const ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"];

interface Reply {
  id?: number;
  result?: Record<string, any>;
  error?: { message: string };
}

export class Chromium {
  private readonly waiting = new Map<number, (reply: Reply) => void>();
  private count = 0;

  private constructor(
    private readonly child: ChildProcess,
    private readonly profile: string,
  ) {
    let rest = "";
    (child.stdio[4] as Readable).on("data", (data: Buffer) => {
      const texts = (rest + data.toString()).split("\0");
      rest = texts.pop()!;
      for (const reply of texts.map((text) => JSON.parse(text) as Reply)) this.waiting.get(reply.id ?? -1)?.(reply);
    });
  }

  static async start(): Promise<Chromium> {
    const profile = await mkdtemp(join(tmpdir(), "devsock-"));
    const args = [...ARGUMENTS, "--remote-debugging-pipe", `--user-data-dir=${profile}`];
    const child = spawn(pathOf(chromium), args, { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
    process.once("exit", () => child.kill("SIGKILL"));
    return new Chromium(child, profile);
  }

  /** Opens a page. @returns what evaluates an expression in it */
  async open(url: string): Promise<(expression: string) => Promise<any>> {
    const { targetId } = await this.ask("Target.createTarget", { url });
    const { sessionId } = await this.ask("Target.attachToTarget", { targetId, flatten: true });
    return async (expression) => {
      const wanted = { expression, returnByValue: true, awaitPromise: true };
      const { result, exceptionDetails } = await this.ask("Runtime.evaluate", wanted, sessionId as string);
      if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
      return result.value;
    };
  }

  async close(): Promise<void> {
    const closed = once(this.child, "close");
    this.child.kill("SIGKILL");
    await closed;
    await rm(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }

  private ask(method: string, params: object, sessionId?: string): Promise<Record<string, any>> {
    const id = ++this.count;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, ({ result, error }) => {
        this.waiting.delete(id);
        if (result) resolve(result);
        else reject(new Error(`${method}: ${error?.message}`));
      });
      (this.child.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
  }
}
