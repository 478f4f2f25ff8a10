import type { Command } from "commander";
import { connect, DevsockError, flash, tryOut } from "../../index.js";
import type { Board, BoardOptions, FlashReport } from "../../index.js";
import { CommandError, ExitCode } from "../exit.js";
import { firmwareDirectory } from "../firmware.js";
import { joining } from "../joining.js";
import { givenKey, takesKey, takesWifiPassword } from "../key.js";
import { device, integer, port } from "../options.js";
import { Asker } from "../setup/asker.js";
import { filesFor, isThere, keyThere, writePrivate } from "../setup/files.js";
import type { SetupFiles } from "../setup/files.js";
import { askDevices } from "../setup/devices.js";
import { askName, askNetwork, askPlace } from "../setup/questions.js";
import type { Flags, Secrets } from "../setup/questions.js";
import { transfer } from "../transfer.js";

interface Options extends Flags {
  dir: string;
  force?: boolean;
  yes?: boolean;
  test: boolean;
  json?: boolean;
}

const HELP = `
Asks for what it has to know, writes it to files, makes the board's key, flashes, and ends with a test print, a picture or a reading.
What a flag answers is not asked; without a terminal, with --yes and with --json nothing is.

The configuration NAME.json has no secrets: the key is in NAME.key, the WiFi password in NAME.wifi, for you alone.

Settings of a device stand behind its driver: printer0=escpos,baud=9600,flow=xonxoff,tx=B6,rx=B7. Ports and pins that are left out are
chosen so that none is taken twice.

Examples:
  devsock setup
  devsock setup --port /dev/ttyACM0 --name desk --ssid lab --wifi-password-file lab.wifi --device printer0=escpos,baud=9600 --yes`;

export function addSetup(program: Command): void {
  takesWifiPassword(takesKey(program.command("setup")))
    .summary("from a bare board to a test print: asks, writes, flashes, tries")
    .description("Sets a board up from the beginning, by its console.")
    .option("--port <port>", "the serial port of the board's console, such as /dev/ttyACM0")
    .option("--baud <bits>", "bits a second of the console, where it is no USB", integer, 115_200)
    .option("--board <id>", "the board, where its interpreter may be that of several")
    .option("--name <name>", "what the board is called, and its files")
    .option("--ssid <name>", "the wireless network that it joins")
    .option("--access-point", "it is a wireless network of its own")
    .option("--ip <address>", "a fixed address, on Ethernet; DHCP if left out")
    .option("--tcp-port <port>", "the port of its link; 9180 by default", port)
    .option("--insecure", "of a board without keys: whoever reaches its port may do everything")
    .option("--device <device>", "NAME=DRIVER and settings; once for each device", device)
    .option("--raw-port <port>", "whoever reaches this port can print, without a key; usually 9100", port)
    .option("--http-port <port>", "whoever reaches this port gets a camera's pictures, without a key; usually 80", port)
    .option("--dir <directory>", "where its files go", ".")
    .option("--force", "replace files of that name; a key that is there is kept")
    .option("--yes", "ask nothing: what no flag says is as usual")
    .option("--no-test", "no test print, picture or reading")
    .option("--json", "print one line of JSON: the report, or the error")
    .addHelpText("after", HELP)
    .action((options: Options) => setup(options));
}

async function setup(options: Options): Promise<void> {
  const { dir, json, yes, test } = options;
  const asker = new Asker(!!json || !!yes || !process.stdin.isTTY || !process.stdout.isTTY);
  // Of the board that was set up under that name before.
  const before = options.name === undefined ? undefined : await keyThere(filesFor(dir, options.name).key);
  const place = await askPlace(asker, options, (await givenKey(options.keyFile)) ?? before);
  const name = await askName(asker, options, place.board);
  const files = filesFor(dir, name);
  const there = place.key ?? (await keyThere(files.key));
  const { network, secrets } = await askNetwork(asker, options, place, there);
  const { config } = await askDevices(asker, options, place, { name, ...network }, secrets);
  const force = await mayReplace(asker, files, secrets, options.force);
  if (!(await asker.confirm({ flag: "--yes", message: "Write this to files, and onto the board?", usual: true })))
    throw new CommandError(new DevsockError("ECANCELED: nothing was written"), ExitCode.interrupted);
  await writeAll(files, config, secrets, force);
  await transfer(
    json,
    async (telling) => {
      const given = { key: secrets.key, wifiPassword: secrets.wifiPassword };
      const flashed = { port: place.port, baud: options.baud, config, firmware: firmwareDirectory(), ...given };
      const report = await flash({ ...flashed, ...telling }).catch(
        hinting(() => goOn(options, place.port, files, secrets)),
      );
      const { address, info } = report;
      if (!test || address === undefined || !info) return { ...report, files: filesOf(files, secrets) };
      telling.onStep("trying it");
      const access = { signal: telling.signal, ...(secrets.key !== undefined && { key: secrets.key }) };
      const tried = await onceConnected(address, access, (board) =>
        tryOut(board, info, files.picture, telling.signal),
      ).catch(
        hinting(() => `the board is set up all the same: devsock status ${address}${keyed(files, options, secrets)}`),
      );
      return { ...report, files: filesOf(files, secrets), tried };
    },
    (report) => describe(report, files, secrets, whatNext(report, files, options, secrets)),
  );
}

