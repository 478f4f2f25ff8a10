/** What set-up has to know of what hangs on a board, and of who may reach that. */
import { ConfigError, devicesFor, DevsockError, draft } from "../../index.js";
import type { BoardSpec, DeviceWiring, DeviceWish, Draft, EndpointWish, Wires, Wishes } from "../../index.js";
import { ExitCode, orExit } from "../exit.js";
import { firmwareDirectory } from "../firmware.js";
import { usage } from "./asker.js";
import type { Asker } from "./asker.js";
import { notEmpty } from "./questions.js";
import type { Flags, Place, Secrets } from "./questions.js";

/** Its devices, until all of it fits, and ports for ordinary clients. */
export async function askDevices(
  asker: Asker,
  flags: Flags,
  { board, console }: Place,
  wishes: Omit<Wishes, "devices" | "board" | "console">,
  secrets: Secrets,
): Promise<Draft> {
  const of = (devices: readonly DeviceWish[], endpoints: readonly EndpointWish[] = []): Draft =>
    draft({ ...wishes, board: board.id, console, devices, endpoints }, secrets, firmwareDirectory());
  const { made, devices } = await askWhatHangs(asker, flags, board, of);
  return askEndpoints(asker, flags, made, (endpoints) => of(devices, endpoints));
}

/** What serves clients that know nothing of devsock. */
const CLIENTS = [
  {
    service: "raw",
    drivers: ["escpos"],
    flag: "--raw-port",
    port: 9100,
    message: "print on NAME at port 9100, as they do on a printer with a network socket",
  },
  {
    service: "http",
    drivers: ["vc0706", "ov528", "ov2640"],
    flag: "--http-port",
    port: 80,
    message: "get the pictures of NAME with a browser, at port 80",
  },
] as const;

/** They need no key, so nobody gets them unasked; where the board has no room for one it is not asked. */
async function askEndpoints(
  asker: Asker,
  flags: Flags,
  made: Draft,
  of: (endpoints: readonly EndpointWish[]) => Draft,
): Promise<Draft> {
  const endpoints: EndpointWish[] = [];
  let draft = made;
  for (const { service, drivers, flag, message, port } of CLIENTS) {
    const given = service === "raw" ? flags.rawPort : flags.httpPort;
    const devices = Object.entries(made.config.devices ?? {});
    const device = devices.find(([, { driver }]) => drivers.some((each) => each === driver))?.[0];
    if (device === undefined) {
      if (given !== undefined) throw usage(`${flag}: there is no ${service === "raw" ? "printer" : "camera"} for it`);
      continue;
    }
    const wish: EndpointWish[] = [...endpoints, { service, device, port: given ?? port }];
    if (given === undefined) {
      const fitting = asker.silent ? undefined : fits(() => of(wish));
      if (!fitting) continue;
      const hidden = draft.config.links?.udp && !fitting.config.links?.udp;
      const cost = hidden
        ? "It takes the room of UDP: devsock discover does not find this board then"
        : "It needs no key";
      const question = `Shall whoever reaches this board ${message.replace("NAME", device)}? ${cost}`;
      if (!(await asker.confirm({ flag, message: question, usual: false }))) continue;
    }
    draft = await orExit(
      Promise.resolve().then(() => of(wish)),
      ExitCode.usage,
    );
    endpoints.push(wish.at(-1)!);
  }
  return draft;
}

function fits(draft: () => Draft): Draft | undefined {
  try {
    return draft();
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}

async function askWhatHangs(
  asker: Asker,
  flags: Flags,
  board: BoardSpec,
  of: (devices: readonly DeviceWish[]) => Draft,
): Promise<{ made: Draft; devices: readonly DeviceWish[] }> {
  if (flags.device || asker.silent) {
    const devices = Object.entries(flags.device ?? {}).map(([name, text]) => wishOf(name, text));
    const made = await orExit(
      Promise.resolve().then(() => of(devices)),
      ExitCode.usage,
    );
    return { made, devices };
  }
  for (;;) {
    const chosen = await asker.chooseAll(
      "What hangs on it? (space chooses, enter goes on)",
      devicesFor(board).map(({ driver, title }) => ({ value: driver, label: title, hint: driver })),
    );
    const devices: DeviceWish[] = [];
    for (const driver of chosen)
      devices.push({
        driver,
        settings: await askSettings(
          asker,
          board,
          devicesFor(board).find((each) => each.driver === driver)!,
        ),
      });
    try {
      const made = of(devices);
      if (await settled(asker, made)) return { made, devices };
      for (const [i, { device, wires }] of made.wires.entries())
        devices[i] = {
          ...devices[i]!,
          settings: { ...devices[i]!.settings, ...(await askPins(asker, device, wires)) },
        };
      const changed = of(devices);
      if (await settled(asker, changed)) return { made: changed, devices };
    } catch (error) {
      if (!(error instanceof DevsockError)) throw error;
      asker.tell(
        "That does not fit",
        error instanceof ConfigError ? error.faults.map(({ path, problem }) => `${path} ${problem}`) : [error.sentence],
      );
    }
  }
}

async function settled(asker: Asker, { wires }: Draft): Promise<boolean> {
  if (wires.every(({ wires }) => wires.length === 0)) return true;
  asker.tell(
    "Wires",
    wires.flatMap(({ title, wires }) => [title, ...wires.map(([terminal, , pin]) => `  ${terminal.padEnd(8)} ${pin}`)]),
  );
  return asker.confirm({ flag: "--device", message: "Is it wired like that, or can it be?", usual: true });
}

async function askPins(asker: Asker, device: string, wires: Wires["wires"]): Promise<Record<string, string>> {
  const pins: Record<string, string> = {};
  for (const [terminal, signal, usual] of wires) {
    const pin = await asker.text({ flag: "--device", message: `${device}: ${terminal} is on`, usual });
    if (pin !== usual) pins[signal] = pin;
  }
  return pins;
}

async function askSettings(
  asker: Asker,
  board: BoardSpec,
  { driver, title, on, baud }: DeviceWiring,
): Promise<Record<string, string>> {
  const settings: Record<string, string> = {};
  const flag = "--device";
  if (board.paths && on === "uart")
    settings["path"] = await asker.text({
      flag,
      message: `${title}: its terminal device, such as /dev/ttyUSB0`,
      check: notEmpty,
    });
  if (driver !== "escpos") return settings;
  const number = (text: string): string | undefined => (/^\d+$/.test(text) ? undefined : "a number of bits a second");
  settings["baud"] = await asker.text({ flag, message: `${title}: bits a second`, usual: String(baud), check: number });
  const flow = await asker.choose({
    ...{ flag, message: `${title}: how does it say that its buffer is full?` },
    choices: [
      { value: "none", label: "not at all, or nobody knows" },
      { value: "xonxoff", label: "XON and XOFF, on its data line" },
    ],
  });
  if (flow !== "none") settings["flow"] = flow;
  return settings;
}

/** `escpos,baud=9600` */
function wishOf(name: string, text: string): DeviceWish {
  const [driver, ...rest] = text.split(",");
  const settings = rest.map((each) => {
    const at = each.indexOf("=");
    if (at < 1) throw usage(`--device ${name}: ${each} is no setting; give NAME=VALUE`);
    return [each.slice(0, at), each.slice(at + 1)] as const;
  });
  return { driver: driver!, name, settings: Object.fromEntries(settings) };
}
