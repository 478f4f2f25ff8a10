/** The machine's own loopback interface. Ports may be 0: the real ones are then chosen, and told. */
import { spawnSync } from "node:child_process";
import dgram from "node:dgram";
import net from "node:net";
import type { BoardDatagrams, BoardListener, BoardNetwork, BoardStream, Datagram } from "./index.js";

const HOST = "127.0.0.1";
/** Bytes handed to the system and not sent, beyond which a socket takes no more. */
const SEND_BUFFER = 8_192;
/** Connections and datagrams that wait for the board; more are refused, or lost. */
const BACKLOG = 10;
const DATAGRAMS = 64;
const PROBE_MS = 2_000;

export class LoopbackNetwork implements BoardNetwork {
  private activity: () => void = () => {};
  private readonly open = new Set<{ destroy(): void }>();
  private readonly listeners = new Map<number, net.Server>();
  private readonly datagrams = new Map<number, dgram.Socket>();
  private pending: Promise<void>[] = [];
  private readonly closing = new Set<Promise<void>>();
  readonly counters = { refused: 0, overrun: 0 };

  /** @param ports which real port stands for one that the board is configured to use */
  constructor(private readonly ports: { tcp: Map<number, number>; udp: Map<number, number> }) {}

  onActivity(listener: () => void): void {
    this.activity = listener;
  }

  /** Waits until what the board listens on is really open. @throws Error EADDRINUSE and its kin */
  async ready(): Promise<void> {
    while (this.pending.length) await Promise.all(this.pending.splice(0));
  }

  /** Waits until every port that was open is free again. */
  async closed(): Promise<void> {
    await Promise.all(this.closing);
  }

  /** The real port of one the board listens on. */
  realPort(kind: "tcp" | "udp", port: number): number | undefined {
    const address = kind === "tcp" ? this.listeners.get(port)?.address() : addressOf(this.datagrams.get(port));
    return typeof address === "object" ? address?.port : undefined;
  }

  listen(port: number): BoardListener {
    const waiting: net.Socket[] = [];
    const server = net.createServer((socket) => {
      if (waiting.length >= BACKLOG) {
        this.counters.refused++;
        return void socket.destroy();
      }
      waiting.push(socket);
      this.activity();
    });
    this.listeners.set(port, server);
    this.track(server, () => server.listen(this.ports.tcp.get(port) ?? port, HOST), "listening");
    return {
      accept: () => {
        const socket = waiting.shift();
        return socket && this.stream(socket);
      },
      close: () => {
        server.close();
        this.listeners.delete(port);
        for (const socket of waiting) socket.destroy();
      },
    };
  }

  connect(host: string, port: number): BoardStream {
    const real = this.ports.tcp.get(port) ?? port;
    const probe = spawnSync(process.execPath, ["-e", PROBE, host, String(real)], { timeout: PROBE_MS });
    if (probe.status !== 0) {
      const code = probe.status === 2 ? "ENOTFOUND" : "ECONNREFUSED";
      throw Object.assign(new Error(`cannot connect to ${host} port ${real}: is it listening?`), { code });
    }
    return this.stream(net.connect({ host, port: real, allowHalfOpen: true }));
  }

  bind(port: number): BoardDatagrams {
    const queue: Datagram[] = [];
    const socket = dgram.createSocket("udp4");
    socket.on("message", (data, { address, port: from }) => {
      if (queue.length >= DATAGRAMS) return void this.counters.overrun++;
      queue.push({ data, address, port: from });
      this.activity();
    });
    this.datagrams.set(port, socket);
    this.track(socket, () => socket.bind(this.ports.udp.get(port) ?? port, HOST), "listening");
    const close = (): void => {
      if (this.datagrams.get(port) === socket) this.datagrams.delete(port);
      socket.close();
    };
    return {
      receive: () => queue.shift(),
      send: ({ data, address, port: to }) => (socket.send(data, to, address, () => {}), true),
      close,
    };
  }

  /** Real hosts are always there. */
  reach(): void {}

  cut(): void {
    for (const socket of this.open) socket.destroy();
    this.open.clear();
  }

  reset(): void {
    this.cut();
    for (const server of this.listeners.values()) server.close();
    this.listeners.clear();
    for (const socket of this.datagrams.values()) socket.close();
    this.datagrams.clear();
  }

  private track(emitter: net.Server | dgram.Socket, open: () => void, event: string): void {
    const pending = new Promise<void>((resolve, reject) => {
      emitter.once(event, () => resolve());
      emitter.once("error", reject);
    });
    pending.catch(() => {});
    const gone = new Promise<void>((resolve) => {
      emitter.once("close", resolve);
      emitter.once("error", () => resolve());
    });
    this.closing.add(gone);
    void gone.then(() => this.closing.delete(gone));
    this.pending.push(pending);
    open();
  }

  private stream(socket: net.Socket): BoardStream {
    socket.setNoDelay(true);
    const wake = (): void => this.activity();
    let failed = false;
    socket.on("error", () => (failed = true));
    for (const event of ["readable", "end", "close", "drain", "connect"]) socket.on(event, wake);
    // Node loses a handle that is reset while its end is on the way: the process could then never end.
    const reset = (): void => void (socket.writableEnded ? socket.destroy() : socket.resetAndDestroy());
    const entry = { destroy: reset };
    this.open.add(entry);
    socket.on("close", () => this.open.delete(entry));
    return {
      receive: (limit) => {
        const data: Buffer | null = socket.read(Math.min(limit, socket.readableLength) || undefined) as Buffer | null;
        if (data?.length) return data;
        return failed || socket.readableEnded || socket.destroyed ? null : undefined;
      },
      send: (data) => {
        if (failed || socket.destroyed) return -1;
        const room = Math.min(data.length, SEND_BUFFER - socket.writableLength);
        if (room <= 0 || socket.connecting) return 0;
        socket.write(data.subarray(0, room), wake);
        return room;
      },
      close: () => socket.end(() => socket.destroySoon()),
      refuse: reset,
    };
  }
}

function addressOf(socket: dgram.Socket | undefined): { port: number } | undefined {
  return socket?.address();
}

/** The interpreter's connect fails while the program waits; Node's tells later, so another process tries first. */
const PROBE = `
const [host, port] = process.argv.slice(1);
const socket = require("net").connect(port, host, () => { socket.destroy(); process.exit(0); });
socket.on("error", (error) => process.exit(error.code === "ENOTFOUND" || error.code === "EAI_AGAIN" ? 2 : 1));
`;
