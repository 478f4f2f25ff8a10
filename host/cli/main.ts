/** The command devsock. */
import { Command, CommanderError } from "commander";
import { DevsockError } from "../index.js";
import { addCheck } from "./commands/check.js";
import { addClock } from "./commands/clock.js";
import { addConsole } from "./commands/console.js";
import { addDiscover } from "./commands/discover.js";
import { addFlash } from "./commands/flash.js";
import { addKey } from "./commands/key.js";
import { addLs } from "./commands/ls.js";
import { addPrint } from "./commands/print.js";
import { addPublish } from "./commands/publish.js";
import { addRecord } from "./commands/record.js";
import { addSetup } from "./commands/setup.js";
import { addSim } from "./commands/sim.js";
import { addSnapshot } from "./commands/snapshot.js";
import { addStatus } from "./commands/status.js";
import { addStream } from "./commands/stream.js";
import { addStorage } from "./commands/storage.js";
import { addTrace } from "./commands/trace.js";
import { addUpdate } from "./commands/update.js";
import { addWatch } from "./commands/watch.js";
import { CommandError, ExitCode, report } from "./exit.js";
import { version } from "./version.js";

const HELP = `
Exit codes: 0 done; 1 the board refused or the job failed; 2 wrong usage; 66 the input cannot be read;
69 no board reached, or its link lost; 70 a fault of devsock; 130 interrupted, 143 terminated.

Try it without hardware:
  devsock sim                              (in one terminal)
  devsock ls tcp://127.0.0.1:9180          (in another)`;

const json = process.argv.includes("--json");

const program = new Command("devsock")
  .description("Sockets for the peripherals of small JavaScript boards: printers, sensors and cameras on the network.")
  .version(version)
  .exitOverride()
  .configureOutput(json ? { writeErr: () => {} } : {})
  .showHelpAfterError("(add --help for usage)")
  .addHelpText("after", HELP);

const commands = [
  ...[addSim, addDiscover, addLs, addPrint, addWatch, addRecord, addSnapshot, addStream],
  ...[addPublish, addStatus, addClock, addKey, addCheck, addSetup, addFlash, addUpdate, addStorage, addConsole],
  ...[addTrace],
];
for (const add of commands) add(program);
for (const command of program.commands) for (const each of [command, ...command.commands]) each.exitOverride();

// Whoever reads our output may go away: head, less.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 70));

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) process.exitCode = report(error, json);
  else if (error.exitCode === 0) process.exitCode = ExitCode.ok;
  else process.exitCode = json ? report(usage(error), json) : ExitCode.usage;
}

/** Commander has told people already; programs get its words as an error like any other. */
function usage({ code, message }: CommanderError): CommandError {
  const words = code === "commander.help" ? "a command is missing" : message.replace(/^error: /, "").split("\n")[0]!;
  return new CommandError(new DevsockError(`EINVAL: ${words}; add --help for usage`), ExitCode.usage);
}
