/** The address families: which types each has, and how its sockets connect, listen and are bound. One table. */
import dgram from "node:dgram";
import net from "node:net";
import {
  AF_APPLETALK,
  AF_ATMPVC,
  AF_AX25,
  AF_DEVICE,
  AF_INET,
  AF_INET6,
  AF_IPX,
  AF_NETLINK,
  AF_PACKET,
  AF_UNIX,
  AF_X25,
  SO_BROADCAST,
  SO_KEEPALIVE,
  SO_PRIORITY,
  SO_RCVBUF,
  SO_REUSEADDR,
  SO_SNDBUF,
  SOCK_DGRAM,
  SOCK_PACKET,
  SOCK_RAW,
  SOCK_RDM,
  SOCK_SEQPACKET,
  SOCK_STREAM,
} from "../constants.js";
import type { Priority, SocketType } from "../constants.js";
import { TYPE_NAMES } from "../board-sockets.js";
import { canceled, DevsockError, fromNode } from "../errors.js";
import type { Board, SocketOptions } from "../gateway.js";
import { NETLINK } from "../netlink.js";
import type { SocketStream } from "../socket-stream.js";
import { deviceAddress, inetAddress, unixAddress } from "./addresses.js";
import type { InetAddress, NetlinkAddress, PacketBinding, SocketAddress } from "./addresses.js";
import { borrow } from "./boards.js";
import { DgramEndpoint } from "./dgram-endpoint.js";
import { DuplexEndpoint } from "./duplex-endpoint.js";
import type { Endpoint, Listener } from "./endpoint.js";
import { BoardListener, endpointOf, NodeListener } from "./listeners.js";
import { NetlinkEndpoint } from "./netlink-endpoint.js";
import { TapEndpoint } from "./tap-endpoint.js";
import { Timestamps } from "./timestamps.js";

/** What a socket tells its family. */
export interface Context {
  type: SocketType;
  /** The board that addresses mean which name none. */
  board: Board | string | undefined;
  /** Options of SOL_SOCKET that were set. */
  options: ReadonlyMap<number, unknown>;
  signal: AbortSignal | undefined;
  /** Called when the socket is closed. */
  onclose(release: () => Promise<void>): void;
}

export interface Family {
  readonly types: readonly number[];
  connect(address: SocketAddress, context: Context): Promise<Endpoint>;
  listen?(address: SocketAddress, backlog: number, context: Context): Promise<Listener>;
  /** A socket of messages without a peer. */
  bind?(address: SocketAddress, context: Context): Promise<Endpoint>;
}

const device: Family = {
  types: [SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_RDM, SOCK_SEQPACKET],
  async connect(address, context) {
    const { board: which = context.board, device } = deviceAddress(address);
    return onBoard(which, device, context);
  },
  async listen(address, backlog, context) {
    const { board: which = context.board, device } = deviceAddress(address);
    const { board, release } = await borrow(which, context.signal);
    context.onclose(release);
    return new BoardListener(board.listen(device, { type: context.type, backlog }), { device }, board.address);
  },
};

/** With a board in the address: a socket of the board's own network. Without: one of this host's. */
const inet: Family = {
  types: [SOCK_STREAM, SOCK_DGRAM],
  async connect(address, context) {
    const to = inetAddress(address);
    const which = to.board ?? context.board;
    if (which !== undefined) return onBoard(which, `/inet/${to.host ?? ""}/${to.port}`, context);
    if (context.type === SOCK_DGRAM) return datagrams({ port: 0 }, context, to);
    return connected(net.connect({ host: to.host || "localhost", port: to.port, allowHalfOpen: true }), to, context);
  },
  async listen(address, backlog, context) {
    const { host, port, board: which = context.board } = inetAddress(address);
    if (which !== undefined) {
      const { board, release } = await borrow(which, context.signal);
      context.onclose(release);
      const server = await board.net.listen(port, { backlog, signal: context.signal });
      return new BoardListener(server, { host: "0.0.0.0", port }, board.address);
    }
    return listening({ host: host || undefined, port, backlog }, backlog, context);
  },
  async bind(address, context) {
    const at = inetAddress(address);
    const which = at.board ?? context.board;
    if (which === undefined) return datagrams(at, context);
    const { board, release } = await borrow(which, context.signal);
    context.onclose(release);
    const socket = board.dgram.createSocket();
    await new Promise<void>((resolve, reject) => socket.once("error", reject).bind(at.port, resolve));
    return new DgramEndpoint(socket, undefined);
  },
};

const unix: Family = {
  types: [SOCK_STREAM],
  async connect(address, context) {
    const { path } = unixAddress(address);
    return connected(net.connect({ path, allowHalfOpen: true }), { path }, context);
  },
  async listen(address, backlog, context) {
    return listening({ path: unixAddress(address).path, backlog }, backlog, context);
  },
};

const netlink: Family = {
  types: [SOCK_STREAM],
  connect(address, context) {
    const which = typeof address === "string" ? address || undefined : (address as NetlinkAddress).board;
    return onBoard(which ?? context.board, NETLINK, context);
  },
};

/** A tap on a link: bound to a board, it has the frames that pass from then on. */
const packet: Family = {
  types: [SOCK_RAW],
  connect: () =>
    Promise.reject(new DevsockError("EOPNOTSUPP: a tap connects to nothing; bind it to the board whose link it reads")),
  async bind(address, context) {
    const which = typeof address === "string" ? address || undefined : (address as PacketBinding).board;
    const { board, release } = await borrow(which ?? context.board, context.signal);
    context.onclose(release);
    const waiting = context.options.get(SO_RCVBUF) as number | undefined;
    return new TapEndpoint(board.tap({ waiting }), { board: board.address });
  },
};

