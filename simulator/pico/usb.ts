/** The USB cable to a host: the chip's serial port with packets of 64 bytes, of which none is lost while the board is on. */
import { USBCDC } from "rp2040js";
import type { RP2040 } from "rp2040js";
import type { UartWire } from "../wire.js";
import { Alarm } from "./time.js";
import type { EmulatedTime } from "./time.js";

const PACKET = 64;
/** Full speed: 19 packets of 64 bytes fit a frame of 1 ms. */
const PACKET_US = 1000 / 19;
/** In the controller's memory: buffer control of an endpoint towards the host from here on, each 8 bytes. RP2040 data sheet 4.1.2.5. */
const BUFFER_CONTROL = 0x80;
const LAST_CONTROL = 0xfc;
const TO_CHIP = 4;
const AVAILABLE = 1 << 10;
const FULL = 1 << 15;
const LENGTH = 0x3ff;
/** Where its buffer is: bits of its endpoint control. */
const ADDRESS = 0xffc0;
/** What a cable that has no speed of its own calls it. */
const BAUD = 12_000_000;

/** What of the emulator's controller has no public name. */
interface Controller {
  indicateBufferReady(endpoint: number, out: boolean): void;
}

export class UsbCable {
  /** The host's end, like that of a wire. */
  readonly peripheral: UartWire["peripheral"];
  /** The host has found the port and opened it. */
  connected = false;
  private readonly listeners: ((data: Uint8Array) => void)[] = [];
  private readonly taken: (() => void)[] = [];
  private chip: RP2040 | undefined;
  private waiting = Buffer.alloc(0);
  /** The chip asks for a packet: its endpoint, and how much it takes. */
  private asked: { endpoint: number; size: number } | undefined;

  /** A packet is on its way to the host: where its buffer control is. */
  private offered = 0;
  private readonly arrival: Alarm;

  /** @param open a host opens the port: the interpreter does not sleep then */
  constructor(
    time: EmulatedTime,
    private readonly open: boolean,
  ) {
    this.arrival = new Alarm(time, () => this.arrive());
    const backlog = (): number => this.waiting.length;
    this.peripheral = {
      baud: BAUD,
      farBaud: BAUD,
      setBaud: () => {},
      get backlog() {
        return backlog();
      },
      write: (data) => this.write(data),
      onData: (listener) => void this.listeners.push(listener),
      onTaken: (listener) => void this.taken.push(listener),
      set: () => {},
      onLine: () => {},
    };
  }

  /** Another boot of the chip: what was on its way to the one before is lost. */
  attach(chip: RP2040): void {
    this.chip = chip;
    this.waiting = Buffer.alloc(0);
    this.asked = undefined;
    this.connected = false;
    if (!this.open) return;
    const port = new USBCDC(chip.usbCtrl);
    port.onDeviceConnected = () => {
      this.connected = true;
      this.answer();
    };
    port.onSerialData = (data) => {
      for (const listener of this.listeners) listener(data);
    };
    this.arrival.cancel();
    this.spread(chip.usbCtrl);
    const control = chip.usbCtrl.onEndpointRead!;
    // An endpoint that has nothing to give says so until it has; an empty packet would be data.
    chip.usbCtrl.onEndpointRead = (endpoint, size) => {
      if (endpoint === 0) return control(endpoint, size);
      this.asked = { endpoint, size };
      this.answer();
    };
  }

  /** The emulator takes packets from an endpoint at once: here each takes its time, and the next one waits for it. */
  private spread(controller: RP2040["usbCtrl"]): void {
    const updated = controller.DPRAMUpdated.bind(controller);
    controller.DPRAMUpdated = (offset, value) => {
      const bulk = offset >= BUFFER_CONTROL + 8 && offset <= LAST_CONTROL && !(offset & TO_CHIP);
      if (!bulk || !(value & AVAILABLE)) return updated(offset, value);
      this.offered = offset;
      this.arrival.schedule(PACKET_US * 1000);
    };
  }

  private arrive(): void {
    const { usbCtrl, usbDPRAM, usbDPRAMView } = this.chip!;
    const endpoint = (this.offered - BUFFER_CONTROL) >> 3;
    const value = usbDPRAMView.getUint32(this.offered, true);
    const at = usbDPRAMView.getUint32(8 * endpoint, true) & ADDRESS;
    const packet = usbDPRAM.slice(at, at + (value & LENGTH));
    usbDPRAMView.setUint32(this.offered, value & ~(AVAILABLE | FULL), true);
    (usbCtrl as unknown as Controller).indicateBufferReady(endpoint, false);
    usbCtrl.onEndpointWrite?.(endpoint, packet);
  }

  private write(data: Uint8Array): void {
    this.waiting = Buffer.concat([this.waiting, data]);
    this.answer();
  }

  private answer(): void {
    const { asked, waiting } = this;
    if (!asked || !this.connected || waiting.length === 0) return;
    const packet = waiting.subarray(0, Math.min(asked.size, PACKET));
    this.waiting = waiting.subarray(packet.length);
    this.asked = undefined;
    this.chip!.usbCtrl.endpointReadDone(asked.endpoint, packet, PACKET_US);
    for (const listener of this.taken) listener();
  }
}
