/**
 * Packets as a capture file that Wireshark and tshark read: pcapng, draft-ietf-opsawg-pcapng. An interface for each address,
 * link type LINKTYPE_USER0; docs/trace.md says how the dissector is put on it.
 */
import { arch, release, type } from "node:os";
import { Transform } from "node:stream";
import type { TransformCallback } from "node:stream";
import type { Packet } from "./packet.js";

export const LINKTYPE_USER0 = 147;

/** Block types. */
const SECTION = 0x0a0d0d0a;
const INTERFACE = 1;
const STATISTICS = 5;
const PACKET = 6;

/** Options of all blocks, then those of each. */
const COMMENT = 1;
const SHB_OS = 3;
const SHB_USERAPPL = 4;
const IF_NAME = 2;
const IF_TSRESOL = 9;
const EPB_FLAGS = 2;
const EPB_DROPCOUNT = 4;
const ISB_IFRECV = 4;
const ISB_IFDROP = 5;

/** Flags of a packet: where it went, and that its CRC is wrong. */
const IN = 1;
const OUT = 2;
const CRC_ERROR = 1 << 24;

/** `if_tsresol`: times are in powers of ten of a second. */
const MICROSECONDS = 6;

type Option = [code: number, value: Buffer];

/** Takes packets, gives the bytes of a file. */
export class Pcapng extends Transform {
  private readonly interfaces = new Map<string, { id: number; seen: number; dropped: number; last: number }>();

  /** @param program what made the file, with its version */
  constructor(program: string) {
    super({ writableObjectMode: true });
    this.push(section(program));
  }

  override _transform(packet: Packet, _encoding: BufferEncoding, done: TransformCallback): void {
    let on = this.interfaces.get(packet.address);
    if (!on) {
      on = { id: this.interfaces.size, seen: 0, dropped: 0, last: 0 };
      this.interfaces.set(packet.address, on);
      this.push(description(packet.address));
    }
    on.seen += 1 + (packet.dropped ?? 0);
    on.dropped += packet.dropped ?? 0;
    on.last = packet.time;
    done(null, enhanced(packet, on.id));
  }

  override _flush(done: TransformCallback): void {
    for (const { id, seen, dropped, last } of this.interfaces.values())
      this.push(
        block(
          STATISTICS,
          [u32(id), ...stamp(last)],
          [
            [ISB_IFRECV, u64(seen)],
            [ISB_IFDROP, u64(dropped)],
          ],
        ),
      );
    done();
  }
}

function section(program: string): Buffer {
  const version = Buffer.from([1, 0, 0, 0]);
  const unknown = Buffer.alloc(8, 0xff);
  const os = `${type()} ${release()} ${arch()}`;
  return block(
    SECTION,
    [u32(0x1a2b3c4d), version, unknown],
    [
      [SHB_OS, Buffer.from(os)],
      [SHB_USERAPPL, Buffer.from(program)],
    ],
  );
}

function description(address: string): Buffer {
  const everything = u32(0);
  return block(
    INTERFACE,
    [u32(LINKTYPE_USER0), everything],
    [
      [IF_NAME, Buffer.from(address)],
      [IF_TSRESOL, Buffer.of(MICROSECONDS)],
    ],
  );
}

function enhanced({ time, direction, kind, bytes, note, dropped }: Packet, id: number): Buffer {
  const flags = (direction === "in" ? IN : OUT) + (note === "crc" ? CRC_ERROR : 0);
  const options: Option[] = [[EPB_FLAGS, u32(flags)]];
  if (note !== undefined)
    options.push([COMMENT, Buffer.from(kind === "noise" ? `${bytes.length} bytes that are no frame: ${note}` : note)]);
  if (dropped) options.push([EPB_DROPCOUNT, u64(dropped)]);
  return block(PACKET, [u32(id), ...stamp(time), u32(bytes.length), u32(bytes.length), padded(bytes)], options);
}

/** A block: type, length, body, options, length again. */
function block(kind: number, body: Uint8Array[], options: Option[]): Buffer {
  const parts = [...body];
  for (const [code, value] of options) parts.push(u16(code), u16(value.length), padded(value));
  // End of the options.
  parts.push(u32(0));
  const length = u32(parts.reduce((sum, part) => sum + part.length, 12));
  return Buffer.concat([u32(kind), length, ...parts, length]);
}

/** The time in microseconds, its upper half first. */
function stamp(ms: number): Buffer[] {
  const time = Math.round(ms * 1000);
  return [u32(Math.floor(time / 2 ** 32)), u32(time % 2 ** 32)];
}

function padded(bytes: Uint8Array): Uint8Array {
  const rest = -bytes.length & 3;
  return rest ? Buffer.concat([bytes, Buffer.alloc(rest)]) : bytes;
}

function u16(n: number): Buffer {
  const out = Buffer.alloc(2);
  out.writeUInt16LE(n);
  return out;
}

function u32(n: number): Buffer {
  const out = Buffer.alloc(4);
  out.writeUInt32LE(n);
  return out;
}

function u64(n: number): Buffer {
  const out = Buffer.alloc(8);
  out.writeBigUInt64LE(BigInt(n));
  return out;
}
