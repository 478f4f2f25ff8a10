/** BioSig, a reader of biomedical signals by others: what it says of a file. */
import { biosig, pathOf } from "./judges.js";
import { Program } from "./program.js";

export interface BiosigFile {
  header: {
    TYPE: string;
    NumberOfRecords: number;
    Samplingrate: number;
    StartOfRecording: string;
    CHANNEL: { Label: string; PhysicalUnit: string; PhysicalMinimum: number; scaling: number }[];
    EVENT: { TYP: string; POS: number; DUR: number; TimeStamp: string; Description: string }[];
  };
  /** By place, then by signal. */
  samples: number[][];
}

const SCRIPT = `
import biosig, json, sys
print(json.dumps({"header": json.loads(biosig.header(sys.argv[1])), "samples": biosig.data(sys.argv[1]).tolist()}))`;

export async function readWithBiosig(path: string): Promise<BiosigFile> {
  const { output } = await Program.run(pathOf(biosig), ["-c", SCRIPT, path]);
  return JSON.parse(output.toString()) as BiosigFile;
}
