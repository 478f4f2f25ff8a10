/** Prints a file and shows how it goes: `npx tsx examples/print-a-file.ts tcp://127.0.0.1:9180 README.md` */
import { connect, DevsockError } from "../host/index.js";

const [address = "tcp://127.0.0.1:9180", file = "README.md"] = process.argv.slice(2);

try {
  await using board = await connect(address);
  const report = await board.printer("printer0").print(file, {
    onProgress: ({ taken, total }) => console.log(`${taken} of ${total} bytes`),
  });
  console.log(`the printer took ${report.taken} bytes and is ${report.status.summary}`);
} catch (error) {
  if (!(error instanceof DevsockError)) throw error;
  // The code is for programs, the sentence for people; reach says how far a job came.
  console.error(`${error.code}: ${error.sentence}`, error.reach ?? "");
  process.exitCode = 1;
}
