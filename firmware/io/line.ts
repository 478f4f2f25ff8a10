/** Settings of a UART's line that can be asked for and set while it is in use [SVC-8]. */
import type { Uart } from "./uart.js";

/**
 * What `baud`, `parity` or `stopbits` is, as text, or a failure.
 * @param value sets it first, at once: what is queued goes out so; "" only asks
 */
export function lineSetting(uart: Uart, name: string, value: string): string {
  const options = uart.options;
  if (value) {
    if (name == "baud") {
      const baud = Number(value);
      if (!(baud >= 50 && baud <= 4000000)) return "EINVAL: baud is in bits a second, such as 115200";
      uart.baud = baud;
      uart.rate = baud / 10000;
    } else if (name == "parity") {
      if (value != "none" && value != "even" && value != "odd") return "EINVAL: parity is none, even or odd";
      options.parity = value;
    } else if (value == "1" || value == "2") options.stopbits = value == "1" ? 1 : 2;
    else return "EINVAL: stopbits is 1 or 2";
    uart.port.setup(uart.baud, options);
  }
  if (name == "baud") return "" + uart.baud;
  return name == "parity" ? options.parity || "none" : "" + (options.stopbits || 1);
}
