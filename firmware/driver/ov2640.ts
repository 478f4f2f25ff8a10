/**
 * ArduCAM Mini with an OV2640: its sensor is set by I2C, and its image read from the FIFO by SPI, part by part, the next one when the link takes it.
 * docs/devices/ov2640.md.
 */
import { byte, EMPTY, isEmpty, join, pair, slice, u16, u8 } from "../../protocols/bytes/index.js";
import type { Bytes } from "../../protocols/bytes/index.js";
import {
  Cam,
  CAM_DONE,
  CAM_FIFO,
  CAM_RUN,
  CAM_WRITE,
  CamFifo,
  Sensor,
  SENSOR,
  SENSOR_JPEG,
  SENSOR_PRODUCT,
  SENSOR_QUANTISATION,
  SENSOR_RESET_MS,
  SENSOR_SIZES,
  sensorQuantisation,
} from "../../protocols/device/camera/ov2640.js";
import { openCamera } from "./camera.js";
import type { Shooter } from "./camera.js";

/** Bytes of the first part, which with its header fits a frame, and of each where the link does not ask for them: the interpreter does nothing else while they come. */
const PART = 512;

/** Registers of the sensor that are written in one turn. */
const REGISTERS = 6;

/** What the chip keeps while it has its power: then the sensor has its registers, too. */
const MARK = 0x55;
const OTHER = 0xaa;

/** The first bytes of a JPEG. */
const HEAD = 0xffd8;

/** ms: the chip's reset; until the sensor's exposure is right; between two looks whether an image is done, and how many there are; until a bus is free. */
const RESET = 100;
const EXPOSURE = 1000;
const LOOK = 10;
const LOOKS = 200;
const BUSY = 10;

/** Tries of a register of the sensor; and to find the camera, in 2 s. */
const TRIES = 4;
const FINDS = 9;

