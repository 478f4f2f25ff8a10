/** A board that is a wireless network of its own, and where one is after an update. docs/network.md. */
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

/** For whoever updates a board over a network, which does not tell the one that it is in: where it is looked for afterwards. A line each. */
export function describePlace(config: Config): string[] {
  const { network, links = {} } = config;
  const own = ownNetworkOf(config);
  const ssid = own?.ssid ?? network?.ssid;
  if (ssid === undefined) return [];
  const what = own ? `it becomes the network ${ssid}` : `it joins ${ssid}`;
  const lost =
    own || network?.ip !== undefined || links.udp
      ? ""
      : ", and say hello to it there, as without a UDP link it is not found at a new address: devsock ls ADDRESS";
  return [
    `${what}: if that is another network than now, have this computer there within three minutes, or it goes back to what it had${lost}`,
  ];
}
