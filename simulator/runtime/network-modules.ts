/** The modules `net` and `dgram`, and the classes behind them. */
import { asText, binary, toBytes } from "./binary.js";
import type { Interpreter } from "./interpreter.js";
import type { Realm } from "./realm.js";
import type { StreamBuffer } from "./stream.js";
import type { TcpSockets } from "./tcp.js";
import type { UdpSockets } from "./udp.js";

export interface NetworkParts {
  realm: Realm;
  interpreter: Interpreter;
  streams: StreamBuffer;
  tcp: TcpSockets;
  udp: UdpSockets;
  /** False until the board has joined a network. */
  online: () => boolean;
  /** While the network is lost: no socket can be made. */
  away: () => boolean;
  wake: () => void;
}

type Class = { prototype: object; new (): object };

function classOf(realm: Realm, name: string): Class {
  const made = realm.evaluate(`(function ${name}() {})`, name) as Class;
  realm.define(realm.global, name, made);
  return made;
}

function text(data: unknown): string {
  return typeof data === "string" ? data : binary(toBytes(asText(data)));
}

export function netModule(parts: NetworkParts): { module: object; newSocket: () => object } {
  const { realm, tcp, wake } = parts;
  const Socket = classOf(realm, "Socket");
  const Server = classOf(realm, "Server");
  const online = (): void => {
    if (!parts.online()) throw realm.error("Not connected to the internet", "InternalError");
  };
  const module = realm.object();
  realm.methods(module, {
    createServer(callback: unknown) {
      if (typeof callback !== "function") throw realm.error("Expecting Callback Function but got " + typeof callback);
      return Object.assign(new Server(), { "#onconnect": callback });
    },
    connect(options: { host?: string; port: number }, callback?: unknown) {
      online();
      const socket = new Socket();
      if (typeof callback === "function") Object.assign(socket, { "#onconnect": callback });
      wake();
      tcp.connect(socket, options.host ?? "127.0.0.1", options.port);
      return socket;
    },
  });
  realm.methods(Server.prototype, {
    listen(this: object, port: number) {
      online();
      tcp.listen(this, port);
      return this;
    },
    close(this: object) {
      tcp.closeServer(this);
    },
  });
  realm.methods(Socket.prototype, {
    write(this: object, data: unknown) {
      tcp.write(this, text(data));
      wake();
      return false;
    },
    end(this: object, data?: unknown) {
      if (data !== undefined) tcp.write(this, text(data));
      tcp.end(this);
      wake();
    },
    available(this: object) {
      return parts.streams.available(this);
    },
    read(this: object, count = 0) {
      return parts.streams.read(this, count);
    },
  });
  return { module, newSocket: () => new Socket() };
}

export function dgramModule(parts: NetworkParts): object {
  const { realm, interpreter, udp, wake } = parts;
  const Socket = classOf(realm, "dgramSocket");
  const online = (): void => {
    if (!parts.online()) throw realm.error("Not connected to the internet", "InternalError");
  };
  const module = realm.object();
  realm.methods(module, {
    createSocket(_type: unknown, callback?: unknown) {
      const socket = new Socket();
      udp.create(socket);
      if (typeof callback === "function") Object.assign(socket, { "#onconnect": callback });
      return socket;
    },
  });
  realm.methods(Socket.prototype, {
    bind(this: object, port: number, callback?: unknown) {
      online();
      if (parts.away()) {
        udp.close(this);
        throw realm.error("Unable to create socket", "InternalError");
      }
      udp.bind(this, port);
      if (typeof callback === "function") interpreter.queue(this, callback, [this]);
      wake();
      return this;
    },
    send(this: object, buffer: string, ...rest: unknown[]) {
      online();
      const ranged = rest.length > 2 && typeof rest[2] === "number";
      const [offset, length] = ranged ? (rest as [number, number]) : [0, buffer.length];
      const [port, address] = (ranged ? rest.slice(2) : rest) as [number, string];
      udp.send(this, text(buffer).substr(offset, length), port, address);
      wake();
    },
    close(this: object) {
      udp.close(this);
      wake();
    },
  });
  return module;
}
