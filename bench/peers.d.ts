/** What the bench calls of two public codecs. */
declare module "slip" {
  interface SlipDecoder {
    decode(data: Uint8Array): void;
  }
  const slip: {
    encode(data: Uint8Array): Uint8Array;
    Decoder: new (options: { onMessage: (message: Uint8Array) => void }) => SlipDecoder;
  };
  export default slip;
}

declare module "cobs" {
  const cobs: {
    encode(data: Buffer): Buffer;
    decode(data: Buffer): Buffer;
  };
  export default cobs;
}
