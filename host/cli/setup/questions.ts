/** What set-up has to know of a board and its network. */
import { boards, DevsockError, listPorts, newKey, recognise } from "../../index.js";
import type { BoardSpec, Wishes } from "../../index.js";
import { CommandError, ExitCode } from "../exit.js";
import { givenKey, givenWifiPassword } from "../key.js";
import { usage } from "./asker.js";
import type { Asker, Choice } from "./asker.js";

/** What flags said. */
export interface Flags {
  port?: string;
  baud: number;
  board?: string;
  name?: string;
  ssid?: string;
  accessPoint?: boolean;
  wifiPasswordFile?: string;
  keyFile?: string;
  ip?: string;
  tcpPort?: number;
  insecure?: boolean;
  rawPort?: number;
  httpPort?: number;
  /** By name: the driver, and settings behind it. */
  device?: Record<string, string>;
}

export interface Place {
  port: string;
  board: BoardSpec;
  /** That the board has already, and keeps. */
  key: Uint8Array | undefined;
  /** The port of the board that its console is at. */
  console: string | undefined;
}

const OTHER = "other";

/**
 * Where the board is, and what it is.
 * @param flags keyFile is set to the file that is asked for where the console is locked
 * @param known a key that it may have
 */
export async function askPlace(asker: Asker, flags: Flags, known: Uint8Array | undefined): Promise<Place> {
  const port = await askPort(asker, flags.port);
  let key = known;
  for (;;) {
    try {
      const { boards, version, console } = await recognise(port, flags.baud, key);
      const board = await askBoard(asker, boards, flags.board);
      asker.tell("Found", [`${board.title}, Espruino ${version}`]);
      return { port, board, key, console };
    } catch (error) {
      const known = error instanceof DevsockError;
      if (!known || error.code !== "EACCES" || error.origin !== "peer" || asker.silent)
        throw known ? new CommandError(error, error.origin === "link" ? ExitCode.unavailable : ExitCode.failed) : error;
      asker.tell("Locked", [error.sentence]);
      const file = await asker.text({ flag: "--key-file", message: "The file with this board's key" });
      key = await givenKey((flags.keyFile = file));
    }
  }
}

async function askPort(asker: Asker, given: string | undefined): Promise<string> {
  if (given !== undefined || asker.silent)
    return asker.text({ flag: "--port", message: "The board's serial port", given });
  const found = await listPorts();
  const choices = found.map(({ path, about }): Choice => ({ value: path, label: path, ...(about && { hint: about }) }));
  const port = await asker.choose({
    ...{ flag: "--port", message: "Which serial port is the board's console on?" },
    choices: [...choices, { value: OTHER, label: "another one" }],
  });
  return port === OTHER ? asker.text({ flag: "--port", message: "Its path", check: notEmpty }) : port;
}

async function askBoard(asker: Asker, found: BoardSpec[], given: string | undefined): Promise<BoardSpec> {
  const choices = found.map(({ id, title }): Choice => ({ value: id, label: title, hint: id }));
  const id = await asker.choose({
    ...{ flag: "--board", message: "Which of these boards is it?", choices },
    given: given ?? (found.length === 1 ? found[0]!.id : undefined),
  });
  return boards.find((board) => board.id === id)!;
}

/** Secrets, and where they come from. */
export interface Secrets {
  key: string | Uint8Array | undefined;
  /** It was made just now. */
  fresh: boolean;
  wifiPassword: string | undefined;
}

export async function askName(asker: Asker, { name: given }: Flags, board: BoardSpec): Promise<string> {
  const check = (text: string): string | undefined =>
    /^[A-Za-z0-9][A-Za-z0-9-]{0,31}$/.test(text) ? undefined : "1 to 32 letters, digits and hyphens";
  return asker.text({ flag: "--name", message: "What shall it be called?", given, usual: board.id, check });
}

/** @param there the key of its file, or of the board */
export async function askNetwork(
  asker: Asker,
  flags: Flags,
  { board }: Place,
  there: Uint8Array | undefined,
): Promise<{ network: Pick<Wishes, "ssid" | "ip" | "insecure" | "tcpPort">; secrets: Secrets }> {
  const { network, crypto } = board;
  const secrets: Secrets = {
    key: crypto ? (there ?? newKey()) : undefined,
    fresh: crypto && there === undefined,
    wifiPassword: undefined,
  };
  const common = { tcpPort: flags.tcpPort };
  const insecure = !crypto && network.sockets > 0;
  if (insecure && !(await asker.confirm({ ...OPEN, given: flags.insecure, ...(asker.silent && { usual: false }) })))
    throw usage(
      `${board.id} has no keys, so it is open to its network, or not on it; say --insecure, or take another board`,
    );
  const open = insecure ? { insecure } : {};
  if (network.module === "WIZnet") {
    const given = flags.ip ?? (asker.silent ? "" : undefined);
    const ip = await asker.text({ flag: "--ip", message: "A fixed address, or nothing for DHCP", given, usual: "" });
    return { network: { ...common, ...open, ip: ip || undefined }, secrets };
  }
  if (network.module !== "Wifi" || flags.accessPoint) return { network: { ...common, ...open }, secrets };
  const ssid = await asker.text({
    flag: "--ssid",
    message: "The wireless network that it joins",
    given: flags.ssid,
    check: notEmpty,
  });
  secrets.wifiPassword = await asker.secret({
    ...{ flag: "--wifi-password-file", message: `The password of ${ssid}; nothing for an open one` },
    given: await givenWifiPassword(flags.wifiPasswordFile),
    check: (text) => (text.length > 63 ? "at most 63 characters" : undefined),
  });
  return { network: { ...common, ...open, ssid }, secrets };
}

const OPEN = {
  flag: "--insecure",
  message: "This board has no keys: whoever reaches its port may do everything. Go on?",
};

export const notEmpty = (text: string): string | undefined => (text ? undefined : "something is needed here");
