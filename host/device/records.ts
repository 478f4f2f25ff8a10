/** Records of one JSON object a line, as services send them. */
import type { Duplex, Readable } from "node:stream";
import type { ZodType } from "zod";
import { DevsockError } from "../errors.js";

/** Longest line taken from a board, in bytes. */
const LONGEST = 16384;

/**
 * The records that come, until the other side ends.
 * @throws DevsockError EPROTO for a line that is too long, or is not such a record
 */
export async function* readRecords<T>(stream: Readable, address: string, schema: ZodType<T>): AsyncGenerator<T> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    rest = rest.length ? Buffer.concat([rest, chunk]) : chunk;
    let from = 0;
    for (let at; (at = rest.indexOf(10, from)) >= 0; from = at + 1)
      yield parse(rest.subarray(from, at), address, schema);
    rest = rest.subarray(from);
    if (rest.length > LONGEST) throw unreadable(`a record of more than ${LONGEST} bytes`, address);
  }
  if (rest.length) throw unreadable("half a record", address);
}

/** The one record of a service that says one thing, when the other side has ended. */
export async function readRecord<T>(stream: Duplex, address: string, schema: ZodType<T>): Promise<T> {
  let first: T | undefined;
  stream.end();
  for await (const record of readRecords(stream, address, schema)) first ??= record;
  if (!first) throw unreadable("no record", address);
  return first;
}

function parse<T>(line: Buffer, address: string, schema: ZodType<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(line.toString());
  } catch {
    throw unreadable("a line that is no JSON", address);
  }
  const { data, error } = schema.safeParse(value);
  if (error) throw unreadable(`a record whose ${error.issues[0]!.path.join(".") || "kind"} is wrong`, address);
  return data;
}

function unreadable(what: string, address: string): DevsockError {
  const text = `EPROTO: ${address} sent ${what}; the board's firmware and this program do not fit, update the older one`;
  return new DevsockError(text, { origin: "peer", address });
}
