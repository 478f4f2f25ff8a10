/** Results of laboratory analysers by ASTM E1381: a receiver for hosts, and a sender for what plays an analyser. */
export { AstmReceiver } from "./receiver.js";
export type { Offer, ReceiverLimits, ReceiverListener, ReceiverState, TransferEnd } from "./receiver.js";
export { AstmSender } from "./sender.js";
export type { SenderEnd, SenderListener, SenderState } from "./sender.js";
export { Control, decodeFrame, encodeFrame, framesOf } from "./frame.js";
export type { AstmFrame } from "./frame.js";
