/** All transports, by the kind of address. */
import { parseAddress } from "../address.js";
import { serial } from "./serial.js";
import { tcp } from "./tcp.js";
import type { Transport } from "./transport.js";
import { udp } from "./udp.js";

/** The transport for an address. @throws DevsockError EINVAL for a wrong one */
export function transportFor(text: string): Transport {
  const address = parseAddress(text);
  switch (address.kind) {
    case "tcp":
      return tcp(address.host, address.port);
    case "udp":
      return udp(address.host, address.port);
    case "serial":
      return serial(address.path, address.baud);
  }
}
