/**
 * OV528 on a UART: it finds out the speed by SYNCs, and hands its image over in packages with a sum, each asked for when the link takes it.
 * docs/devices/ov528.md.
 */
import { slice, u16, u8 } from "../../protocols/bytes/index.js";
import type { Bytes } from "../../protocols/bytes/index.js";
import {
  Ov,
  OV_AROUND,
  OV_COMMAND,
  OV_END,
  OV_LEAST_PACKAGE,
  OV_MOST_PACKAGE,
  OV_SIZES,
  OV_SYNCS,
  ovAccepts,
  ovAsk,
  ovCommand,
  ovData,
  OvError,
  ovInitial,
  ovLength,
  ovPackageSize,
  OvPicture,
} from "../../protocols/device/camera/ov528.js";
import { openCamera } from "./camera.js";
import type { Shooter } from "./camera.js";
import { openLine, QUIET } from "./camera-line.js";
import { readParts } from "./camera-parts.js";
import type { Parts } from "./camera-parts.js";

/** Images after the last trouble in which each package is read until two copies in a row are the same. */
const NOISY = 4;

/** ms: it sleeps after 15 s without a word; its exposure is right so long after its power came. */
const AWAKE = 10000;
const EXPOSURE = 1000;

/** SYNCs that it takes when it only slept. */
const WAKING = 5;

/** Tries of a question, of an image to be there. */
const TRIES = 4;
const WAITS = 10;

export function add(name: string, device: DevsockDeviceConfig, kit: DevsockKit): DevsockDevice {
  const line = openLine(device, kit);
  const baud = (device["baud"] as number) || 115200;
  /** When it was last spoken to, in ms; 0 when it has to be found. */
  let awake = 0;
  /** The size that it is set to, of OV_SIZES; 0 where nobody knows. */
  let set = 0;
  const parts: Parts = { size: 0, most: 0, noisy: 0 };
  /** Of the image that is read. */
  let stop: (() => void) | null = null;
  /** Of the image under way. */
  let size = 0;
  let again = false;
  let stopped = false;
  let length = 0;

  const camera = openCamera(name, device, kit, Object.keys(OV_SIZES).reverse());
  const shot = camera.shot;

  const end = (failure: string): void => {
    stop = null;
    awake = failure ? 0 : getTime() * 1000;
    if (failure) shooter.replied = false;
    else if (parts.noisy && !--parts.noisy) set = 0;
    shot.end(failure);
  };
  /** It does not do what it should: once it is looked for anew. */
  const lost = (failure: string): void => {
    if (again || stopped) return end(failure);
    again = true;
    find();
  };
  const ask = (request: Bytes, command: Ov, count: number, done: (answer: Bytes) => void, tries: number): void =>
    line.insist(
      request,
      count,
      (answer) => answer.length >= count && ovAccepts(answer, command),
      done,
      (answer) => {
        if (u16(answer, 0) == 0xaa00 + Ov.nak && u8(answer, 4) == OvError.size)
          return shot.end("EINVAL: " + name + " refuses this size; ask for another one");
        lost("ETIMEDOUT: " + name + " does not do what it is told; check its supply and its wires");
      },
      tries,
    );

  const find = (): void => {
    set = line.came = 0;
    line.baud(baud);
    line.rest(QUIET, () => sync(0));
  };
  /** So often as it wants to hear it, each time a little later. */
  const sync = (count: number): void => {
    let answered = false;
    line.ask(ovCommand(Ov.sync, 0), 2 * OV_COMMAND, (answer) => {
      if (!ovAccepts(answer, Ov.sync)) return;
      answered = true;
      line.say(ovCommand(Ov.ack, Ov.sync << 24));
      shooter.replied = true;
      setTimeout(() => line.rest(QUIET, resize), count > WAKING ? EXPOSURE : 0);
    });
    setTimeout(
      () => {
        if (answered) return;
        if (stopped) end("");
        else if (count < OV_SYNCS) sync(count + 1);
        else
          line.rest(QUIET, () =>
            end(
              line.came
                ? "ENODEV: what is heard of " +
                    name +
                    " is no answer of an OV528; check its RX wire, and the driver in the configuration"
                : "ETIMEDOUT: " + name + " does not answer; check its supply and its wires",
            ),
          );
      },
      5 + 250000 / baud + count,
    );
  };

  const resize = (): void => {
    if (size == set) return keep();
    ask(
      ovInitial(size),
      Ov.initial,
      OV_COMMAND,
      () => {
        const most = parts.noisy ? OV_LEAST_PACKAGE : OV_MOST_PACKAGE;
        parts.size = parts.most = most - OV_AROUND;
        ask(
          ovPackageSize(most),
          Ov.packageSize,
          OV_COMMAND,
          () => {
            set = size;
            keep();
          },
          TRIES,
        );
      },
      TRIES,
    );
  };
  const keep = (): void => ask(ovCommand(Ov.snapshot, 0), Ov.snapshot, OV_COMMAND, keptOne, TRIES);
  const keptOne = (): void => {
    length = -1;
    get();
  };
  const get = (): void =>
    ask(
      ovCommand(Ov.get, OvPicture.snapshot << 24),
      Ov.get,
      2 * OV_COMMAND,
      (answer) => {
        const before = length;
        length = ovLength(slice(answer, OV_COMMAND, answer.length));
        if (stopped) end("");
        // Its length has no check.
        else if ((parts.noisy || device["verify"]) && length != before) get();
        else {
          shot.begin(getTime(), length);
          stop = readParts(name, line, shot, length, 1, !!device["verify"], parts, {
            around: OV_AROUND,
            chunk: 1,
            request: (at) => ovAsk(at / parts.size),
            data: (part, at, n) => ovData(part, at / parts.size, n),
            trouble: (bytes, none) => {
              // What it refuses it says in so many bytes.
              if (none || bytes == OV_COMMAND) return false;
              if (!parts.noisy) set = 0;
              parts.noisy = NOISY;
              return false;
            },
            over: (failure) => {
              if (!failure) line.say(ovAsk(OV_END));
              end(failure);
            },
          });
        }
      },
      WAITS,
    );

  const shooter: Shooter = {
    replied: null,
    take: (wanted) => {
      size = OV_SIZES[wanted]!;
      again = stopped = false;
      if (awake && getTime() * 1000 - awake < AWAKE) resize();
      else find();
    },
    stop: () => {
      stopped = true;
      if (stop) stop();
    },
    tick: line.tick,
  };
  camera.shooter = shooter;
  return camera;
}
