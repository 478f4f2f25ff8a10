/**
 * What the firmware and its modules in Storage have in common: the build keeps these names, or where an interface is marked `@shared` gives them the same short ones in all scripts
 * (scripts/firmware/names.ts). A module is loaded when the configuration asks for it; a board without sensors pays nothing for them.
 */

/** The build puts it before the program: a script that is given to `t` is evaluated at the top level, and what a module gives is in `m`. */
declare const $_p: {
  t: string | undefined;
  m: { [module: string]: unknown };
  /** Memory that is kept for the end: firmware/health.ts. */
  k?: Uint8Array | undefined;
};

/** Overlays that were called since the last look, and before that, by where they begin: scripts/firmware/overlays.ts. */
declare let $_r: unknown[];
declare let $_o: unknown[];

/** What the boot file of a firmware with slots leaves behind, and else the build puts before the program: only `s` and `c`. */
declare let $_b: {
  /** Behind the names of the firmware and its modules. */
  s: string;
  /** The configuration's name. */
  c: string;
  /** How it came to be started: a `Mark` of protocols/service/boot-log.ts. */
  m?: number;
  /** What was started: the firmware's slot, and twice the configuration's. */
  n?: number;
  /** Writes into the log. @param slots others than those that were started */
  note?: (mark: number, slots?: number) => void;
  /** Of a trial: the timer that gives it up. */
  t?: unknown;
};

/** What modules are given of the board. */
interface DevsockKit {
  /** Another number after each start of the board. */
  readonly boot: number;
  /** When the board started, in seconds of `getTime`. */
  readonly started: number;
  readonly buses: { [name: string]: DevsockProgramBus };
  /** `alarm` is not 0 while an alarm waits for a connection: what takes long comes a turn later. */
  /** `ends` counts answers that are about to end, each of which leaves out one look; `late` is not 0 when one was: whoever hears the answer makes it 0, and looks. */
  readonly busy: { readonly alarm: number; ends: number; late: number };
  /** The firmware's look at all that is open, which comes by itself every 50 ms. */
  readonly look: (this: void) => void;
  /**
   * Whether bytes of a UART were lost, as its FIFO was full, since this was last asked: where the interpreter says nothing of that. What is missing is missing
   * within what was read last, or within what is read next.
   */
  readonly overran?: (uart: string) => boolean;
}

/** A device of a module: what the firmware sees of it. */
interface DevsockDevice extends DevsockFaulty {
  readonly driver: string;
  readonly services: string[];
  /** SensorStatus, or CameraStatus. */
  status(): { readers: number; answers: boolean | null; running?: boolean };
  /** @param answer accepts the socket with "", or refuses it with a failure; later a failure resets it */
  open(socket: DevsockProgramSocket, service: string, answer: (failure: string) => void): void;
  /** Every 50 ms. @param now ms of `getTime` */
  tick(now: number): void;
}

/** @shared */
interface DevsockFaulty {
  /** The interpreter lost something: its own word for it. */
  fault(cause: string): void;
  /** The board goes down: nobody reads it any more, nor refers to it. */
  letGo?(): void;
}

/** A configured device, as the file has it. */
interface DevsockDeviceConfig {
  driver: string;
  rate?: number;
  /** Gone when the driver is open: what it needs of them it has. */
  pins?: { [signal: string]: string };
  [setting: string]: unknown;
}

/** A sensor as its driver sees it: where units go, and what the driver has to do. */
interface DevsockFeed extends DevsockSensing {
  /** Readings a second: as configured, or the driver sets it; 0 where that is up to the device. */
  rate: number;
  /**
   * Units of the device.
   * @param units how many `data` holds
   * @param at when the last of them was there, in seconds of `getTime`: never too early
   * @param flags what held of all of them, by driver
   */
  batch(data: string, units: number, at: number, flags: number): void;
  /** Units are missing. @param units how many, or -1 when nobody knows */
  gap(units: number, cause: string, at: number): void;
  /** Something that the device itself says. */
  event(event: object, at: number): void;
  /** Nobody reads any more. */
  stop?: () => void;
  /** What stands between its interrupts and its driver, by what waits there: docs/decisions/0008. */
  rings?: { [units: string]: { readonly size: number; readonly high: number } };
}

/** What the driver does, and knows. @shared */
interface DevsockSensing {
  /** Somebody reads, for the first time since `stop`. @returns "" or why it cannot */
  onstart: () => string;
  /** As `tick` of a device. */
  ontick?: (now: number) => void;
  /** In its place while nobody reads. */
  onunread?: () => void;
  onfault?: (cause: string) => void;
  /** Somebody else hears events from now on: the driver says what holds, and nobody but the new one hears it. */
  onlisten?: () => void;
  /** Whether the device answered when it was last asked; null when it never is. */
  replied: boolean | null;
}

/** What a driver's module exports: `open` of a sensor that gives units, or `add` of a device that is all its own. */
interface DevsockDriver {
  add?(name: string, device: DevsockDeviceConfig, kit: DevsockKit): DevsockDevice;
  open(feed: DevsockFeed, device: DevsockDeviceConfig, kit: DevsockKit): void;
}

interface DevsockSensors {
  add(name: string, device: DevsockDeviceConfig, kit: DevsockKit, driver: DevsockDriver): DevsockDevice;
}

/** Pictures of a camera over HTTP. */
interface DevsockHttpd {
  /**
   * @param hasRoomFor whether the board has so many variables
   * @param denied why nobody may use the device now, or ""
   */
  listen(
    camera: DevsockDevice,
    name: string,
    port: number,
    hasRoomFor: (variables: number) => boolean,
    denied: (device: string, sockets: null) => string,
  ): void;
}
