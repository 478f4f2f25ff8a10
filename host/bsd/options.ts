/** setsockopt and getsockopt. docs/sockets.md says which option works where. */
import {
  SO_BROADCAST,
  SO_ERROR,
  SO_KEEPALIVE,
  SO_LINGER,
  SO_PRIORITY,
  SO_RCVBUF,
  SO_RCVTIMEO,
  SO_REUSEADDR,
  SO_SNDBUF,
  SO_SNDTIMEO,
  SO_TIMESTAMP,
  SO_TYPE,
  SOL_DEVICE,
  SOL_PACKET,
  SOL_SOCKET,
} from "../constants.js";
import { DevsockError } from "../errors.js";
import { noOption } from "./endpoint.js";
import type { SocketHandle } from "./handle.js";
import { answered } from "./last.js";
import type { Last } from "./last.js";

/** SO_LINGER. */
export interface Linger {
  on: boolean;
  seconds: number;
}

interface Rule {
  /** What it is before it is set. */
  initial: unknown;
  /** @returns why the value makes no sense, or "" */
  wrong(value: unknown): string;
  /** Whether a socket that is open is told. */
  passed?: boolean;
  /** Whether it must be set before the socket is connected. */
  early?: boolean;
}

const flag = (value: unknown): string => (typeof value === "boolean" ? "" : "true or false");
const count = (value: unknown): string =>
  Number.isInteger(value) && (value as number) > 0 ? "" : "a whole number above 0";
const time = (value: unknown): string =>
  typeof value === "number" && value >= 0 ? "" : "milliseconds, 0 for no limit";

const RULES = new Map<number, Rule>([
  [SO_REUSEADDR, { initial: false, wrong: flag }],
  [SO_BROADCAST, { initial: false, wrong: flag, passed: true }],
  [SO_KEEPALIVE, { initial: false, wrong: flag, passed: true }],
  [SO_TIMESTAMP, { initial: false, wrong: flag }],
  [SO_RCVBUF, { initial: undefined, wrong: count, passed: true }],
  [SO_SNDBUF, { initial: undefined, wrong: count, passed: true }],
  [SO_RCVTIMEO, { initial: 0, wrong: time }],
  [SO_SNDTIMEO, { initial: 0, wrong: time }],
  [SO_PRIORITY, { initial: 0, wrong: (n) => ([0, 1, 2, 3].includes(n as number) ? "" : "0 to 3"), early: true }],
  [
    SO_LINGER,
    {
      initial: { on: false, seconds: 0 },
      wrong: (value) => {
        const linger = value as Linger | null;
        const fine = typeof linger?.on === "boolean" && typeof linger.seconds === "number" && linger.seconds >= 0;
        return fine ? "" : "{ on, seconds }";
      },
    },
  ],
]);

/** @throws DevsockError ENOPROTOOPT, EINVAL, EISCONN for what must be set before the socket is connected */
export function setsockopt(
  s: SocketHandle,
  level: number,
  name: number | string,
  value: unknown,
  last?: Last<void>,
): Promise<void> {
  return answered(last, async () => {
    s.check();
    if (level === SOL_DEVICE) return s.connected().setOption(level, name, value);
    const rule = level === SOL_SOCKET && typeof name === "number" ? RULES.get(name) : undefined;
    if (!rule) throw noOption(name);
    const wrong = rule.wrong(value);
    if (wrong) throw new DevsockError(`EINVAL: that option is ${wrong}`);
    if (rule.early && s.endpoint)
      throw new DevsockError("EISCONN: this option travels with the connection; set it before connect");
    if (rule.passed && s.endpoint) await s.endpoint.setOption(level, name, value);
    s.options.set(name as number, value);
  });
}

/** @throws DevsockError ENOPROTOOPT */
export function getsockopt(
  s: SocketHandle,
  level: number,
  name: number | string,
  last?: Last<unknown>,
): Promise<unknown> {
  return answered(last, async () => {
    s.check();
    if (level === SOL_DEVICE || level === SOL_PACKET) return s.connected().getOption(level, name);
    if (level !== SOL_SOCKET) throw noOption(name);
    if (name === SO_TYPE) return s.type;
    if (name === SO_ERROR) {
      const { error } = s;
      s.error = undefined;
      return error?.code ?? 0;
    }
    const rule = typeof name === "number" ? RULES.get(name) : undefined;
    if (!rule) throw noOption(name);
    return s.options.get(name as number) ?? rule.initial;
  });
}
