/** All that node.ts uses of Node. The rest of protocols/ is compiled without the types of any runtime. */

declare module "node:zlib" {
  export function crc32(data: Uint8Array, value?: number): number;
}

declare class TextEncoder {
  encode(text: string): Uint8Array;
}

declare class TextDecoder {
  decode(data: Uint8Array): string;
}

declare class Buffer extends Uint8Array {
  static allocUnsafeSlow(size: number): Buffer;
}
