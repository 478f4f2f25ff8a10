/**
 * A laboratory analyser on a UART: bytes both ways, as they are. What it sends is acknowledged by the host that takes it (ASTM E1381), so the
 * board understands nothing of it: while no host is there nobody answers, and the analyser keeps its results.
 */
import { Ring } from "../io/ring.js";

/** Bytes that wait for the host: four of the longest frames. */
const RING = 1024;

const STREAM = 1;

export function add(name: string, device: DevsockDeviceConfig): DevsockDevice {
  const port = global[device.uart as string] as EspruinoSerial;
  const options: EspruinoSerialOptions = {};
  const ring = new Ring(RING);
  let reader: DevsockProgramSocket | null = null;
  let full = false;
  let units = 0;
  let lost = 0;
  let gaps = 0;

  const flush = (): void => {
    if (!reader || full || !ring.data.length) return;
    full = !reader.send(ring.take());
  };
  if (device.path) options.path = device.path as string;
  if (device.pins && device.pins.tx) options.tx = new Pin(device.pins.tx);
  if (device.pins && device.pins.rx) options.rx = new Pin(device.pins.rx);
  port.on("data", (data) => {
    units += data.length;
    if (!reader) return;
    ring.put(data, getTime());
    if (ring.over) gaps++;
    lost += ring.over;
    ring.over = 0;
    flush();
  });
  port.setup((device.baud as number) || 9600, options);

  return {
    driver: device.driver,
    services: ["raw", "status"],
    status: () => ({ driver: device.driver, rate: 0, running: !!reader, answers: null, units, lost, gaps }),
    tick: () => {},
    // A frame that lost a byte fails its check, and comes again.
    fault: () => gaps++,
    open: (socket, service, answer) => {
      const type: number = socket.type;
      if (service && service != "raw")
        return answer("EPROTONOSUPPORT: " + name + " has no service " + service + "; it has raw and status");
      if (type != STREAM) return answer("ESOCKTNOSUPPORT: " + name + ":raw is a SOCK_STREAM");
      if (reader) return answer("EBUSY: another program takes the results of " + name + "; end it first");
      reader = socket;
      full = false;
      ring.take();
      socket.ondata = (frame, from, to) => {
        port.write(frame.substring(from, to));
        socket.consume(to - from);
      };
      socket.ondrain = () => {
        full = false;
        flush();
      };
      socket.onend = () => socket.end();
      socket.onclose = () => (reader = null);
      answer("");
    },
  };
}
