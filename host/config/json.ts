/** Where a JSON text goes wrong: JSON.parse itself often does not say. */

export interface JsonFault {
  /** From 1. */
  line: number;
  column: number;
  problem: string;
}

const SPACE = /[ \t\n\r]*/y;
const STRING = /"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const SCALAR = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.])/y;

/** The first fault of the text; none if it is JSON with each name once in its object. */
export function findFault(text: string): JsonFault | undefined {
  try {
    new Scanner(text).document();
    return undefined;
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    const before = text.slice(0, error.at).split("\n");
    return { line: before.length, column: before[before.length - 1]!.length + 1, problem: error.message };
  }
}

class Stop extends Error {
  constructor(
    readonly at: number,
    message: string,
  ) {
    super(message);
  }
}

class Scanner {
  private at = 0;

  constructor(private readonly text: string) {}

  document(): void {
    this.value();
    this.take(SPACE);
    if (this.at < this.text.length) throw this.stop("nothing more may follow here; remove it");
  }

  private value(): void {
    this.take(SPACE);
    if (this.peek("{")) this.object();
    else if (this.peek("[")) this.list("]", () => this.value());
    else if (this.peek('"')) this.string();
    else if (this.take(SCALAR) === undefined) throw this.stop("a value is expected here: text needs double quotes");
  }

  private object(): void {
    const names = new Set<string>();
    this.list("}", () => {
      this.take(SPACE);
      const start = this.at;
      if (!this.peek('"')) throw this.stop('a name in double quotes is expected here, or "}"');
      const name = this.string();
      if (names.has(name)) throw new Stop(start, `${name} stands twice in one object; remove one`);
      names.add(name);
      this.take(SPACE);
      if (!this.peek(":")) throw this.stop(`":" is expected after ${name}`);
      this.at++;
      this.value();
    });
  }

  private list(end: "}" | "]", item: () => void): void {
    this.at++;
    this.take(SPACE);
    if (this.peek(end)) return void this.at++;
    for (;;) {
      item();
      this.take(SPACE);
      if (this.peek(end)) return void this.at++;
      if (!this.peek(",")) throw this.stop(`"," or "${end}" is expected here`);
      this.at++;
    }
  }

  private string(): string {
    const found = this.take(STRING);
    if (found === undefined) throw this.stop("this text has no closing quote on its line, or a bad \\ escape");
    return found;
  }

  private peek(char: string): boolean {
    return this.text[this.at] === char;
  }

  private take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  private stop(message: string): Stop {
    return new Stop(this.at, this.at < this.text.length ? message : `the text ends too early: ${message}`);
  }
}
