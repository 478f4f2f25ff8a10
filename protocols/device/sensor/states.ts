/** States that a device says again and again, told where they change. A state that is off from the start is no news. */
import type { DeviceEvent } from "./table.js";

export class States {
  private readonly on: Record<string, boolean> = {};

  tell(name: string, on: boolean, unit: number, events: DeviceEvent[]): void {
    if (on === (this.on[name] ?? false)) return;
    this.on[name] = on;
    events.push({ unit, name, on });
  }
}