async function onceConnected<T>(address: string, access: BoardOptions, work: (board: Board) => Promise<T>): Promise<T> {
  const board = await connect(address, access);
  try {
    return await work(board);
  } finally {
    await board.close();
  }
}

/** Whether files that are there may be replaced: what is asked before anything is written. */
async function mayReplace(
  asker: Asker,
  { config, wifi }: SetupFiles,
  { wifiPassword }: Secrets,
  given?: boolean,
): Promise<boolean> {
  const there = (await isThere(config)) || (wifiPassword !== undefined && (await isThere(wifi)));
  if (!there || asker.silent) return !!given;
  return asker.confirm({ flag: "--force", message: `Replace ${config}, which is there already?`, given, usual: true });
}

async function writeAll(
  files: SetupFiles,
  config: object,
  { key, fresh, wifiPassword }: Secrets,
  force: boolean,
): Promise<void> {
  await writePrivate(files.config, JSON.stringify(config, undefined, 2) + "\n", force);
  // The board gets it only when it is safe here.
  if (fresh) await writePrivate(files.key, `${key as string}\n`, false);
  if (wifiPassword !== undefined) await writePrivate(files.wifi, `${wifiPassword}\n`, force);
}

/** What is left to do when this ends early, on stderr. */
function hinting(hint: () => string): (error: unknown) => never {
  return (error) => {
    if (error instanceof DevsockError)
      throw Object.assign(
        new DevsockError(`${error.failure}\n  ${hint()}`, error),
        error.reach && { reach: error.reach },
      );
    throw error;
  };
}

function keyed({ key }: SetupFiles, { keyFile }: Flags, secrets: Secrets): string {
  return secrets.key === undefined ? "" : ` --key-file ${keyFile ?? key}`;
}

function goOn(options: Flags, port: string, files: SetupFiles, secrets: Secrets): string {
  const wifi = secrets.wifiPassword === undefined ? "" : ` --wifi-password-file ${files.wifi}`;
  return `what was asked is written down; go on with: devsock flash --port ${port} --config ${files.config}${keyed(files, options, secrets)}${wifi}`;
}

function filesOf({ config, key, wifi }: SetupFiles, secrets: Secrets): string[] {
  return [config, ...(secrets.fresh ? [key] : []), ...(secrets.wifiPassword === undefined ? [] : [wifi])];
}

function whatNext({ address, ownNetwork }: FlashReport, files: SetupFiles, options: Flags, secrets: Secrets): string[] {
  const access = keyed(files, options, secrets);
  if (address !== undefined) return [`next: devsock ls ${address}${access}`];
  if (ownNetwork) return joining(ownNetwork, options.keyFile ?? files.key);
  return ["devsock discover finds it on its network", `next: devsock ls ADDRESS${access}`];
}

function describe(
  { address, info, buses, tried }: FlashReport & { tried?: string },
  files: SetupFiles,
  secrets: Secrets,
  next: string[],
): string[] {
  return [
    ...buses,
    ...(info?.devices.map(({ name, driver, status }) => `${name} (${driver}): ${status.summary}`) ?? []),
    ...(tried === undefined ? [] : [tried]),
    address === undefined
      ? "done: it runs, and was not reached from here"
      : `done: ${info!.name} says hello at ${address}`,
    `keep ${filesOf(files, secrets).join(", ")}`,
    ...next,
  ];
}
