/** A board that is a wireless network of its own, and those that change their network. docs/network.md. */
import { formatAddress } from "../address.js";
import type { Config } from "../config/index.js";

export interface OwnNetwork {
  ssid: string;
  /** Its password follows from the board's key; else the board prints one at its console at each start. */
  keyed: boolean;
  /** Of the board's link, for who has joined it. */
  address?: string;
}

/** What the interpreters give an access point. */
const HOST = "192.168.4.1";

/** @returns nothing of a board that joins another one's */
export function ownNetworkOf({ board, name, key, network, links = {} }: Config): OwnNetwork | undefined {
  if (!network?.accessPoint) return undefined;
  const kind = links.tcp ? "tcp" : "udp";
  const link = links[kind];
  return {
    ssid: name ?? board,
    keyed: key !== undefined,
    ...(link && { address: formatAddress({ kind, host: HOST, port: link.port }) }),
  };
}

/** In words for who updates a board over the network that it leaves, or nothing where it stays in that. */
export function describeMove(from: Config, to: Config): string | undefined {
  const own = ownNetworkOf(to);
  const ssid = own?.ssid ?? to.network?.ssid;
  if (ssid === undefined || ssid === (ownNetworkOf(from)?.ssid ?? from.network?.ssid)) return undefined;
  const what = own ? `it becomes the network ${ssid}` : `it joins the network ${ssid}`;
  return `${what}: this computer has to be there within three minutes, or it goes back to what it had`;
}
