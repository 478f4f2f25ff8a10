/** AF_UNIX: each service of a board as a socket file, so that local programs need no library. docs/unix.md. */
import { chmod, lstat, mkdir, rmdir } from "node:fs/promises";
import type net from "node:net";
import { join } from "node:path";
import { DevsockError, fromNode } from "../errors.js";
import { connect } from "../gateway.js";
import type { BoardInfo } from "../board-info.js";
import type { Board, BoardOptions } from "../gateway.js";
import { NETLINK } from "../netlink.js";
import type { Transport } from "../transport/transport.js";
import { relay } from "./relay.js";
import type { Manner } from "./relay.js";
import { listenAt } from "./socket-file.js";

export interface PublishOptions extends BoardOptions {
  /** Directory under which the board's own is made; for this user only. */
  dir: string;
  /** Told what fails, and what becomes of the link. */
  onnews?: (what: string) => void;
}

/** What a file stands for. */
interface Service {
  file: string;
  address: string;
  manner: Manner;
}

/** Clients of one file at once; more are refused by the system. */
const CLIENTS = 64;

/** Between two tries to reach a board that went away, in ms: doubled from the least to the most, with some chance. */
const RETRY = { least: 500, most: 15_000 };

const LINES: Manner = { lines: true, holds: false };
const JOB: Manner = { lines: true, holds: true };
const RAW: Manner = { lines: false, holds: false };

/**
 * Publishes the services of a board until `close`. A board that goes away is looked for again; meanwhile clients are
 * told that it is not there.
 * @throws DevsockError why the board cannot be reached, or the files not be made
 */
export async function publish(address: string | Transport, options: PublishOptions): Promise<Publication> {
  const board = await connect(address, options);
  const publication = new Publication(address, options, board);
  try {
    await publication.start(await board.info(options.signal));
    return publication;
  } catch (error) {
    await publication.close();
    throw error;
  }
}

export class Publication {
  /** The files, by their paths. */
  readonly files = new Map<string, net.Server>();
  /** The board's name. */
  name = "";
  private readonly clients = new Set<net.Socket>();
  private readonly over = new AbortController();
  private directory = "";

  /** Made by `publish`. */
  constructor(
    private readonly address: string | Transport,
    private readonly options: PublishOptions,
    private board: Board | undefined,
  ) {}

  async start(info: BoardInfo): Promise<void> {
    this.watch(this.board!);
    this.name = checked(info.name, /^[A-Za-z0-9][A-Za-z0-9-]{0,31}$/);
    await mkdir(this.options.dir, { recursive: true, mode: 0o700 }).catch(unable(this.options.dir));
    this.directory = join(this.options.dir, this.name);
    await ownDirectory(this.directory);
    for (const service of servicesOf(info)) {
      const path = join(this.directory, service.file);
      const server = await listenAt(path, (client) => void this.serve(client, service));
      server.maxConnections = CLIENTS;
      this.files.set(path, server);
    }
  }

  /** Ends all clients and removes the files. */
  async close(): Promise<void> {
    this.over.abort();
    const closed = [...this.files.values()].map((server) => new Promise((resolve) => server.close(resolve)));
    for (const client of this.clients) client.destroy();
    await Promise.all(closed);
    // Somebody else's files may be in it.
    if (this.directory) await rmdir(this.directory).catch(() => undefined);
    await this.board?.close();
  }

  private async serve(client: net.Socket, { address, file, manner }: Service): Promise<void> {
    this.clients.add(client);
    client.once("close", () => this.clients.delete(client));
    const error = await relay(client, () => this.open(address), manner);
    if (error && !this.over.signal.aborted) this.options.onnews?.(`${file}: ${error.message}`);
  }

  private async open(address: string): ReturnType<Board["open"]> {
    if (this.board) return this.board.open(address, { signal: this.over.signal });
    throw new DevsockError(`ENOTCONN: ${this.name} is out of reach at present; try again later`);
  }

  /** The link looks for the board by itself for a while; after that this does. */
  private watch(board: Board): void {
    const { onnews } = this.options;
    board.on("lost", (error) => onnews?.(`the link is lost, devsock is looking for the board: ${error.message}`));
    board.on("resumed", () => onnews?.("the link is there again"));
    board.once("close", (error) => {
      this.board = undefined;
      if (!this.over.signal.aborted) void this.again(error);
    });
  }

  /** Looks for the board until it is back. */
  private async again(lost: DevsockError | undefined): Promise<void> {
    const { onnews } = this.options;
    onnews?.(`the board is out of reach, devsock goes on looking for it: ${lost?.message ?? "it was closed"}`);
    for (let wait: number = RETRY.least; ; wait = Math.min(wait * 2, RETRY.most)) {
      await new Promise((resolve) => setTimeout(resolve, wait * (0.5 + Math.random() / 2)));
      if (this.over.signal.aborted) return;
      try {
        this.board = await connect(this.address, { ...this.options, signal: this.over.signal });
        this.watch(this.board);
        return onnews?.("the link is there again");
      } catch (error) {
        if (!(error instanceof DevsockError)) throw error;
      }
    }
  }
}

function servicesOf({ devices }: BoardInfo): Service[] {
  const services: Service[] = [
    { file: "board.info", address: ":info", manner: LINES },
    { file: "board.netlink", address: NETLINK, manner: LINES },
  ];
  for (const device of devices) {
    const name = checked(device.name, /^[a-z][a-z0-9-]{0,15}$/);
    if (device.kind === "printer") services.push({ file: name, address: name, manner: JOB });
    // Samples are messages, which a file of bytes has none of.
    for (const service of device.kind === "printer" ? device.services : ["status"]) {
      const address = `${name}:${checked(service, /^[a-z][a-z0-9-]{0,15}$/)}`;
      const manner = service === "job" ? JOB : service === "raw" ? RAW : LINES;
      services.push({ file: `${name}.${service}`, address, manner });
    }
  }
  return services;
}

/** A name becomes part of a path: a board may not choose which. */
function checked(name: string, form: RegExp): string {
  if (form.test(name)) return name;
  throw new DevsockError(
    `EPROTO: the board has something named ${JSON.stringify(name)}, which cannot be a file's name`,
    {
      origin: "peer",
    },
  );
}

/** Makes a directory for this user only. */
async function ownDirectory(path: string): Promise<void> {
  await mkdir(path, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") unable(path)(error);
  });
  const stats = await lstat(path).catch(unable(path));
  if (!stats.isDirectory() || (process.getuid && stats.uid !== process.getuid()))
    throw new DevsockError(`EACCES: ${path} is not a directory of this user; remove it, or choose another --dir`, {
      address: path,
    });
  await chmod(path, 0o700).catch(unable(path));
}

function unable(path: string): (error: unknown) => never {
  return (error) => {
    throw fromNode(error, "output", path);
  };
}
