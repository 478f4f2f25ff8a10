/** The USB cable to a host: the chip's serial port with packets of 64 bytes, of which none is lost while the board is on. */
import { USBCDC } from "rp2040js";
import type { RP2040 } from "rp2040js";
import type { UartWire } from "../wire.js";

const PACKET = 64;
/** Full speed: 19 packets of 64 bytes fit a frame of 1 ms. */
const PACKET_US = 1000 / 19;
/** What a cable that has no speed of its own calls it. */
const BAUD = 12_000_000;

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

  /** @param open a host opens the port: the interpreter does not sleep then */
  constructor(private readonly open: boolean) {
    const backlog = (): number => this.waiting.length;
    this.peripheral = {
      baud: BAUD,
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
    chip.usbCtrl.writeDelayMicroseconds = PACKET_US;
    const control = chip.usbCtrl.onEndpointRead!;
    // An endpoint that has nothing to give says so until it has; an empty packet would be data.
    chip.usbCtrl.onEndpointRead = (endpoint, size) => {
      if (endpoint === 0) return control(endpoint, size);
      this.asked = { endpoint, size };
      this.answer();
    };
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
