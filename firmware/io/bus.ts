/**
 * I2C and SPI buses that drivers and raw sockets share. Whoever wants one waits for its turn, and keeps it for as many
 * transactions as belong together:
 *
 *     bus.take(() => {
 *       const data = bus.transfer(0x5a, "\x07", 3);
 *       ...
 *       bus.release();
 *     });
 */
import { EMPTY } from "../../protocols/bytes/index.js";

/** Who may wait for a bus. */
const MOST_WAITING = 8;

/** As programs on the board know it, too. */
export type Bus = DevsockProgramBus;

/**
 * All in one function: where no bus is configured it costs the board next to nothing. Wire facts: NXP UM10204.
 * @param chips SPI: the chips' select pins, low when selected; none for a single chip that is always selected
 */
export function openBus(
  i2c: EspruinoI2c | null,
  spi: EspruinoSpi | null,
  options: EspruinoI2cOptions & EspruinoSpiOptions,
  chips: EspruinoPin[],
): Bus {
  const waiting: (() => void)[] = [];
  let taken = false;
  const setup = (): void => {
    if (i2c) i2c.setup(options);
    else spi!.setup(options);
  };
  const bus: Bus = {
    failure: "",
    transfer(to, write, read) {
      bus.failure = "";
      if (!i2c) {
        // As a list of parts: their bytes as a string would take ten times as long to make. What comes is in one piece, as is what is cut out of it: a third fewer variables.
        if (!to || to < chips.length)
          return E.toString(spi!.send(read ? [write, { data: 0, count: read }] : write, chips[to]));
        bus.failure = "ENXIO: there is no chip " + to;
        return EMPTY;
      }
      // The bit that says read or write would push the first one out: another chip's address.
      if (to > 127) {
        bus.failure = "EINVAL: an address on I2C is 0 to 127";
        return EMPTY;
      }
      try {
        // Without STOP between them nobody else can set the chip's register pointer.
        if (write.length) i2c.writeTo(read ? { address: to, stop: false } : to, write);
        if (read) return E.toString(i2c.readFrom(to, read));
      } catch (e) {
        const thrown = String(e);
        // In the words of STM32 boards, of an RP2040 and of an ESP32.
        if (thrown.indexOf("BUSY") >= 0 || thrown.indexOf(": timeout") >= 0 || thrown.indexOf("busy") >= 0)
          bus.failure = "ETIMEDOUT: the bus is held low";
        // To an STM32 an address that nobody acknowledges is an event that does not come.
        else if (thrown.indexOf("Mode") >= 0 || thrown.indexOf("ACK") >= 0 || thrown.indexOf("I/O") >= 0)
          bus.failure = "ENXIO: no chip answers at address " + to;
        else bus.failure = "EIO: the chip at address " + to + " stopped answering within the transaction";
        // What was begun has no STOP: the next one would find the bus busy.
        setup();
      }
      return EMPTY;
    },
    take(turn) {
      if (taken) return waiting.length < MOST_WAITING && !!waiting.push(turn);
      taken = true;
      turn();
      return true;
    },
    release() {
      const next = waiting.shift();
      // From the loop: calls of one another would nest.
      if (next) setTimeout(next, 0);
      else taken = false;
    },
  };
  for (let i = 0; i < chips.length; i++) digitalWrite(chips[i]!, 1);
  setup();
  return bus;
}
