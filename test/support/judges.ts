/** Programs written by others that must accept what we serve, and what happens to a test where one of them is missing. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { Suite } from "mocha";

export interface Judge {
  name: string;
  /** How to get it, for whoever reads that it is missing. */
  remedy: string;
  /** Its path; undefined where it is not there. */
  path: string | undefined;
  /** Not even the machine that checks every change needs to have it. */
  optional?: boolean;
}

/** The netcat of OpenBSD: others know no -N, and some end at once when their input does. */
export const nc: Judge = {
  name: "nc",
  remedy: "install netcat-openbsd",
  path: find("nc", (path) => spawnSync(path, ["-h"], { encoding: "utf8" }).stderr.includes("-N")),
};

export const socat: Judge = { name: "socat", remedy: "install socat", path: find("socat") };

/** The CUPS server. It gives its backends another user's rights, so it wants root's. */
export const cupsd: Judge = {
  name: "cupsd",
  remedy: "install cups-daemon and run as root",
  path: process.getuid?.() === 0 ? find("cupsd") : undefined,
};
export const lpadmin: Judge = { name: "lpadmin", remedy: "install cups-client", path: find("lpadmin") };
export const lp: Judge = { name: "lp", remedy: "install cups-client", path: find("lp") };
export const lpr: Judge = { name: "lpr", remedy: "install cups-bsd", path: find("lpr") };
export const cups: readonly Judge[] = [cupsd, lpadmin, lp];

/** Wireshark without a window, and the program of the same package that makes captures of hex dumps. */
export const tshark: Judge = { name: "tshark", remedy: "install tshark", path: find("tshark") };
export const text2pcap: Judge = { name: "text2pcap", remedy: "install wireshark-common", path: find("text2pcap") };

/** BioSig, as a module of the Python that has it. */
export const biosig: Judge = {
  name: "BioSig",
  remedy: "install python3-biosig",
  path: find(
    "python3",
    (path) => spawnSync(path, ["-c", "import importlib.util as u; exit(not u.find_spec('biosig'))"]).status === 0,
  ),
};

export const curl: Judge = { name: "curl", remedy: "install curl", path: find("curl") };
/** Both are of one package. */
export const ffmpeg: Judge = { name: "ffmpeg", remedy: "install ffmpeg", path: find("ffmpeg") };
export const ffprobe: Judge = { name: "ffprobe", remedy: "install ffmpeg", path: find("ffprobe") };

/** A browser without a window. */
export const chromium: Judge = { name: "Chromium", remedy: "install chromium", path: find("chromium") };

/** The program that CUPS starts for a socket:// queue. */
export const socketBackend: Judge = {
  name: "the socket backend of CUPS",
  remedy: "install cups-daemon",
  path: ["/usr/lib/cups/backend/socket", "/usr/libexec/cups/backend/socket"].find((path) => existsSync(path)),
};

/** The interpreter's own build for Linux. */
export const espruino: Judge = {
  name: "Espruino",
  remedy: "set ESPRUINO to the path of its Linux build",
  path: process.env["ESPRUINO"],
  optional: true,
};

/** The same with 32 bits and a fixed number of variables, as boards have them. */
export const espruino32: Judge = {
  name: "Espruino with 32 bits",
  remedy: "set ESPRUINO32 to the path of its Linux build with 5000 variables",
  path: process.env["ESPRUINO32"],
  optional: true,
};

/** Its path, once a suite has made sure that it is there. */
export function pathOf(judge: Judge): string {
  assert.ok(judge.path, `${judge.name} is missing: ${judge.remedy}`);
  return judge.path;
}

/**
 * A suite that needs programs. Where one is missing the suite is skipped, with the program's name in the summary; where
 * CI=true it fails.
 */
export function judgedBy(judges: readonly Judge[], title: string, tests: (this: Suite) => void): void {
  describe(title, function () {
    const missing = judges.filter(({ path }) => path === undefined);
    if (missing.length === 0) return tests.call(this);
    const text = missing.map(({ name, remedy }) => `${name} is missing: ${remedy}`).join("; ");
    if (process.env["CI"] === "true" && missing.some(({ optional }) => !optional)) it(text, () => assert.fail(text));
    else it.skip(text);
  });
}

/** Looks where programs are, and where those of an administrator are. */
function find(name: string, right: (path: string) => boolean = () => true): string | undefined {
  const directories = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/sbin"];
  return directories.map((directory) => join(directory, name)).find((path) => isProgram(path) && right(path));
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
