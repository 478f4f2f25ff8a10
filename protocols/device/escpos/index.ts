/** ESC/POS, all of it: for the host. The board imports commands.ts alone. */
export { askStatus, AutoStatus, autoStatus, INITIALIZE, Offline, Realtime, Reply } from "./commands.js";
export { CommandCursor } from "./cursor.js";
export { OpenData } from "./open-data.js";
export { CommandScanner } from "./scanner.js";
export { decodeAutoStatus, decodeRealtime, LONGEST_BLOCK, ReplyReader } from "./status.js";
export type { PrinterError, PrinterReply, PrinterStatus } from "./status.js";
