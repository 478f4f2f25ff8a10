/**
 * A laboratory analyser on a UART: bytes both ways, as they are. What it sends is acknowledged by the host that takes it (ASTM E1381), so the
 * board understands nothing of it: while no host is there nobody answers, and the analyser keeps its results.
 */
import { EMPTY, join, slice } from "../../protocols/bytes/index.js";
import type { Bytes } from "../../protocols/bytes/index.js";
import { fetch, Ring } from "../io/ring.js";

/** Bytes that wait for the host: four of the longest frames. */
const RING = 1024;

/** Bytes that the line is given at once: the interpreter stands still while its transmit ring is full, and others send, too. */
const PIECE = 32;

const STREAM = 1;

/** It begins a frame: one that lost bytes before it is damaged for sure, whatever its checksum says. */
const STX = "\x02";

export function add(name: string, device: DevsockDeviceConfig, kit: DevsockKit): DevsockDevice {
  const port = global[device.uart as string] as EspruinoSerial;
  const options: EspruinoSerialOptions = {};
  const baud = (device.baud as number) || 9600;
  const ring = new Ring(RING);
  let reader: DevsockProgramSocket | null = null;
  let full = false;
  let units = 0;
  let lost = 0;
  let gaps = 0;
  /** Bytes for the analyser, how many of them are on the line, and how many of those this reader has sent. */
  let queue: Bytes = EMPTY;
  let leaving = 0;
  let owed = 0;
  /** A FIFO was full: what was lost is missing within the last piece, or within the next one. */
  let over = false;

  const taker = {
    batch: (data: string) => void (full = !reader!.send(data)),
    gap: (units: number) => {
      gaps++;
      if (units > 0) lost += units;
      full = !reader!.send(STX);
    },
  };
  const flush = (): void => {
    if (reader && !full) ring.drain(taker, 0);
  };
  /** What was on the line has left it, and goes on from there. */
  const pump = (): void => {
    if (reader && owed) reader.consume(owed);
    leaving = owed = Math.min(PIECE, queue.length);
    if (!leaving) return;
    port.write(slice(queue, 0, leaving));
    queue = slice(queue, leaving, queue.length);
    setTimeout(pump, (leaving * 10000) / baud);
  };
  if (device.path) options.path = device.path as string;
  if (device.pins && device.pins.tx) options.tx = new Pin(device.pins.tx);
  if (device.pins && device.pins.rx) options.rx = new Pin(device.pins.rx);
  port.setup(baud, options);

  return {
    driver: device.driver,
    services: ["raw", "status"],
    status: () => ({
      driver: device.driver,
      rate: 0,
      running: !!reader,
      readers: reader ? 1 : 0,
      answers: null,
      units,
      lost,
      gaps,
      rings: { bytes: [ring.high, RING] },
    }),
    // Until then the interpreter keeps them: a frame's worth at a time costs a tenth of what a byte at a time does.
    tick: () => {
      const data = fetch(port);
      units += data.length;
      const doubted = over;
      over = !!kit.overran && kit.overran(device.uart as string);
      if (!reader) return;
      if (over || doubted) {
        // Both pieces are in frames that begin anew.
        ring.lose(-1, "UART_OVERFLOW", getTime());
        flush();
      }
      if (!data.length) return;
      ring.put(data, getTime());
      flush();
    },
    // A frame that lost a byte fails its check, and comes again.
    fault: () => gaps++,
    open: (socket, service, answer) => {
      const type: number = socket.type;
      if (service && service != "raw")
        return answer("EPROTONOSUPPORT: " + name + " has no service " + service + "; it has raw and status");
      if (type != STREAM) return answer("ESOCKTNOSUPPORT: " + name + ":raw is a SOCK_STREAM");
      if (reader) return answer("EBUSY: another program takes the results of " + name);
      reader = socket;
      full = false;
      fetch(port);
      ring.clear();
      // What the one before has said last is on its way; the rest of it would be taken for this one's.
      queue = EMPTY;
      owed = 0;
      socket.ondata = (frame, from, to) => {
        queue = join(queue, slice(frame, from, to));
        if (!leaving) pump();
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
