/**
 * `alarm.p99.*` and `isolation.healthy`, in virtual time. An alarm is a message of 40 bytes on an rdm socket of priority 3, sent by the board at random
 * moments while an image fills the link; its time is from `send` to the program on the host. The other way it is `down`.
 */
import { AHEAD } from "../../host/transport/pace.js";
import { Type } from "../../protocols/index.js";
import { BAUD115200, CLEAN, MEDIA } from "../../soak/wire.js";
import type { Faults, Medium } from "../../soak/wire.js";
import { SIDES, World } from "../../soak/world.js";
import { random } from "../../soak/random.js";
import type { Side } from "../../soak/checker.js";
import type { Opening } from "../../soak/programs.js";
import { figure } from "../figure.js";
import type { Figure } from "../figure.js";

const ALARMS = 3000;
const ALARM = 40;
/** Mean time between two, in ms. */
const EVERY = 400;
const IMAGE = 65_536;
const SECONDS = 60;
/** What the time may be at the most, in ms. */
const AIM = { serial: 50, tcp: 20 };

const opening: Opening = {
  by: "board",
  type: Type.seqpacket,
  priority: 0,
  receiveBuffer: 16_384,
  answer: "accept",
  pace: "at once",
  source: false,
};

/** TCP as over WiFi: 1 Mbit/s, 6 ms round trip. */
const WIFI: Partial<Medium> = { rate: 125, delay: 3 };

/**
 * What is not yet on the line: a host's serial port is handed the next frame that long before its time, and its TCP takes all that there is
 * credit for: four frames, as boards give.
 */
const DOWN = {
  serial: { ahead: AHEAD * BAUD115200, buffer: 4 * MEDIA.serial.traits.payload },
  tcp: { ...WIFI, ahead: Infinity, buffer: 4 * MEDIA.tcp.traits.payload },
};

export function alarmFigures(wants: (name: string) => boolean): Figure[] {
  const figures: Figure[] = [];
  for (const name of ["serial", "tcp"] as const) {
    const row = `alarm.p99.${name}`;
    if (wants(row)) figures.push(figure(row, p99(worldOn(name), CLEAN, "board"), "ms", AIM[name]));
    if (!wants(`${row}.down`)) continue;
    const { buffer, ...medium } = DOWN[name];
    figures.push(figure(`${row}.down`, p99(worldOn(name, medium), CLEAN, "host", buffer), "ms", AIM[name]));
  }
  if (wants("alarm.p99.serial.loss5"))
    figures.push(
      figure("alarm.p99.serial.loss5", p99(worldOn("serial"), { ...CLEAN, drop: 0.05 }, "board"), "ms", AIM.serial),
    );
  if (wants("isolation.healthy")) figures.push(isolation());
  return figures;
}

/** @returns a world whose session stands */
function worldOn(medium: Medium["name"], as: Partial<Medium> = {}): World {
  const media = { ...MEDIA, tcp: { ...MEDIA.tcp, ...WIFI } };
  media[medium] = { ...media[medium], ...as };
  const world = new World({ seed: 1, medium, keyed: false, rates: { host: 1, board: 1 } }, media);
  world.run(2000);
  return world;
}

function p99(world: World, faults: Faults, by: Side, receiveBuffer = opening.receiveBuffer): number {
  const { programs, queue } = world;
  for (const side of SIDES) world.suffer(side, faults);
  programs.open({ ...opening, by, receiveBuffer });
  programs.open({ ...opening, by, type: Type.rdm, priority: 3, receiveBuffer: 4096 });
  world.run(3000);
  const sent: number[] = [];
  const took: number[] = [];
  const rand = random(2);
  programs.oncame = ({ id }, data) => {
    if (id === 1) took.push(queue.now - sent[Buffer.from(data).readUInt32BE(0)]!);
  };
  // An image is always under way.
  const image = programs.pick(0, by)!;
  const feed = (): void => {
    if (image.waiting === 0) image.write(IMAGE);
    queue.put(queue.now + 100, feed);
  };
  feed();
  while (sent.length < ALARMS) {
    world.run(queue.now + rand() * 2 * EVERY);
    sent.push(queue.now);
    programs.pick(1, by)!.say(ALARM);
  }
  world.run(queue.now + 10_000);
  if (took.length !== ALARMS) throw new Error(`${ALARMS - took.length} alarms of ${ALARMS} did not come`);
  return took.sort((a, b) => a - b)[Math.floor(ALARMS * 0.99)]!;
}

/** KiB a second of a healthy stream beside one whose reader is dead; the peer is without that one. */
function isolation(): Figure {
  const rates = [true, false].map((dead) =>
    (["serial", "tcp"] as const).flatMap((medium) => SIDES.map((by) => healthy(medium, by, dead))),
  );
  // The worst of both links and directions counts.
  const [beside, alone] = rates as [number[], number[]];
  const worst = beside.map((rate, i) => [rate, alone[i]!] as const).sort((a, b) => a[0] / a[1] - b[0] / b[1])[0]!;
  return figure("isolation.healthy", worst[0] / 1024, "KiB/s", worst[1] / 1024);
}

/** Bytes a second. */
function healthy(medium: Medium["name"], by: Side, besideDead: boolean): number {
  const world = worldOn(medium);
  const { programs } = world;
  const stream: Opening = { ...opening, by, type: Type.stream, receiveBuffer: 8192 };
  programs.open(stream);
  if (besideDead) programs.open({ ...stream, pace: "never" });
  world.run(3000);
  for (let i = 0; i < (besideDead ? 2 : 1); i++) programs.pick(i, by)!.write(100_000_000);
  const flow = world.checker.talks[0]!.flows[by];
  world.run(5000);
  const before = flow.received;
  world.run(5000 + SECONDS * 1000);
  return (flow.received - before) / SECONDS;
}
