/** The gateway link on TCP, UDP and serial: who may have a session, and how frames reach it. */
import type { Bytes } from "../../protocols/bytes/index.js";
import { u8 } from "../../protocols/bytes/index.js";
import { Frame } from "../../protocols/link/frame.js";
import { Tcp } from "../io/tcp.js";
import { Bound } from "../io/uart.js";
import type { Uart } from "../io/uart.js";
import { Link } from "./link.js";
import type { Service } from "./link.js";

/** All sessions of the board; main calls their `tick`. */
export const links: Link[] = [];

/** Connections and peers turned away because every session was taken. */
export const refused = { count: 0 };

function remove(link: Link): void {
  const at = links.indexOf(link);
  if (at >= 0) links.splice(at, 1);
}

/**
 * Sessions over TCP. A connection that does not finish its handshake in time is closed by its session.
 * @param chunk bytes that the board receives at once: a frame fills exactly one
 */
export function listenTcp(service: Service, port: number, chunk: number, most: number): void {
  let count = 0;
  const traits = { payload: chunk - Frame.overhead, reliable: true, datagram: false };
  require("net")
    .createServer((socket) => {
      if (count >= most) {
        refused.count++;
        return socket.end();
      }
      count++;
      const tcp = new Tcp(socket, (data) => link.receive(data));
      const link = new Link(
        service,
        traits,
        () => !tcp.full && !tcp.closed,
        (frame) => tcp.write(frame),
        () => tcp.end(),
      );
      links.push(link);
      tcp.ondrain = () => link.pump();
      tcp.onclose = () => {
        count--;
        remove(link);
        link.session.end("ECONNRESET: the connection was closed");
      };
    })
    .listen(port);
}

/**
 * Sessions over UDP, one for each peer's address. Only a handshake makes one.
 * @param datagram longest datagram in bytes
 */
export function listenUdp(service: Service, port: number, datagram: number, most: number): void {
  const peers: { [key: string]: Link } = {};
  let count = 0;
  const traits = { payload: datagram - Frame.overhead, reliable: false, datagram: true };
  const server = require("dgram").createSocket("udp4");
  let full = false;
  server.on("drain", () => {
    full = false;
    for (const key in peers) peers[key]!.pump();
  });
  server.on("message", (data: Bytes, from) => {
    const key = from.address + ":" + from.port;
    let link = peers[key];
    if (!link) {
      // Kind 0 in the top bits of byte 4: a handshake.
      if (data.length < Frame.overhead || u8(data, 4) >> 5) return;
      if (count >= most) {
        refused.count++;
        return;
      }
      count++;
      link = peers[key] = new Link(
        service,
        traits,
        () => !full,
        (frame) => {
          full = true;
          server.send(frame, from.port, from.address);
        },
        () => {
          if (!peers[key]) return;
          delete peers[key];
          count--;
          remove(link!);
        },
      );
      links.push(link);
    }
    link.receive(data);
  });
  server.bind(port);
}

/** The session on a serial line; when it ends, the next one may begin. */
export function listenSerial(service: Service, uart: Uart, payload: number): void {
  const traits = { payload, reliable: false, datagram: false };
  const start = (): Link => {
    const link = new Link(
      service,
      traits,
      () => uart.queued + payload < Bound.send,
      (frame) => uart.write(frame),
      () => {
        remove(link);
        current = start();
      },
    );
    links.push(link);
    return link;
  };
  let current = start();
  uart.ondata = (data) => current.receive(data);
  uart.onsent = () => current.pump();
}
