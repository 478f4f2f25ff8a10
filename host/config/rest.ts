/** What is left of a configuration with faults of shape, so that the rules are checked at the same time. */
import type { Fault } from "./rules.js";
import { KEYS } from "./schema.js";

/** Sections of many parts: one that is wrong does not hide the others. */
const SECTIONS: readonly unknown[] = ["links", "devices", "buses", "endpoints", "peers"];

/** Where a fault of shape is; empty for a key at the top that nobody knows. */
type Path = readonly PropertyKey[];

type Loose = Record<PropertyKey, unknown>;

export class Rest {
  /** The configuration without the parts that are at fault. */
  readonly config: Loose;
  /** Which of the endpoints are left, by their number in the whole. */
  private readonly endpoints: number[];

  constructor(
    source: object,
    private readonly faulty: readonly Path[],
  ) {
    const known = Object.entries(source).filter(([key]) => KEYS.includes(key));
    this.config = Object.fromEntries(known.map(([key, value]) => [key, copy(value)]));
    for (const [section, part] of faulty) {
      if (section === undefined) continue;
      const whole = part === undefined || !SECTIONS.includes(section);
      if (whole) delete this.config[section];
      else if (this.config[section]) delete (this.config[section] as Loose)[part];
    }
    const { endpoints } = this.config;
    this.endpoints = Array.isArray(endpoints) ? Object.keys(endpoints).map(Number) : [];
    if (Array.isArray(endpoints)) this.config["endpoints"] = Object.values(endpoints);
  }

  /** Faults of the rest as they are in the whole. What only comes of the parts that were left out is none. */
  restore(faults: readonly Fault[]): Fault[] {
    return faults
      .filter(({ path }) => !(/^endpoints\[\d+\]\.device$/.test(path) && this.lacks("devices")))
      .filter(({ path }) => !(/^endpoints\[\d+\]\.peer$/.test(path) && this.lacks("peers")))
      .filter(({ path }) => !(path.startsWith("network") && this.lacks("network")))
      .filter(({ path }) => !(/^links\.(tcp|udp)$/.test(path) && this.lacks("key")))
      .map(({ path, problem }) => ({ path: this.renumber(path), problem: this.renumber(problem) }));
  }

  /** Something was left out of a section, or stands under a name that is not known. */
  private lacks(name: string): boolean {
    return this.faulty.some(([section]) => section === undefined || section === name);
  }

  private renumber(text: string): string {
    return text.replace(/\bendpoints\[(\d+)\]/g, (_, at: string) => `endpoints[${this.endpoints[Number(at)]}]`);
  }
}

/** One level deep: no more is changed. */
function copy(value: unknown): unknown {
  if (Array.isArray(value)) return [...(value as unknown[])];
  return typeof value === "object" && value !== null ? { ...value } : value;
}
