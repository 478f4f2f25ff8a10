/** A session that goes on over a second link, as a capture of both: what was under way on the first goes again. */
import type { Packet } from "../../host/index.js";
import { Door, Initiator, Session, slice, Sockets, Type } from "../../protocols/index.js";
import type { Bytes, Socket } from "../../protocols/index.js";
import { random } from "../protocols/pair.js";

const UDP = { payload: 516, reliable: false, datagram: true };
const TERMS = { payload: 516, window: 16 };

/** @returns the packets, and what the far end received */
export function resumed(bytes: Bytes, seed: number): { packets: Packet[]; received: Buffer } {
  const number = random(seed);
  const word = (): number => number() * 2 ** 32;
  const received: Bytes[] = [];
  const packets: Packet[] = [];
  const silent = { onup: () => undefined, ondown: () => undefined, onwork: () => undefined };
  const near = new Sockets(true, 8, 4096, { ...silent, onrequest: () => undefined });
  const far: Sockets = new Sockets(false, 8, 65536, { ...silent, onrequest: (socket) => take(far, socket, received) });
  const owner = (sockets: Sockets) => ({ begin: () => sockets, onmoved: () => undefined, ondown: () => undefined });
  let now = 0;
  let before: [Session, Session] | null = null;
  let socket: Socket | null = null;

  for (const address of ["udp://first", "udp://second"]) {
    const old: [Session, Session] | null = before;
    const door = new Door(word, null, (id) => (old?.[1].id === id ? old[1] : null));
    const initiator: Initiator = new Initiator(TERMS, word, null, old?.[0] ?? null);
    const host: Session = new Session(owner(near), TERMS, UDP, now, initiator, null);
    const board: Session = new Session(owner(far), { ...TERMS }, { ...UDP, trusted: true }, now, null, door);
    /** @param lost whether frames to the board get lost */
    const carry = (lost: () => boolean): boolean => {
      let any = false;
      for (const [from, to, direction] of [
        [host, board, "out"],
        [board, host, "in"],
      ] as const)
        for (let frame; (frame = from.poll(now)).length > 0; any = true) {
          packets.push({ time: now, address, direction, kind: "frame", bytes: Buffer.from(frame) });
          if (direction === "in" || !lost()) to.receive(frame, now);
        }
      return any;
    };
    const settle = (lost: () => boolean = () => false): void => {
      for (let quiet = 0; quiet < 20; now += 10) {
        quiet = carry(lost) ? 0 : quiet + 1;
        host.timeOut(now);
        board.timeOut(now);
      }
    };
    carry(() => false);
    if (!socket) {
      carry(() => false);
      socket = near.connectTo(Type.stream, "sink", 0, 4096)!;
      carry(() => false);
      socket.send(bytes);
      socket.end();
      // Half of it arrives, then nothing; and of what arrives last the acknowledgements come too late.
      carry(() => number() < 0.5);
      host.lose("ENODEV: the cable is out", now);
      board.lose("ENODEV: the cable is out", now);
    } else settle();
    before = [host, board];
  }
  return { packets, received: Buffer.concat(received) };
}

function take(sockets: Sockets, socket: Socket, received: Bytes[]): void {
  socket.ondata = (frame, from, to) => {
    received.push(slice(frame, from, to));
    socket.consume(to - from);
  };
  socket.onend = () => socket.end();
  sockets.accept(socket);
}
