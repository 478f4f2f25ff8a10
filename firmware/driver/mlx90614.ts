/** MLX90614 on SMBus: read at a steady rate, with the check that the host looks at. docs/devices/mlx90614.md. */
const ADDRESS = 0x5a;

/** The object's temperature: low byte, high byte, PEC. */
const OBJECT = "\x07";
const BYTES = 3;

export function open(feed: DevsockFeed, device: DevsockDeviceConfig, kit: DevsockKit): void {
  const bus = kit.buses[device.bus as string]!;
  let due = 0;
  let waiting = false;
  feed.rate = feed.rate || 1;

  const read = (): void => {
    waiting = false;
    const data = bus.transfer(ADDRESS, OBJECT, BYTES);
    const at = getTime();
    feed.replied = !bus.failure;
    if (bus.failure) feed.gap(1, bus.failure.substring(0, bus.failure.indexOf(":")), at);
    else feed.batch(data, 1, at, 0);
    bus.release();
  };

  feed.onstart = () => {
    due = getTime() * 1000;
    return "";
  };
  feed.ontick = (now) => {
    if (now < due) return;
    const period = 1000 / feed.rate;
    const late = ((now - due) / period) | 0;
    due += (late + 1) * period;
    if (late) feed.gap(late, "BOARD_BUSY", now / 1000);
    // Another has had the bus all the time since the last reading was due.
    if (waiting) return feed.gap(1, "BUS_BUSY", now / 1000);
    waiting = true;
    if (bus.take(read)) return;
    waiting = false;
    feed.gap(1, "BUS_BUSY", now / 1000);
  };
}
