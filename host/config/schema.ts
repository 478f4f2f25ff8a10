/** The shape of a board's configuration, devsock.json. docs/config.schema.json is made from it. */
import { z } from "zod";
import { boards } from "../../boards/index.js";
import { KEY_FORM } from "../key.js";
import { device } from "./devices.js";
import { baud, integer, must, path, pin, port, uart } from "./fields.js";

const boardIds = boards.map(({ id }) => id) as [string, ...string[]];

/** Those that hold a firmware; of the others it is said why they do not. */
const usable = boards.filter(({ refuses }) => refuses === undefined).map(({ id }) => id);

const serialLink = z
  .strictObject(
    {
      uart,
      baud,
      path: path.optional(),
      trusted: z.boolean(must("true or false")).describe("true: no key is asked for on this cable").optional(),
    },
    must('an object with "uart" and "baud"'),
  )
  .describe("Hosts reach the board over this UART");

/** What is wrong with a secret is said without it. A field with one has `writeOnly`: `secrets.ts`. */
function secret(be: string): { error: () => string } {
  return { error: () => `must be ${be}` };
}

const key = secret("64 hexadecimal digits: make a key with: devsock key new");

const address = z.ipv4(must("an IPv4 address"));

const network = z
  .strictObject(
    {
      ssid: z
        .string(must("a name"))
        .min(1, must("a name of 1 to 32 characters"))
        .max(32, must("a name of 1 to 32 characters"))
        .describe("Wireless: name of the network")
        .optional(),
      password: z
        .string(secret("a password of at most 63 characters"))
        .max(63, secret("a password of at most 63 characters"))
        .meta({ writeOnly: true })
        .describe("Wireless: its password")
        .optional(),
      accessPoint: z
        .literal(true, must("true, or left out"))
        .describe(
          "Wireless: true in place of ssid, for a board that is a network of its own, with the board's name and a password from its key",
        )
        .optional(),
      ip: address.describe("Ethernet: a fixed address; DHCP gives one if left out").optional(),
      subnet: address.describe("Ethernet: the mask; 255.255.255.0 if left out").optional(),
      gateway: address.describe("Ethernet: the router's address").optional(),
      dns: address.describe("Ethernet: the name server's address; the router's if left out").optional(),
    },
    must("an object"),
  )
  .describe("How the board joins its network, on boards that bring it up themselves");

const socket = z.strictObject(
  {
    port,
    insecure: z
      .boolean(must("true or false"))
      .describe("true: without a key, whoever reaches the port may do everything, and read everything")
      .optional(),
  },
  must('an object with a "port"'),
);

const links = z
  .strictObject(
    {
      tcp: socket.describe("Hosts reach the board over TCP").optional(),
      udp: socket.describe("Hosts reach the board over UDP").optional(),
      serial: serialLink.optional(),
    },
    must('an object with any of "tcp", "udp" and "serial"'),
  )
  .describe("How hosts reach the board; each link is optional");

const busPins = z
  .strictObject(
    {
      scl: pin.describe("I2C: clock").optional(),
      sda: pin.describe("I2C: data").optional(),
      sck: pin.describe("SPI: clock").optional(),
      miso: pin.describe("SPI: from the chips").optional(),
      mosi: pin.describe("SPI: to the chips").optional(),
    },
    must('an object with "scl" and "sda", or any of "sck", "miso" and "mosi"'),
  )
  .describe("Pins, where they are not the port's usual ones: all that are used");

const bus = z.strictObject(
  {
    port: z
      .string(must('the name of a port, such as "I2C1" or "SPI1"'))
      .describe("The interpreter's name of the port: I2C1, SPI1 ..."),
    bitrate: integer(1_000, 50_000_000, "a speed in bits a second")
      .describe("Bits a second; 100000 if left out")
      .optional(),
    mode: z
      .union([z.literal(0), z.literal(1), z.literal(2), z.literal(3)], must("a mode of SPI from 0 to 3"))
      .describe("SPI: clock's rest and edge; 0 if left out")
      .optional(),
    order: z
      .enum(["msb", "lsb"], must('"msb" or "lsb"'))
      .describe("SPI: which bit of a byte goes first; msb if left out")
      .optional(),
    pins: busPins.optional(),
    cs: z
      .array(pin, must("a list of pins"))
      .min(1, must("a list of 1 to 8 pins"))
      .max(8, must("a list of 1 to 8 pins"))
      .describe(
        "SPI: the chips' select pins, low when selected; a transaction names its chip by its number here, from 0",
      )
      .optional(),
  },
  must('an object with a "port"'),
);

