/** All that node.ts uses of Node's cryptography. */
declare module "node:crypto" {
  export interface KeyObject {
    readonly type: "secret";
  }
  export interface Hash {
    update(data: Uint8Array): this;
    digest(): Uint8Array;
  }
  export interface Cipher {
    update(data: Uint8Array): Uint8Array;
    setAutoPadding(padding: boolean): this;
  }
  export function createHash(algorithm: "sha256"): Hash;
  export function createHmac(algorithm: "sha256", key: KeyObject): Hash;
  export function createSecretKey(key: Uint8Array): KeyObject;
  export function createCipheriv(algorithm: string, key: Uint8Array, iv: Uint8Array | null): Cipher;
  export function timingSafeEqual(a: Uint8Array, b: Uint8Array): boolean;
}
