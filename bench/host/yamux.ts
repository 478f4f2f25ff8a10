/**
 * The yamux multiplexer of js-libp2p on js-libp2p's own TCP, and with a key on its noise: both ends. Left out is what else libp2p
 * does first to agree on the two.
 */
import "./with-resolvers.js";
import { generateKeyPair } from "@libp2p/crypto/keys";
import type { MessageStream, MultiaddrConnection, Stream, StreamMuxer, Upgrader } from "@libp2p/interface";
import { defaultLogger } from "@libp2p/logger";
import { noise } from "@libp2p/noise";
import { peerIdFromPrivateKey } from "@libp2p/peer-id";
import { tcp } from "@libp2p/tcp";
import { yamux } from "@libp2p/yamux";
import { multiaddr } from "@multiformats/multiaddr";

/** Bytes of a stream that may be under way: its own choice, 256 KiB and more as it measures, or 16 MiB from the start. */
export type Window = "default" | "large";

const LARGE = { initialStreamWindowSize: 2 ** 24, maxStreamWindowSize: 2 ** 24 };
const MUXERS = { default: yamux()(), large: yamux({ streamOptions: LARGE })() };
const logger = defaultLogger();

/** What the transport hands its connections to: here it puts the multiplexer on them. */
function upgrader(window: Window, keyed: boolean, taken: (muxer: StreamMuxer) => void): Upgrader {
  const upgrade = async (connection: MultiaddrConnection): Promise<void> => {
    const stream = keyed ? await secured(connection) : connection;
    taken(MUXERS[window].createStreamMuxer(stream));
  };
  return { upgradeOutbound: upgrade, upgradeInbound: upgrade } as unknown as Upgrader;
}

async function secured(connection: MultiaddrConnection): Promise<MessageStream> {
  const privateKey = await generateKeyPair("Ed25519");
  const peerId = peerIdFromPrivateKey(privateKey);
  const security = noise()({ privateKey, peerId, logger, upgrader: {} as Upgrader });
  const options = { skipStreamMuxerNegotiation: true };
  const outbound = connection.direction === "outbound";
  const made = outbound ? security.secureOutbound(connection, options) : security.secureInbound(connection, options);
  return (await made).connection;
}

/** @returns the port on loopback where streams are taken: what comes is thrown away */
export async function listenYamux(window: Window, keyed: boolean): Promise<number> {
  const serve = (muxer: StreamMuxer): void =>
    muxer.addEventListener("stream", ({ detail: stream }) => {
      stream.addEventListener("message", () => undefined);
      stream.addEventListener("remoteCloseWrite", () => void stream.close());
    });
  const listener = tcp()({ logger }).createListener({ upgrader: upgrader(window, keyed, serve) });
  await listener.listen(multiaddr("/ip4/127.0.0.1/tcp/0"));
  return Number(
    listener
      .getAddrs()[0]!
      .getComponents()
      .find(({ name }) => name === "tcp")!.value,
  );
}

export async function dialYamux(port: number, window: Window, keyed: boolean): Promise<[Stream, StreamMuxer]> {
  let muxer: StreamMuxer | undefined;
  await tcp()({ logger }).dial(multiaddr(`/ip4/127.0.0.1/tcp/${port}`), {
    signal: new AbortController().signal,
    upgrader: upgrader(window, keyed, (made) => (muxer = made)),
  });
  return [await muxer!.createStream(), muxer!];
}
