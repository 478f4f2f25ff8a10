/** What both sides speak. */
export * from "./bytes/index.js";
export * from "./crypto/index.js";
export * from "./errors/index.js";
export * from "./link/frame.js";
export * from "./link/decoder.js";
export * from "./session/hello.js";
export * from "./session/agreement.js";
export * from "./session/initiator.js";
export * from "./session/door.js";
export * from "./session/guard.js";
export * from "./session/sender.js";
export * from "./session/session.js";
export * from "./socket/socket.js";
export * from "./socket/sockets.js";
export * from "./service/index.js";
export * from "./service/ports.js";
export * from "./service/transaction.js";
