/** The names that BSD sockets have, for what devsock offers of them. */

/** Address families. AF_DEVICE is devsock's own: a device on a board, or the board itself. */
export const AF_DEVICE = "AF_DEVICE";

/** Socket types; the numbers are Linux's. */
export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;

export type SocketType = typeof SOCK_STREAM | typeof SOCK_DGRAM;

/** SO_PRIORITY: 3 goes first, 0 last. */
export type Priority = 0 | 1 | 2 | 3;
