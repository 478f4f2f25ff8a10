import type { OwnNetwork } from "../index.js";

/** How a computer gets to a board that is a network of its own, a line each. @param keyFile with the board's key, if it is known */
export function joining({ ssid, keyed, address }: OwnNetwork, keyFile = "FILE"): string[] {
  const password = keyed
    ? `this says: devsock key wifi ${keyFile}`
    : "it prints at its console, another one at each start";
  const access = keyed ? ` --key-file ${keyFile}` : "";
  return [
    `its network is ${ssid}, with the password that ${password}`,
    ...(address === undefined ? [] : [`next, in there: devsock ls ${address}${access}`]),
  ];
}
