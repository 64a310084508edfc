import type { ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { Exchange, FlatHeaders } from '../exchange.js';

const JSON_TYPE: FlatHeaders = ['Content-Type', 'application/json'];

/** Answers with a JSON document that fits in memory. */
export function answerJson(exchange: Exchange, document: unknown, headers: FlatHeaders = []): void {
  exchange.answer(200, [...JSON_TYPE, ...headers], Buffer.from(JSON.stringify(document)));
}

/**
 * Answers with `{"name": …, "tags": […]}` of any length, as its pieces come from the index and the client takes them.
 * A list of one piece has a Content-Length.
 */
export async function answerTagPieces(
  exchange: Exchange,
  name: string,
  pieces: AsyncIterable<readonly string[]>,
): Promise<void> {
  const iterator = pieces[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done === true) {
    answerJson(exchange, { name, tags: [] });
    return;
  }
  const second = await iterator.next();
  if (second.done === true) {
    answerJson(exchange, { name, tags: first.value });
    return;
  }
  exchange.writeHead(200, JSON_TYPE);
  if (exchange.method === 'HEAD') {
    exchange.res.end();
    return;
  }
  await write(exchange, `{"name":${JSON.stringify(name)},"tags":[${inner(first.value)}`);
  await write(exchange, `,${inner(second.value)}`);
  for (;;) {
    const next = await iterator.next();
    if (next.done === true) break;
    await write(exchange, `,${inner(next.value)}`);
  }
  await write(exchange, ']}');
  exchange.res.end();
}

function inner(tags: readonly string[]): string {
  return JSON.stringify(tags).slice(1, -1);
}

async function write({ res, signal }: Exchange, text: string): Promise<void> {
  signal.throwIfAborted();
  const piece = Buffer.from(text);
  if (!res.write(piece)) await drained(res, signal);
}

async function drained(res: ServerResponse, signal: AbortSignal): Promise<void> {
  await once(res, 'drain', { signal });
}