export function add(name: string, device: DevsockDeviceConfig, kit: DevsockKit): DevsockDevice {
  const spi = kit.buses[device["spi"] as string]!;
  const i2c = kit.buses[device["i2c"] as string]!;
  const chip = (device["cs"] as number) || 0;
  /** As the sensor was set last; "" where nobody knows. */
  let set = "";
  let coarse = 0;
  /** Of the image under way. */
  let size = "";
  let quality = 0;
  let again = false;
  let stopped = false;
  let taken = 0;
  let length = 0;
  let at = 0;
  /** Bytes of a burst before those of the FIFO: 2 where the first of these means nothing. */
  let before = 1;
  /** The link asks for it; a turn on the bus is waited for meanwhile. */
  let pulled = false;
  let turning = false;

  const put = (register: Cam, value: number): void => {
    spi.transfer(chip, pair(CAM_WRITE | register, value), 0);
  };
  const get = (register: Cam): number => u8(spi.transfer(chip, pair(register, 0), 0), 1);
  /** With the bus in its hand, which `work` gives back. */
  const turn = (bus: DevsockProgramBus, work: () => void): void => {
    if (!bus.take(work)) setTimeout(() => turn(bus, work), BUSY);
  };

  const camera = openCamera(name, device, kit, Object.keys(SENSOR_SIZES).reverse());
  const shot = camera.shot;

  const end = (failure: string): void => {
    pulled = false;
    if (failure) {
      set = "";
      shooter.replied = false;
    }
    shot.end(failure);
  };
  /** It does not do what it should: once it is looked for anew. */
  const lost = (failure: string): void => {
    if (again || stopped) return end(failure);
    again = true;
    find();
  };

  const find = (): void => {
    set = "";
    reset(FINDS);
  };
  /** @param left tries more */
  const reset = (left: number): void =>
    turn(spi, () => {
      put(Cam.reset, 0x80);
      spi.release();
      setTimeout(wake, RESET, left);
    });
  /** Its standby lasts over a restart of the board. */
  const wake = (left: number): void =>
    turn(spi, () => {
      put(Cam.reset, 0);
      put(Cam.gpio, CAM_RUN);
      spi.release();
      setTimeout(probe, RESET, left);
    });
  const probe = (left: number): void =>
    turn(spi, () => {
      put(Cam.test, OTHER);
      const other = get(Cam.test);
      put(Cam.test, MARK);
      const mark = get(Cam.test);
      spi.release();
      if (stopped) end("");
      else if (mark == MARK && other == OTHER) identify();
      else if (left) reset(left - 1);
      // A line that nobody drives does not change.
      else if (mark == other) end("ETIMEDOUT: " + name + " does not answer on SPI; check its supply, wires and cs");
      else
        end(
          "ENODEV: what is heard of " +
            name +
            " on SPI is no answer of an ArduCAM Mini; check its wires, and the driver in the configuration",
        );
    });
  const identify = (): void =>
    turn(i2c, () => {
      let id = EMPTY;
      i2c.transfer(SENSOR, pair(Sensor.bank, Sensor.array), 0);
      // No repeated START.
      if (!i2c.failure) i2c.transfer(SENSOR, byte(Sensor.product), 0);
      if (!i2c.failure) id = i2c.transfer(SENSOR, EMPTY, 1);
      const right = !i2c.failure && u8(id, 0) == SENSOR_PRODUCT;
      if (right) i2c.transfer(SENSOR, pair(Sensor.common7, Sensor.resetBit), 0);
      const failure = i2c.failure;
      i2c.release();
      if (failure) return end(failure + "; check its supply and its wires");
      if (!right)
        return end(
          "ENODEV: the chip of " +
            name +
            " at address 48 is no OV2640: its product number is " +
            u8(id, 0) +
            ", not 38",
        );
      shooter.replied = true;
      setTimeout(write, SENSOR_RESET_MS, SENSOR_JPEG, 0, resize);
    });

  /** @param table registers and values @param from of its bytes */
  const write = (table: Bytes, from: number, done: () => void): void =>
    turn(i2c, () => {
      let left = TRIES;
      const to = Math.min(from + 2 * REGISTERS, table.length);
      while (from < to && left) {
        i2c.transfer(SENSOR, slice(table, from, from + 2), 0);
        if (i2c.failure) left--;
        else {
          left = TRIES;
          from += 2;
        }
      }
      const failure = i2c.failure;
      i2c.release();
      if (stopped) return end("");
      if (failure) lost(failure);
      else if (to < table.length) setTimeout(write, 0, table, to, done);
      else done();
    });

  const resize = (): void => {
    const wanted = quality ? sensorQuantisation(quality) : SENSOR_QUANTISATION;
    if (size == set && wanted == coarse) return capture();
    const sharpen = (): void =>
      write(join(pair(Sensor.bank, Sensor.dsp), pair(Sensor.quantisation, wanted)), 0, () => {
        set = size;
        coarse = wanted;
        setTimeout(capture, EXPOSURE);
      });
    const same = size == set;
    set = "";
    if (same) sharpen();
    else write(SENSOR_SIZES[size]!, 0, sharpen);
  };

  const capture = (): void =>
    turn(spi, () => {
      put(Cam.fifo, CamFifo.clear);
      put(Cam.fifo, CamFifo.start);
      spi.release();
      look(LOOKS);
    });
  const look = (left: number): void =>
    turn(spi, () => {
      taken = getTime();
      const done = get(Cam.trigger) & CAM_DONE;
      if (done) length = get(Cam.length) | (get(Cam.length + 1) << 8) | ((get(Cam.length + 2) & 0x7f) << 16);
      spi.release();
      if (stopped) return end("");
      if (!done) {
        if (left) setTimeout(look, LOOK, left - 1);
        else lost("ETIMEDOUT: " + name + " does not say that an image is done; check its supply");
      } else if (!length || length > CAM_FIFO) lost("EIO: " + name + " says that an image has " + length + " bytes");
      else {
        at = 0;
        setTimeout(read, 0);
      }
    });

  /** With SPI in its hand, which it gives back. @returns the next `n` bytes, at the image's begin perhaps one more, at its end what is left; EMPTY where it is over */
  const burst = (n: number): Bytes => {
    const left = length - at;
    const over = left <= n;
    // One more where the first one means nothing, or may.
    const came = spi.transfer(chip, byte(Cam.burst), (over ? left : n) + (at ? before - 1 : 1));
    const marked = !over || get(Cam.test) == MARK;
    spi.release();
    if (!at) {
      if (u16(came, 1) == HEAD) before = 1;
      else if (u16(came, 2) == HEAD) before = 2;
      else {
        lost("EPROTO: what " + name + " gives does not begin as a JPEG");
        return EMPTY;
      }
      shot.begin(taken, length);
    }
    if (!marked) {
      end("EIO: " + name + " stopped within an image of " + length + " bytes; check its supply");
      return EMPTY;
    }
    const data = slice(came, before, before + left);
    at += data.length;
    return data;
  };
  const read = (): void =>
    turn(spi, () => {
      if (stopped) {
        spi.release();
        return end("");
      }
      const data = burst(PART);
      if (isEmpty(data)) return;
      const over = at == length;
      shot.part(data, () => {
        if (!over && !(pulled = shot.pull(pull))) setTimeout(read, 0);
      });
      if (over) end("");
    });
  const pull = (n: number): Bytes => {
    let data = EMPTY;
    if (turning) return data;
    turning = true;
    let late = false;
    const work = (): void => {
      turning = false;
      if (!late) data = burst(n);
      else {
        spi.release();
        if (pulled) shot.wake();
      }
    };
    if (!spi.take(work)) {
      turning = false;
      setTimeout(shot.wake, BUSY);
    }
    late = true;
    if (at < length || isEmpty(data)) return data;
    // The rest: it goes behind what has gone.
    shot.part(data, () => {});
    end("");
    return EMPTY;
  };

  const shooter: Shooter = {
    replied: null,
    take: (wanted, q) => {
      size = wanted;
      quality = q;
      again = stopped = false;
      if (!set) return find();
      turn(spi, () => {
        const mark = get(Cam.test);
        spi.release();
        if (mark == MARK) resize();
        else find();
      });
    },
    stop: () => {
      stopped = true;
      if (pulled) end("");
    },
    tick: () => {},
  };
  camera.shooter = shooter;
  return camera;
}
