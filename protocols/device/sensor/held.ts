/** A value that a device says now and then, and that holds until the next time: not longer, for then it is stale. */
export class HeldValue {
  private held: number | null = null;
  private left = 0;
  private because = "waiting for a packet";

  /** @param life readings until the device says it again */
  constructor(private readonly life: number) {}

  get value(): number | null {
    return this.left > 0 ? this.held : null;
  }

  /** Why there is none. */
  get why(): string {
    return this.value === null ? this.because : "";
  }

  /** The device said it. @param why it has none */
  take(value: number | null, why: string): void {
    this.held = value;
    this.left = this.life;
    this.because = why;
  }

  /** One more reading has passed, whole or damaged. */
  pass(): void {
    if (this.left == 0) return;
    this.left--;
    if (this.left == 0 && this.held !== null) this.because = "stale";
  }

  drop(why: string): void {
    this.left = 0;
    this.because = why;
  }
}
