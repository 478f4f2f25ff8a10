/**
 * The figures of the host, in a process of its own that runs what `tsc` made, as users do: the loader that runs the rest of bench/ gives
 * every closure a name, which takes 256 bytes each. Its argument is what was asked for; it sends the figures to its parent.
 */
import type { Figure } from "../figure.js";
import { crowdFigures } from "./crowd.js";
import { hostStreamFigures } from "./stream.js";

const only = process.argv[2] ?? "";
const wants = (name: string): boolean => name.startsWith(only) || only.startsWith(name);

const figures: Figure[] = [];
if (wants("host.stream") || wants("host.crypto")) figures.push(...(await hostStreamFigures()));
if (wants("host.sockets1000") || wants("host.boards1000")) figures.push(...(await crowdFigures(wants)));
process.send!(figures);
