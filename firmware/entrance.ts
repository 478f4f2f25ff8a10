/** Who may come in: the board's key, its door, and its console, which is locked. */
import { board } from "#board";
import { hmac, hmacKey } from "../protocols/crypto/index.js";
import type { HmacKey } from "../protocols/crypto/index.js";
import { CONSOLE, CONSOLE_PASSWORD } from "../protocols/service/secrets.js";
import { Door } from "../protocols/session/door.js";
import type { Sockets } from "../protocols/socket/sockets.js";
import { config } from "./config.js";
import type { Link } from "./endpoint/link.js";
import { findSession } from "./endpoint/links.js";
import { gatherRandom, randomWord, stir } from "./io/random.js";
import { keyOf } from "./network/index.js";

// The door's first challenge needs them.
if (board.crypto) gatherRandom(board.paths);
/** Where nothing can be hashed the interpreter's own numbers have to do: there is no key that they would guard. */
export const random = board.crypto ? randomWord : () => E.hwRand() >>> 0;
const key = board.crypto && config.key ? keyOf(config.key) : null;
if (key) stir(key);
/** Tells this start of the board from the others. */
export const boot = random();
export const door = new Door(random, key ? hmacKey(key) : null, findSession);

/** Of the console: whoever has the board's key knows it. */
function consolePassword(key: HmacKey): string {
  return btoa(hmac(key, CONSOLE)).substring(0, CONSOLE_PASSWORD);
}

/** Of the console, for a session whose sides have shown each other the board's key; for others "". @later console */
export function passwordFor(sockets: Sockets): string {
  return door.key && !(sockets.owner as Link).session.traits.trusted ? consolePassword(door.key) : "";
}

// Nobody else reads Storage there.
if (board.crypto && door.key) {
  E.setPassword(consolePassword(door.key));
  E.lockConsole();
}
if (board.network.telnet) require("TelnetServer").setOptions({ mode: "off" });
