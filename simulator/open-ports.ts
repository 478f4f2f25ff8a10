/** Which ports of the machine are open, from the kernel's own table. Linux only. */
import { readFile } from "node:fs/promises";
import { failure } from "./simulation.js";

const READY_MS = 6_000;
const POLL_MS = 20;

/**
 * Waits until ports are open, without touching them: a connection would count as a client.
 * @throws Error ETIMEDOUT
 */
export async function untilOpen(ports: { tcp: number[]; udp: number[] }): Promise<void> {
  const end = Date.now() + READY_MS;
  for (;;) {
    const [tcp, udp] = await Promise.all([openPorts("tcp", "0A"), openPorts("udp", "07")]);
    const missing = [...ports.tcp.filter((port) => !tcp.has(port)), ...ports.udp.filter((port) => !udp.has(port))];
    if (missing.length === 0) return;
    if (Date.now() > end)
      throw failure(
        "ETIMEDOUT",
        `the firmware did not open port ${missing.join(", ")}: see what the interpreter printed`,
      );
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Local ports in a state, from the kernel's own table. */
async function openPorts(kind: "tcp" | "udp", state: string): Promise<Set<number>> {
  const table = await readFile(`/proc/net/${kind}`, "latin1");
  const ports = new Set<number>();
  for (const line of table.split("\n").slice(1)) {
    const [, local, , status] = line.trim().split(/\s+/);
    if (status === state) ports.add(parseInt(local!.split(":")[1]!, 16));
  }
  return ports;
}
