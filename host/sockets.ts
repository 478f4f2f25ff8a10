/** The names that BSD sockets have, for what devsock offers of them. */
export * from "./constants.js";
