/** The names that BSD sockets have, with Linux's numbers where a number is what they are. */

/** Address families. AF_DEVICE is devsock's own: a device on a board, or the board itself. */
export const AF_DEVICE = "AF_DEVICE";
export const AF_UNSPEC = "AF_UNSPEC";
export const AF_UNIX = "AF_UNIX";
export const AF_LOCAL = AF_UNIX;
export const AF_INET = "AF_INET";
export const AF_INET6 = "AF_INET6";
export const AF_NETLINK = "AF_NETLINK";
export const AF_PACKET = "AF_PACKET";
/** No board speaks these: EAFNOSUPPORT. */
export const AF_IPX = "AF_IPX";
export const AF_X25 = "AF_X25";
export const AF_AX25 = "AF_AX25";
export const AF_ATMPVC = "AF_ATMPVC";
export const AF_APPLETALK = "AF_APPLETALK";

/** Socket types. */
export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const SOCK_RAW = 3;
export const SOCK_RDM = 4;
export const SOCK_SEQPACKET = 5;
/** Obsolete: ESOCKTNOSUPPORT; AF_PACKET is what it was for. */
export const SOCK_PACKET = 10;

export type SocketType =
  typeof SOCK_STREAM | typeof SOCK_DGRAM | typeof SOCK_RAW | typeof SOCK_RDM | typeof SOCK_SEQPACKET;

/** SO_PRIORITY: 3 goes first, 0 last. */
export type Priority = 0 | 1 | 2 | 3;

/** Levels of options. SOL_DEVICE is devsock's own: settings of what hangs on the board. */
export const SOL_SOCKET = 1;
export const SOL_PACKET = 263;
export const SOL_DEVICE = 1000;

/** Options of SOL_SOCKET. */
export const SO_REUSEADDR = 2;
export const SO_TYPE = 3;
export const SO_ERROR = 4;
export const SO_BROADCAST = 6;
export const SO_SNDBUF = 7;
export const SO_RCVBUF = 8;
export const SO_KEEPALIVE = 9;
export const SO_PRIORITY = 12;
export const SO_LINGER = 13;
export const SO_RCVTIMEO = 20;
export const SO_SNDTIMEO = 21;
export const SO_TIMESTAMP = 29;

/** Option of SOL_PACKET, to be read: what a tap has counted. */
export const PACKET_STATISTICS = 6;

/** Options of SOL_DEVICE, by the names in which they travel [SOCK-12]. */
export const DEV_BAUD = "baud";
export const DEV_PARITY = "parity";
export const DEV_STOPBITS = "stopbits";
export const DEV_DTR = "dtr";
export const DEV_RTS = "rts";
export const DEV_BREAK = "break";
export const DEV_FLOW = "flow";
export const DEV_RATE = "rate";
export const DEV_SIZE = "size";
export const DEV_LEASE = "lease";

/** Flags of send and recv. */
export const MSG_OOB = 0x1;
export const MSG_PEEK = 0x2;
export const MSG_TRUNC = 0x20;
export const MSG_DONTWAIT = 0x40;
/** A record ends here. */
export const MSG_EOR = 0x80;
export const MSG_WAITALL = 0x100;

/** Ways of shutdown. */
export const SHUT_RD = 0;
export const SHUT_WR = 1;
export const SHUT_RDWR = 2;

/** Events of poll. */
export const POLLIN = 0x1;
export const POLLPRI = 0x2;
export const POLLOUT = 0x4;
export const POLLERR = 0x8;
export const POLLHUP = 0x10;
export const POLLNVAL = 0x20;

/** The longest backlog that listen takes. */
export const SOMAXCONN = 64;
