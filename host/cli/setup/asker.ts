/** Asks people, or takes what flags say: without a terminal nobody is asked. */
import { confirm, isCancel, multiselect, note, password, select, text } from "@clack/prompts";
import { DevsockError } from "../../index.js";
import { CommandError, ExitCode } from "../exit.js";

export interface Choice {
  value: string;
  label: string;
  hint?: string;
}

/** One question. */
interface Question<T> {
  /** The option that answers it. */
  flag: string;
  message: string;
  /** What that said. */
  given?: T | undefined;
  /** What is right for most. */
  usual?: T | undefined;
}

/** @returns what is wrong */
type Check = (text: string) => string | undefined;

export class Asker {
  constructor(readonly silent: boolean) {}

  async text({ check, ...question }: Question<string> & { check?: Check }): Promise<string> {
    const known = this.known(question);
    if (known === undefined) {
      const { message, usual } = question;
      const validate = (value = ""): string | undefined => check?.(value || (usual ?? ""));
      const answer = await text({ message, validate, ...(usual && { placeholder: usual, defaultValue: usual }) });
      return answered(answer);
    }
    const fault = check?.(known);
    if (fault) throw usage(`${question.flag}: ${fault}`);
    return known;
  }

  /** Of a few. */
  async choose({ choices, ...question }: Question<string> & { choices: readonly Choice[] }): Promise<string> {
    const known = this.known(question);
    if (known === undefined) {
      const { message, usual } = question;
      return answered(await select({ message, options: [...choices], ...(usual && { initialValue: usual }) }));
    }
    if (choices.some(({ value }) => value === known)) return known;
    throw usage(`${question.flag} ${known} is none of ${choices.map(({ value }) => value).join(", ")}`);
  }

  /** Any of a few, and none as well. */
  async chooseAll(message: string, choices: readonly Choice[]): Promise<string[]> {
    return answered(await multiselect({ message, options: [...choices], required: false }));
  }

  async confirm(question: Question<boolean>): Promise<boolean> {
    const known = this.known(question);
    if (known !== undefined) return known;
    return answered(await confirm({ message: question.message, initialValue: question.usual ?? true }));
  }

  /** What is typed is not shown, nor how much it is. */
  async secret({ check, ...question }: Question<string> & { check: Check }): Promise<string> {
    const known = this.known(question);
    if (known === undefined)
      return answered(await password({ message: question.message, mask: "", validate: (value = "") => check(value) }));
    const fault = check(known);
    if (fault) throw usage(`${question.flag}: ${fault}`);
    return known;
  }

  /** For who reads, not for programs. */
  tell(title: string, lines: readonly string[]): void {
    if (!this.silent) note(lines.join("\n"), title);
  }

  private known<T>({ flag, message, given, usual }: Question<T>): T | undefined {
    if (given !== undefined || !this.silent) return given;
    if (usual === undefined) throw usage(`${flag} is missing, and nobody can be asked: "${message}"`);
    return usual;
  }
}

function answered<T>(answer: T): Exclude<T, symbol> {
  if (!isCancel(answer)) return answer as Exclude<T, symbol>;
  throw new CommandError(
    new DevsockError("ECANCELED: set-up was left, and nothing was written; begin again with devsock setup"),
    ExitCode.interrupted,
  );
}

export function usage(words: string): CommandError {
  return new CommandError(new DevsockError(`EINVAL: ${words}`), ExitCode.usage);
}
