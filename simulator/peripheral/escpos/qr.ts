/** QR codes of GS ( k, model 2. */
import qrcode from "qrcode-generator";
import { Bitmap } from "./bitmap.js";

/** One dot a module, without the quiet zone. Nothing when there is no data or too much of it. */
export function qrCode(data: Uint8Array, level: "L" | "M" | "Q" | "H"): Bitmap | undefined {
  if (data.length === 0) return undefined;
  const text = Buffer.from(data).toString("latin1");
  const code = qrcode(0, level);
  code.addData(text, /^\d+$/.test(text) ? "Numeric" : /^[0-9A-Z $%*+\-./:]+$/.test(text) ? "Alphanumeric" : "Byte");
  try {
    code.make();
  } catch {
    return undefined;
  }
  const size = code.getModuleCount();
  const bitmap = new Bitmap(size, size);
  for (let y = 0; y < size; y++) for (let x = 0; x < size; x++) bitmap.dots[y * size + x] = code.isDark(y, x) ? 1 : 0;
  return bitmap;
}
