/** Requests that a board with a camera answers without asking it. */

const SPACES = " ".repeat(1000);
/** What it is, the status of the answer, and the bytes. */
export const badRequests: readonly (readonly [string, number, string | Buffer])[] = [
  ["another path", 404, "GET /snapshot.jpeg HTTP/1.1\r\n\r\n"],
  ["a path that leads out", 404, "GET /../devsock.json HTTP/1.1\r\n\r\n"],
  ["another method", 405, "POST /snapshot.jpg HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc"],
  ["a method in small letters", 405, "get /snapshot.jpg HTTP/1.1\r\n\r\n"],
  ["HTTP/2", 400, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
  ["HTTP/0.9", 400, "GET /snapshot.jpg\r\n\r\n"],
  ["too many words", 400, "GET /snapshot.jpg x HTTP/1.1\r\n\r\n"],
  ["nothing but spaces", 400, `GET${SPACES}\r\n\r\n`],
  ["a question of question marks", 404, `GET /${"?".repeat(900)} HTTP/1.1\r\n\r\n`.replace("/?", "/x?")],
  ["TLS", 400, Buffer.from("16030100a5010000a10303", "hex")],
  ["zeros", 400, Buffer.alloc(2000)],
  ["a line without an end", 431, `GET /${"a".repeat(3000)}`],
  ["too many header fields", 431, `GET / HTTP/1.1\r\n${"A: b\r\n".repeat(300)}`],
  ["another site's name for it", 421, "GET /snapshot.jpg HTTP/1.1\r\nhost:rebound.example.com:80\r\n\r\n"],
  ["one that has a name of mDNS within", 421, "GET /snapshot.jpg HTTP/1.1\r\nHost: ward.local.example.com\r\n\r\n"],
];
