/** Which slots a new firmware and a new configuration get, and how the board's log says so. docs/decisions/0013. */
import { bootState, condense, LOG_BYTES, logEntry, LOGS, Mark, WHOLE } from "../../protocols/service/boot-log.js";
import type { BootState } from "../../protocols/service/boot-log.js";

/** A part of a file in Storage to be written, or without data a file to be erased. */
export interface Write {
  name: string;
  offset: number;
  data?: Uint8Array;
  /** Of a new file: its size. */
  size?: number;
}

export interface Slots {
  /** 0 or 1. */
  firmware: number;
  config: number;
}

/** Endings of the names of a firmware's files, by slot. */
const ENDINGS = ["", ".b"] as const;

export function firmwareName(name: string, slot: number): string {
  return name + ENDINGS[slot]!;
}

export function configName(slot: number): string {
  return slot ? "devsock.b.json" : "devsock.json";
}

/** Whether a file is of the firmware's slot that runs. */
export function isOfSlot(name: string, { firmware }: Slots): boolean {
  return !/\.(json|key)$/.test(name) && name.endsWith(ENDINGS[1]) === (firmware === 1);
}

/** The log of a board, and what is to be written into it. */
export class BootLog {
  private readonly state: BootState | null;
  private readonly name: string;

  /** @param logs what Storage has of `LOGS`, null where there is none */
  constructor(logs: Readonly<Record<string, Uint8Array | null>>) {
    const found = LOGS.find((name) => bootState(logs[name] ?? undefined) !== null);
    this.name = found ?? LOGS[0]!;
    this.state = found === undefined ? null : bootState(logs[found]!);
  }

  /** What is started now, or nothing where no firmware with slots was ever there. */
  get running(): Slots | undefined {
    const { state } = this;
    if (!state) return undefined;
    const slots = state.good < 0 ? state.last : state.good;
    return { firmware: slots & 1, config: slots >> 1 };
  }

  /** What was started last, and has not proved itself yet. */
  get last(): Slots | undefined {
    return this.state?.starts ? { firmware: this.state.last & 1, config: this.state.last >> 1 } : undefined;
  }

  /** These slots are about to be written: nothing may go back to what was there. */
  gone(slots: Slots): Write[] {
    return this.state ? this.add(Mark.gone, slots) : [];
  }

  /** To be tried at the next start. */
  staged(slots: Slots): Write[] {
    return this.add(Mark.staged, slots);
  }

  private add(mark: Mark, slots: Slots): Write[] {
    const { state } = this;
    const data = logEntry(mark, numberOf(slots));
    if (!state) return fresh(LOGS[0]!, data);
    if (state.end < WHOLE) return [{ name: this.name, offset: state.end, data }];
    const other = LOGS.find((name) => name !== this.name)!;
    return [
      { name: other, offset: 0 },
      ...fresh(other, Buffer.concat([condense(state), data])),
      { name: this.name, offset: 0 },
    ];
  }
}

function fresh(name: string, entries: Uint8Array): Write[] {
  return [
    { name, offset: 0, data: entries, size: LOG_BYTES },
    { name, offset: WHOLE, data: Buffer.from([0, 0]) },
  ];
}

function numberOf({ firmware, config }: Slots): number {
  return firmware | (config << 1);
}
