/** The other end of a measurement in a process of its own, so that the two ends do not wait for each other's core. */
import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";

/** What a peer serves: see peer.ts. */
export type PeerKind =
  | "bare.discard"
  | "bare.echo"
  | "devsock"
  | "devsock.keyed"
  | "yamux.default"
  | "yamux.large"
  | "yamux.default.noise"
  | "yamux.large.noise";

export class Peer {
  private constructor(
    private readonly child: ChildProcess,
    /** Where it listens on loopback. */
    readonly port: number,
  ) {}

  static async start(kind: PeerKind): Promise<Peer> {
    const child = fork(new URL("peer.js", import.meta.url), [kind], { execArgv: [] });
    const [port] = (await once(child, "message")) as [number];
    return new Peer(child, port);
  }

  /** CPU time that it has used so far, in µs. */
  async cpu(): Promise<number> {
    const answer = once(this.child, "message");
    this.child.send("cpu");
    return ((await answer) as [number])[0];
  }

  async stop(): Promise<void> {
    const gone = once(this.child, "exit");
    this.child.disconnect();
    await gone;
  }
}