const FAMILIES: Record<string, Family> = {
  [AF_DEVICE]: device,
  [AF_INET]: inet,
  [AF_INET6]: inet,
  [AF_UNIX]: unix,
  [AF_NETLINK]: netlink,
  [AF_PACKET]: packet,
};

const HISTORIC = [AF_IPX, AF_X25, AF_AX25, AF_ATMPVC, AF_APPLETALK];

/**
 * The family of that name, if it has that type.
 * @throws DevsockError EAFNOSUPPORT, ESOCKTNOSUPPORT, EPROTONOSUPPORT
 */
export function familyOf(name: string, type: number, protocol: number): Family {
  if (HISTORIC.includes(name))
    throw new DevsockError(`EAFNOSUPPORT: no board speaks ${name.slice(3)}; use AF_DEVICE or AF_INET`);
  if (type === SOCK_PACKET)
    throw new DevsockError("ESOCKTNOSUPPORT: SOCK_PACKET is obsolete; AF_PACKET with SOCK_RAW is a tap on a link");
  const family = FAMILIES[name];
  if (!family)
    throw new DevsockError(`EAFNOSUPPORT: there is no family ${name}; there are ${Object.keys(FAMILIES).join(", ")}`);
  if (!family.types.includes(type))
    throw new DevsockError(
      `ESOCKTNOSUPPORT: ${name} has no ${TYPE_NAMES[type] ?? `type ${type}`}; it has ${family.types.map((t) => TYPE_NAMES[t]).join(", ")}`,
    );
  if (protocol !== 0 && !(name.startsWith("AF_INET") && protocol === (type === SOCK_STREAM ? 6 : 17)))
    throw new DevsockError(`EPROTONOSUPPORT: ${name} has no protocol ${protocol} of that type; 0 is the usual one`);
  return family;
}

async function onBoard(which: Board | string | undefined, address: string, context: Context): Promise<Endpoint> {
  const { type, options, signal } = context;
  const { board, release } = await borrow(which, signal);
  context.onclose(release);
  const wanted: SocketOptions = { type, signal };
  if (options.has(SO_PRIORITY)) wanted.priority = options.get(SO_PRIORITY) as Priority;
  if (options.has(SO_RCVBUF)) wanted.receiveBuffer = Number(options.get(SO_RCVBUF));
  if (options.has(SO_SNDBUF)) wanted.sendBuffer = Number(options.get(SO_SNDBUF));
  const socket = await board.connect(address, wanted);
  const peer = { board: board.address, device: address };
  const endpoint =
    address === NETLINK
      ? new NetlinkEndpoint(socket as SocketStream, board.address, peer)
      : endpointOf(socket, board.address, peer);
  const timestamps = (endpoint.timestamps = new Timestamps(board));
  context.onclose(() => timestamps.close());
  return endpoint;
}

/** Waits until a socket of Node is connected. */
function connected(socket: net.Socket, peer: unknown, { options, signal }: Context): Promise<Endpoint> {
  return new Promise((resolve, reject) => {
    const abort = (): void => void socket.destroy(canceled(signal!, "connecting was given up"));
    const fail = (error: Error): void => {
      signal?.removeEventListener("abort", abort);
      reject(fromNode(error, "network", typeof peer === "object" ? Object.values(peer!).join(":") : ""));
    };
    if (options.get(SO_KEEPALIVE)) socket.setKeepAlive(true);
    signal?.addEventListener("abort", abort, { once: true });
    socket.once("error", fail);
    socket.once("connect", () => {
      socket.off("error", fail);
      signal?.removeEventListener("abort", abort);
      const { localAddress, localPort } = socket;
      const local = localAddress === undefined ? undefined : { host: localAddress, port: localPort };
      resolve(new DuplexEndpoint(socket, local, peer));
    });
  });
}

function listening(where: net.ListenOptions, backlog: number, { type, signal }: Context): Promise<Listener> {
  if (type !== SOCK_STREAM)
    return Promise.reject(new DevsockError("EOPNOTSUPP: only streams and sockets with connections listen; bind it"));
  return new Promise((resolve, reject) => {
    const server = net.createServer({ allowHalfOpen: true });
    const name = where.path ?? `${where.host ?? ""}:${where.port}`;
    server.once("error", (error) => reject(fromNode(error, "network", name)));
    server.listen({ ...where, signal }, () => {
      const at = server.address();
      const local = typeof at === "object" && at ? { host: at.address, port: at.port } : { path: where.path };
      resolve(new NodeListener(server, local, backlog));
    });
  });
}

function datagrams({ host, port }: InetAddress, { options }: Context, peer?: InetAddress): Promise<Endpoint> {
  const six = (peer?.host ?? host ?? "").includes(":");
  const socket = dgram.createSocket({ type: six ? "udp6" : "udp4", reuseAddr: Boolean(options.get(SO_REUSEADDR)) });
  return new Promise((resolve, reject) => {
    socket.once("error", (error) => reject(fromNode(error, "network", `${host ?? ""}:${port}`)));
    socket.bind({ address: host || undefined, port }, () => {
      if (options.get(SO_BROADCAST)) socket.setBroadcast(true);
      resolve(new DgramEndpoint(socket, peer, options.get(SO_RCVBUF) as number | undefined));
    });
  });
}
