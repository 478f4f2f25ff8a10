/** Edges of pins, each with the interrupt's own time. The contract is in receive.ts; a piece is one edge without data, its flags are the pins' levels behind it. */
import { EMPTY } from "../../protocols/bytes/index.js";
import type { Receiver, Taker } from "./receive.js";

export class Edges implements Receiver {
  high = 0;
  /** When the first edge that waits or was lost came, in seconds; Infinity when there is none. */
  since = Infinity;
  /** Levels behind the last edge: a bit each pin. */
  state = 0;
  /** Hears each edge as it is put, before its batch, and of one that finds no room. @param at in seconds @param which bits changed */
  onedge?: (at: number, which: number) => void;
  private _times: number[] = [];
  private _states: number[] = [];
  private _over = 0;
  private _cause = "";
  private _lost = 0;
  private _watches: number[] = [];

  /** @param size most edges that wait */
  constructor(readonly size: number) {}

  /** What nobody drives is high. @param bit of its level in `state` */
  watch(pin: EspruinoPin, bit: number): void {
    pinMode(pin, "input_pullup");
    const edge = (event: EspruinoWatch): void =>
      this.put(event.state ? this.state | bit : this.state & ~bit, event.time);
    this._watches.push(setWatch(edge, pin, { repeat: true, edge: "both" }));
  }

  unwatch(): void {
    for (let id; (id = this._watches.pop());) clearWatch(id);
    this.clear();
  }

  put(state: number, at: number): void {
    const which = this.state ^ state;
    this.state = state;
    if (this.onedge) this.onedge(at, which);
    const length = this._times.length + 1;
    if (this._over || length > this.size) return this.lose(1, "RING_FULL", at);
    if (at < this.since) this.since = at;
    this._times.push(at);
    this._states.push(state);
    if (length > this.high) this.high = length;
  }

  /** Edges that never came. @param units -1 when nobody knows how many */
  lose(units: number, cause: string, at: number): void {
    if (at < this.since) this.since = at;
    if (!this._over) {
      this._cause = cause;
      this._lost = at;
    }
    this._over = units < 0 || this._over < 0 ? -1 : this._over + units;
  }

  /** @param until seconds: what is later goes on waiting */
  drain(taker: Taker, until: number): void {
    const times = this._times;
    while (times.length && times[0]! <= until) taker.batch(EMPTY, 1, times.shift()!, this._states.shift()!);
    const over = times.length ? 0 : this._over;
    this.since = times.length ? times[0]! : Infinity;
    if (!over) return;
    this._over = 0;
    taker.gap(over, this._cause, this._lost);
  }

  clear(): void {
    this._times = [];
    this._states = [];
    this._over = 0;
    this.since = Infinity;
  }
}