const peer = z.strictObject(
  {
    address: z
      .string(must('the address of its link on TCP, such as "192.168.1.7:9180"'))
      .regex(
        /^[A-Za-z0-9.-]{1,63}:[1-9][0-9]{0,4}$/,
        must('the address of its link on TCP, such as "192.168.1.7:9180"'),
      )
      .describe("HOST:PORT of its link on TCP; an IPv4 address or a name that the board's network knows"),
    key: z
      .string(key)
      .regex(KEY_FORM, key)
      .meta({ writeOnly: true })
      .describe("Its key: it is dialled only if it proves that it has that, too")
      .optional(),
    insecure: z
      .boolean(must("true or false"))
      .describe("true: without a key, whoever has its address gets what is meant for it")
      .optional(),
  },
  must('an object with "address" and "key"'),
);

const name = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,15}$/, "must be named by up to 16 small letters, digits and hyphens, a letter first");

const endpoint = z.strictObject(
  {
    service: z
      .enum(["raw", "http"], must('the name of a service: "raw" or "http"'))
      .describe(
        "raw: the bytes of one connection are a printer's job; http: a camera's pictures, for one client at a time",
      ),
    device: z.string(must('the name of a device under "devices"')),
    peer: z
      .string(must('the name of a board under "peers"'))
      .describe('raw: the printer hangs on this board, under "peers"')
      .optional(),
    port,
    busy: z
      .enum(["wait", "refuse"], must('"wait" or "refuse"'))
      .describe("raw: what happens to a client while another's job runs; wait if left out")
      .optional(),
    idle: integer(1, 86_400, "a number of seconds")
      .describe("raw: a silent client's turn ends then; 60 if left out")
      .optional(),
    backlog: integer(1, 16, "a number of clients").describe("raw: clients that may wait; 4 if left out").optional(),
  },
  must('an object with "service", "device" and "port"'),
);

export const configSchema = z
  .strictObject(
    {
      board: z.enum(boardIds, must(`a board: ${usable.join(", ")}`)).describe("Kind of board"),
      name: z
        .string(must("a name"))
        .regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,31}$/, must("1 to 32 letters, digits and hyphens"))
        .describe("What the board calls itself; the kind of board if left out")
        .optional(),
      key: z
        .string(key)
        .regex(KEY_FORM, key)
        .meta({ writeOnly: true })
        .describe("The board's key, as devsock key new writes it; a file with a key must have mode 0600")
        .optional(),
      network: network.optional(),
      links: links.optional(),
      devices: z
        .record(name, device, must("an object with a device under each name"))
        .describe("What hangs on the board, by name")
        .optional(),
      buses: z
        .record(name, bus, must("an object with a bus under each name"))
        .describe("I2C and SPI buses that hosts may use (SOCK_RAW), by name")
        .optional(),
      endpoints: z.array(endpoint, must("a list")).describe("Ports for ordinary clients").optional(),
      peers: z
        .record(name, peer, must("an object with a board under each name"))
        .describe("Other boards, by name, that this one dials for its programs and its ports")
        .optional(),
      inet: z
        .boolean(must("true or false"))
        .describe("true: whoever has a session may open sockets of the board's own network; false if left out")
        .optional(),
    },
    must('an object with at least "board"'),
  )
  .describe("Configuration of a devsock board: the file devsock.json in its Storage");

/** Names of its sections. */
export const KEYS: readonly string[] = Object.keys(configSchema.shape);

export type Config = z.infer<typeof configSchema>;
export type NetworkConfig = z.infer<typeof network>;
export type LinksConfig = z.infer<typeof links>;
export type SerialLinkConfig = z.infer<typeof serialLink>;
export type { DeviceConfig, PrinterConfig, SensorConfig } from "./devices.js";
export type BusConfig = z.infer<typeof bus>;
export type EndpointConfig = z.infer<typeof endpoint>;
