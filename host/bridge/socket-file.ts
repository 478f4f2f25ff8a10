/** Socket files: made, and made again in place of one that a program left behind. */
import { lstat, unlink } from "node:fs/promises";
import net from "node:net";
import { DevsockError, fromNode } from "../errors.js";

/** Longest path of a socket file, in bytes: that of the system's sockaddr_un less its end. */
const LONGEST = process.platform === "linux" ? 107 : 103;

/** @throws DevsockError EADDRINUSE when a program listens there, EEXIST when something else is there */
export async function listenAt(path: string, connected: (client: net.Socket) => void): Promise<net.Server> {
  if (Buffer.byteLength(path) > LONGEST)
    throw new DevsockError(
      `ENAMETOOLONG: ${path} is longer than the ${LONGEST} bytes that a socket file's path may have; choose a shorter --dir`,
      { address: path },
    );
  try {
    return await listen(path, connected);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw fromNode(error, "output", path);
  }
  await removeStale(path);
  return listen(path, connected).catch((error: unknown) => Promise.reject(fromNode(error, "output", path)));
}

function listen(path: string, connected: (client: net.Socket) => void): Promise<net.Server> {
  const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true }, connected);
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => {
      server.off("error", reject);
      resolve(server);
    });
  });
}

async function removeStale(path: string): Promise<void> {
  if (!(await lstat(path)).isSocket())
    throw new DevsockError(`EEXIST: ${path} is there already and no socket; remove it, or choose another --dir`, {
      address: path,
    });
  if (await isServed(path))
    throw new DevsockError(`EADDRINUSE: another program serves ${path}; end it, or choose another --dir`, {
      address: path,
    });
  await unlink(path);
}

function isServed(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = net.connect(path);
    probe.once("connect", () => {
      probe.destroy();
      resolve(true);
    });
    probe.once("error", ({ code }: NodeJS.ErrnoException) => resolve(code !== "ECONNREFUSED" && code !== "ENOENT"));
  });
}
