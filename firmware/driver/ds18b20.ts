/** DS18B20, alone on its wire: a conversion at 12 bits takes 750 ms, and the scratchpad has a check that the host looks at. docs/devices/ds18b20.md. */
/** Gives the chip's own number, of which the first byte is its family. */
const READ_ROM = 0x33;
/** A DS18S20, whose scratchpad counts in half degrees. */
const OTHER = 0x10;
const CONVERT = 0x44;
const READ = 0xbe;
const BYTES = 9;

/** ms from one conversion's begin to the next one's. */
const PERIOD = 1000;
const CONVERSION = 750;

export function open(feed: DevsockFeed, device: DevsockDeviceConfig): void {
  const pin = device.pins!.data!;
  const wire = new OneWire(new Pin(pin));
  /** When the next conversion begins, and when the one under way is ready; 0 when there is none. */
  let due = 0;
  let ready = 0;
  feed.rate = 1000 / PERIOD;

  /** @returns whether the chip is there */
  const address = (command: number, power: boolean): boolean => {
    const there = !!wire.reset();
    if (there) {
      wire.skip();
      wire.write(command, power);
    } else feed.gap(1, "ENXIO", getTime());
    return (feed.replied = there);
  };

  feed.onstart = () => {
    if (!wire.reset()) return "ENXIO: no chip answers on pin " + pin;
    let family = OTHER;
    // Noise on the wire is no other chip: three times it is.
    for (let i = 0; i < 3 && family == OTHER; i++) {
      wire.reset();
      wire.write(READ_ROM);
      family = wire.read(1)[0]!;
    }
    if (family == OTHER) return "ENODEV: the chip on pin " + pin + " is a DS18S20";
    due = getTime() * 1000;
    ready = 0;
    feed.replied = true;
    return "";
  };
  feed.ontick = (now) => {
    if (ready && now >= ready) {
      const at = ready / 1000;
      ready = 0;
      if (address(READ, false)) {
        const scratchpad = E.toString(wire.read(BYTES));
        feed.batch(scratchpad, 1, at, 0);
      }
    }
    // Another command would end the conversion that is under way.
    if (ready || now < due) return;
    const late = ((now - due) / PERIOD) | 0;
    due += (late + 1) * PERIOD;
    if (late) feed.gap(late, "BOARD_BUSY", now / 1000);
    // A chip without a supply of its own draws its current from the wire meanwhile.
    // It begins when the command has been said: of a look that had other work before this, later than `now`.
    if (address(CONVERT, true)) ready = getTime() * 1000 + CONVERSION;
  };
}
