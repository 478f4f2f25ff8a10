/** The session layer as a board has it, and nothing else: what `board.variables.session` loads. */
export { hmacKey } from "../../protocols/crypto/index.js";
export { Door } from "../../protocols/session/door.js";
export { Session } from "../../protocols/session/session.js";
export { Sockets } from "../../protocols/socket/sockets.js";
