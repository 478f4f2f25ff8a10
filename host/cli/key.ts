/** The key that a command uses: from a file, or from the environment. Never from its arguments, which others can see. */
import type { Command } from "commander";
import { parseKey, readKeyFile, readSecret } from "../index.js";
import { ExitCode, orExit } from "./exit.js";

/** The environment's variable. */
const VARIABLE = "DEVSOCK_KEY";

/** Adds the option to a command that talks to a board. */
export function takesKey(command: Command): Command {
  return command.option("--key-file <file>", `the board's key, in a file of mode 0600; else the variable ${VARIABLE}`);
}

/** @throws CommandError for a file or a variable that holds no key, or a file that others may read */
export async function givenKey(file: string | undefined): Promise<Uint8Array | undefined> {
  if (file !== undefined) return orExit(readKeyFile(file), ExitCode.noInput);
  const text = process.env[VARIABLE];
  // One that is set and empty is a secret that did not arrive: to go on without a key would be worse.
  return text === undefined ? undefined : orExit(parsed(text), ExitCode.usage);
}

/** The environment's variable for the password of a wireless network. */
const WIFI_VARIABLE = "DEVSOCK_WIFI_PASSWORD";

/** Longest file that is taken for one with a password. */
const LONGEST = 256;

/** Adds the option to a command that takes a board's configuration. */
export function takesWifiPassword(command: Command): Command {
  return command.option(
    "--wifi-password-file <file>",
    `the WiFi password that the configuration lacks, in a file of mode 0600; else the variable ${WIFI_VARIABLE}`,
  );
}

/** @throws CommandError for a file that cannot be read, or that others may read */
export async function givenWifiPassword(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return process.env[WIFI_VARIABLE];
  return (await orExit(readSecret(file, LONGEST), ExitCode.noInput)).replace(/\r?\n$/, "");
}

async function parsed(text: string): Promise<Uint8Array> {
  return parseKey(text, `the variable ${VARIABLE}`);
}
