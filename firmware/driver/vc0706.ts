/**
 * VC0706 on a UART: found at the speed that it has, raised, set, and its image read part by part, the next one when the link takes it.
 * docs/devices/vc0706.md.
 */
import { be32, EMPTY, slice, u32, u8 } from "../../protocols/bytes/index.js";
import type { Bytes } from "../../protocols/bytes/index.js";
import {
  Vc,
  VC_BAUD,
  VC_CHUNK,
  VC_LENGTH_REPLY,
  VC_PARTS,
  VC_REPLY,
  VC_SIZES,
  vcAccepts,
  vcAskLength,
  vcBaud,
  vcCompression,
  vcCompressionOf,
  VcFrame,
  vcFrame,
  vcFrames,
  vcRead,
  vcRequest,
  vcSize,
  VcStatus,
} from "../../protocols/device/camera/vc0706.js";
import { openCamera } from "./camera.js";
import type { Shooter } from "./camera.js";
import { openLine, QUIET } from "./camera-line.js";
import { readParts } from "./camera-parts.js";
import type { Parts } from "./camera-parts.js";

/** Bytes of a part: each trouble halves it down to the least, each part without doubles it again. */
const LEAST_PART = 24;

/** Where UARTs are polled: with its replies a part waits in a FIFO, however long a turn is; the link gets so many bytes at once, which cost a turn. */
const POLLED_PART = 16;
const POLLED_HELD = 192;

/** Images after the last trouble in which each part is read until two copies in a row are the same. */
const NOISY = 4;

/** Before and behind a part's bytes, in 0.01 ms. */
const DELAY = 10;

/** Looks for the camera, half of them at each speed: longer than it takes to start. Tries of a question. */
const LOOKS = 14;
const TRIES = 4;

/** Bytes of what it says of its version, and its compression as it comes. */
const VERSION = 11;
const COMPRESSION = 0x36;

/** Where its size is: one byte of the EEPROM. */
const SIZE = 0x04010019;

/** Whether its answer refuses a value. */
const refuses = (answer: Bytes): boolean => u32(answer, 0) == (0x76000000 | (Vc.writeRegister << 8) | VcStatus.form);

