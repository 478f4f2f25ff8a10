/** tshark with our dissector: what it says of a capture. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { Pcapng } from "../../host/index.js";
import type { Packet } from "../../host/index.js";
import { pathOf, text2pcap, tshark } from "./judges.js";
import { Program } from "./program.js";

const script = fileURLToPath(new URL("../../docs/wireshark/devsock.lua", import.meta.url));

/** Fields of one packet by name; each may stand there several times. */
export type Fields = Record<string, string[]>;

export class Captures {
  private count = 0;

  /** @param dir where captures are put; also tshark's home, so that nobody's own settings matter */
  constructor(private readonly dir: string) {}

  /** @returns the path of a capture file with these packets */
  async write(packets: Packet[]): Promise<string> {
    const path = this.next();
    await writeFile(path, await buffer(Readable.from(packets).pipe(new Pcapng("devsock test"))));
    return path;
  }

  /** An ordinary capture: what each side sent, put into segments or datagrams to and from a port. */
  async network(kind: "tcp" | "udp", port: number, packets: Pick<Packet, "bytes" | "direction">[]): Promise<string> {
    const dump = packets.map(({ bytes, direction }) => {
      const rows = [];
      for (let at = 0; at < bytes.length; at += 16)
        rows.push(`${at.toString(16).padStart(6, "0")} ${spaced(bytes.subarray(at, at + 16))}\n`);
      return `${direction === "in" ? "I" : "O"}\n${rows.join("")}`;
    });
    const [from, to] = [this.next(), this.next()];
    await writeFile(from, dump.join("\n"));
    const ports = [kind === "tcp" ? "-T" : "-u", `${port},50000`];
    await Program.run(pathOf(text2pcap), ["-q", "-D", ...ports, from, to]);
    return to;
  }

  /** What tshark's JSON says of the packets with these fields. */
  async fields(path: string, names: string[], filter = ""): Promise<Fields[]> {
    const args = ["-r", path, "-X", `lua_script:${script}`, "-T", "json", ...names.flatMap((name) => ["-e", name])];
    if (filter) args.push("-Y", filter);
    const { output } = await Program.run(pathOf(tshark), args, { env: { HOME: this.dir } });
    const packets = JSON.parse(output.toString()) as { _source: { layers: Fields } }[];
    return packets.map(({ _source }) => _source.layers);
  }

  /** A line for each packet, as people see it. */
  async lines(path: string): Promise<string[]> {
    const args = ["-r", path, "-X", `lua_script:${script}`, "-T", "fields", "-e", "_ws.col.Info"];
    const { output } = await Program.run(pathOf(tshark), args, { env: { HOME: this.dir } });
    return output.toString().trimEnd().split("\n");
  }

  private next(): string {
    return join(this.dir, `${++this.count}.pcapng`);
  }
}

function spaced(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex").replace(/../g, "$& ").trim();
}
