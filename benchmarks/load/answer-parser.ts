export interface Answer {
  readonly status: number;
  /** Lower-case names; of a repeated header the last. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

const HEAD_END = Buffer.from('\r\n\r\n');
const LINE_END = Buffer.from('\r\n');
const EMPTY = Buffer.alloc(0);

interface Head {
  readonly status: number;
  readonly headers: Map<string, string>;
}

function parseHead(text: string): Head {
  const headers = new Map<string, string>();
  const lines = text.split('\r\n');
  for (let at = 1; at < lines.length; at++) {
    const line = lines[at] ?? '';
    const colon = line.indexOf(':');
    headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  return { status: Number((lines[0] ?? '').slice(9, 12)), headers };
}

/** undefined while the last chunk has not come. */
function decodeChunked(bytes: Buffer, from: number): Buffer | undefined {
  const parts: Buffer[] = [];
  let at = from;
  for (;;) {
    const lineEnd = bytes.indexOf(LINE_END, at);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    const start = lineEnd + 2;
    if (bytes.length < start + size + 2) return undefined;
    if (size === 0) return Buffer.concat(parts);
    parts.push(bytes.subarray(start, start + size));
    at = start + size + 2;
  }
}

/** Puts one answer at a time together; the connection never sends a request before the last one is answered. */
export class AnswerParser {
  #bytes: Buffer = EMPTY;
  #head: Head | undefined;
  #bodyAt = 0;
  #withoutBody = false;

  expect(withoutBody: boolean): void {
    this.#bytes = EMPTY;
    this.#head = undefined;
    this.#withoutBody = withoutBody;
  }

  /** @returns the answer when `chunk` completes it. */
  push(chunk: Buffer): Answer | undefined {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    if (this.#head === undefined) {
      const end = this.#bytes.indexOf(HEAD_END);
      if (end < 0) return undefined;
      this.#head = parseHead(this.#bytes.toString('latin1', 0, end));
      this.#bodyAt = end + 4;
    }
    const body = this.#body(this.#head);
    return body === undefined ? undefined : { ...this.#head, body };
  }

  #body({ status, headers }: Head): Buffer | undefined {
    if (this.#withoutBody || status === 204 || status === 304) return EMPTY;
    if (headers.get('transfer-encoding') === 'chunked') return decodeChunked(this.#bytes, this.#bodyAt);
    const length = Number(headers.get('content-length') ?? 0);
    if (this.#bytes.length < this.#bodyAt + length) return undefined;
    return this.#bytes.subarray(this.#bodyAt, this.#bodyAt + length);
  }
}