export function add(name: string, device: DevsockDeviceConfig, kit: DevsockKit): DevsockDevice {
  const line = openLine(device, kit);
  const baud = (device["baud"] as number) || 115200;
  /** At which it was found; 0 when it has to be looked for. */
  let speed = 0;
  /** As it was set last; -1 where nobody knows. */
  let compression = -1;
  const most = kit.overran ? POLLED_PART : (device["part"] as number) || VC_PARTS.usual;
  const parts: Parts = { size: most, most, noisy: 0 };
  /** Of the image that is read. */
  let stop: (() => void) | null = null;
  /** Another size is in its EEPROM than its images have. */
  let stale = false;
  /** Of the image under way. */
  let size = 0;
  let quality = 0;
  let again = false;
  let stopped = false;

  const camera = openCamera(name, device, kit, Object.keys(VC_SIZES));
  const shot = camera.shot;

  const end = (failure: string): void => {
    stop = null;
    if (failure) {
      speed = 0;
      shooter.replied = false;
    } else if (parts.noisy) parts.noisy--;
    shot.end(failure);
  };
  /** It does not do what it should: once it is looked for anew. */
  const lost = (failure: string): void => {
    if (again || stopped) return end(failure);
    again = true;
    look(0);
  };

  /** Asks until it says that it has done it. @param done is given its answer */
  const ask = (request: Bytes, command: Vc, bytes: number, done: (answer: Bytes) => void): void =>
    line.insist(
      request,
      bytes,
      (answer) => answer.length >= bytes && vcAccepts(answer, command),
      done,
      () => lost("ETIMEDOUT: " + name + " does not do what it is told; check its supply and its wires"),
      TRIES,
    );
  const version = (yes: () => void, no: () => void): void =>
    line.ask(vcRequest(Vc.version, EMPTY), VC_REPLY + VERSION, (answer) => {
      if (vcAccepts(answer, Vc.version)) yes();
      else no();
    });

  /** It has the speed of its start, or the one that it was raised to. */
  const look = (looks: number): void => {
    if (stopped) return end("");
    if (!looks) line.came = 0;
    if (looks >= LOOKS)
      return end(
        line.came
          ? "ENODEV: what is heard of " +
              name +
              " is no answer of a VC0706; check its RX wire, and the driver in the configuration"
          : "ETIMEDOUT: " + name + " does not answer; check its supply and its wires",
      );
    speed = looks & 1 ? baud : VC_BAUD;
    line.baud(speed);
    line.rest(QUIET, () => version(found, () => look(looks + 1)));
  };
  const found = (): void => {
    shooter.replied = true;
    compression = -1;
    if (speed == baud) return resize();
    ask(vcBaud(baud), Vc.baud, VC_REPLY, raised);
  };
  const raised = (): void => {
    speed = baud;
    line.baud(baud);
    line.rest(QUIET, () =>
      version(resize, () => lost("EIO: " + name + " is not heard at " + baud + "; lower its baud")),
    );
  };

  /** The size in its EEPROM is that of its images since its last start. */
  const resize = (): void => ask(vcRequest(Vc.readRegister, be32(SIZE)), Vc.readRegister, VC_REPLY + 1, sized);
  const sized = (answer: Bytes): void => {
    if (u8(answer, VC_REPLY) == size) return stale ? restart() : compress();
    stale = true;
    // What it has understood it may refuse.
    line.insist(
      vcSize(size),
      VC_REPLY,
      (reply) => vcAccepts(reply, Vc.writeRegister) || refuses(reply),
      (reply) => {
        if (!refuses(reply)) return restart();
        stale = false;
        shot.end("EINVAL: " + name + " refuses this size; ask for another one");
      },
      () => lost("EPROTO: " + name + " does not say whether it takes a size"),
      TRIES,
    );
  };
  const restart = (): void => ask(vcRequest(Vc.reset, EMPTY), Vc.reset, VC_REPLY, restarted);
  const restarted = (): void => {
    stale = false;
    look(0);
  };
  const compress = (): void => {
    const wanted = quality ? vcCompressionOf(quality) : COMPRESSION;
    if (wanted == compression) return freeze();
    ask(vcCompression(wanted), Vc.writeRegister, VC_REPLY, () => {
      compression = wanted;
      freeze();
    });
  };
  const freeze = (): void =>
    ask(vcFrame(VcFrame.resume), Vc.frame, VC_REPLY, () => ask(vcFrame(VcFrame.freeze), Vc.frame, VC_REPLY, measure));
  const measure = (): void => {
    const now = getTime();
    ask(vcAskLength(), Vc.length, VC_LENGTH_REPLY, (answer) => {
      if (stopped) return end("");
      const length = u32(answer, VC_REPLY);
      shot.begin(now, length);
      stop = readParts(name, line, shot, length, kit.overran ? POLLED_HELD : 1, !!device["verify"], parts, {
        around: 2 * VC_REPLY,
        chunk: VC_CHUNK,
        request: (at, n) => vcRead(at, n, DELAY),
        data: (part, _at, n) => (vcFrames(part, n) ? slice(part, VC_REPLY, VC_REPLY + n) : null),
        trouble: (_bytes, none) => {
          if (!none) parts.noisy = NOISY;
          if (parts.size <= LEAST_PART) return false;
          parts.size = (parts.size >> 1) & -VC_CHUNK;
          return true;
        },
        over: end,
      });
    });
  };

  const shooter: Shooter = {
    replied: null,
    take: (wanted, q) => {
      size = VC_SIZES[wanted]!;
      quality = q;
      again = stopped = false;
      if (speed) resize();
      else look(0);
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
