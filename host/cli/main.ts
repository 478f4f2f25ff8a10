/** The command devsock. */
import { createRequire } from "node:module";
import { Command, CommanderError } from "commander";
import { addLs } from "./commands/ls.js";
import { addPrint } from "./commands/print.js";
import { addSim } from "./commands/sim.js";
import { addStatus } from "./commands/status.js";
import { ExitCode, report } from "./exit.js";

const HELP = `
Exit codes: 0 done; 1 the board refused or the job failed; 2 wrong usage; 66 the input cannot be read;
69 no board reached, or its link lost; 70 a fault of devsock; 130 interrupted, 143 terminated.

Try it without hardware:
  devsock sim                              (in one terminal)
  devsock ls tcp://127.0.0.1:9180          (in another)`;

const { version } = createRequire(import.meta.url)("devsock/package.json") as { version: string };

const program = new Command("devsock")
  .description("Sockets for the peripherals of small JavaScript boards: printers on the network.")
  .version(version)
  .exitOverride()
  .showHelpAfterError("(add --help for usage)")
  .addHelpText("after", HELP);

for (const add of [addSim, addLs, addPrint, addStatus]) add(program);
for (const command of program.commands) command.exitOverride();

// Whoever reads our output may go away: head, less.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 70));

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
  else process.exitCode = report(error, process.argv.includes("--json"));
}
