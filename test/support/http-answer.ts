/** What an HTTP server sent on one connection, read strictly. */
import assert from "node:assert/strict";

export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
  /** Nothing is missing, as far as the answer itself says. */
  whole: boolean;
}

/** @throws AssertionError for what is no answer */
export function readAnswer(bytes: Buffer, bare = false): Answer {
  const end = bytes.indexOf("\r\n\r\n");
  assert.ok(end > 0, `no answer: ${bytes.subarray(0, 100).toString("latin1")}`);
  const [first, ...lines] = bytes.subarray(0, end).toString("latin1").split("\r\n");
  assert.match(first!, /^HTTP\/1\.1 \d{3} [A-Z][A-Za-z ]+$/);
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const [, name, value] = /^([A-Za-z-]+): (\S.*)$/.exec(line) ?? assert.fail(`no header field: ${line}`);
    assert.ok(!(name!.toLowerCase() in headers), `${name} comes twice`);
    headers[name!.toLowerCase()] = value!;
  }
  const status = Number(first!.slice(9, 12));
  const rest = bytes.subarray(end + 4);
  if (bare) assert.equal(rest.length, 0);
  if (bare || headers["content-length"] !== undefined) {
    const length = bare ? 0 : Number(headers["content-length"]);
    assert.ok(rest.length <= length, `${rest.length - length} bytes more than it says`);
    return { status, headers, body: rest, whole: rest.length === length };
  }
  if (headers["transfer-encoding"] !== "chunked") return { status, headers, body: rest, whole: true };
  return { status, headers, ...unchunk(rest) };
}

/** RFC 9112, 7.1. */
function unchunk(bytes: Buffer): { body: Buffer; whole: boolean } {
  const parts: Buffer[] = [];
  for (let at = 0; ;) {
    const end = bytes.indexOf("\r\n", at);
    const size = parseInt(bytes.subarray(at, end).toString("latin1"), 16);
    const next = end + 2 + size;
    if (end < 0 || bytes.length < next + 2) return { body: Buffer.concat(parts), whole: false };
    assert.match(bytes.subarray(at, end).toString("latin1"), /^[0-9a-f]+$/);
    assert.equal(bytes.subarray(next, next + 2).toString("latin1"), "\r\n");
    if (size === 0) {
      assert.equal(bytes.length, next + 2, "bytes behind the last chunk");
      return { body: Buffer.concat(parts), whole: true };
    }
    parts.push(bytes.subarray(end + 2, next));
    at = next + 2;
  }
}

/** The images of a multipart/x-mixed-replace body that are whole. RFC 2046, 5.1. */
export function readParts({ headers, body }: Answer): Buffer[] {
  const [, boundary] = /^multipart\/x-mixed-replace; boundary=(\S+)$/.exec(headers["content-type"]!)!;
  const delimiter = `--${boundary}\r\n`;
  assert.ok(body.length === 0 || body.subarray(0, delimiter.length).equals(Buffer.from(delimiter)));
  const parts: Buffer[] = [];
  for (let at = delimiter.length; ;) {
    const end = body.indexOf(`\r\n${delimiter}`, at);
    if (end < 0) return parts;
    const part = body.subarray(at, end);
    const head = part.indexOf("\r\n\r\n");
    assert.equal(part.subarray(0, head).toString("latin1"), "Content-Type: image/jpeg");
    parts.push(part.subarray(head + 4));
    at = end + 2 + delimiter.length;
  }
}
