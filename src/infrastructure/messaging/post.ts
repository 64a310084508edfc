import {
  request as plainRequest,
  STATUS_CODES,
  type Agent as PlainAgent,
  type ClientRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
} from 'node:http';
import { request as tlsRequest, type Agent as TlsAgent } from 'node:https';
import { connectionFault } from '../outgoing/connection-fault.js';
import { follow, headersTo, isRedirect, MOST_REDIRECTS } from '../outgoing/redirects.js';
import { untilTimeout } from '../outgoing/until-timeout.js';
import type { EventMessage } from './event-message.js';

/** How long (ms) and up to how many bytes an answer is read that nobody wants, so that its connection can be kept. */
const PATIENCE = 2_000;
const READABLE = 64 * 1024;
/** The body of these is sent on; the others are followed by GET, as browsers and Go's client do. */
const KEEPS_METHOD: ReadonlySet<number> = new Set([307, 308]);

export interface PostedMessage extends EventMessage {
  readonly url: URL;
  /** Added to those that every message has. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
}

export interface Agents {
  readonly 'http:': PlainAgent;
  readonly 'https:': TlsAgent;
}

export interface PostedAnswer {
  readonly code: number;
  /** Code and its usual words: `200 OK`. */
  readonly status: string;
}

interface Request {
  readonly method: 'GET' | 'POST';
  readonly headers: OutgoingHttpHeaders;
  readonly body: string | undefined;
}

/**
 * Posts a message, and follows at most 10 redirects.
 * @param timeout milliseconds for all of it
 * @throws Error that says why there is no answer
 */
export async function post(
  message: PostedMessage,
  agents: Agents,
  timeout: number,
  signal: AbortSignal,
): Promise<PostedAnswer> {
  return untilTimeout(timeout, signal, async (stop) => {
    let { url } = message;
    let isPost = true;
    for (let redirects = 0; ; redirects += 1) {
      const answer = await askAgain(url, requestTo(url, message, isPost), agents, stop);
      const code = answer.statusCode ?? 0;
      const { location } = answer.headers;
      letGo(answer);
      if (location === undefined || !isRedirect(code)) {
        return { code, status: `${code} ${STATUS_CODES[code] ?? ''}`.trimEnd() };
      }
      if (redirects === MOST_REDIRECTS) throw new Error(`more than ${MOST_REDIRECTS} redirects`);
      url = follow(url, location);
      isPost &&= KEEPS_METHOD.has(code);
    }
  });
}

function requestTo(url: URL, message: PostedMessage, isPost: boolean): Request {
  const added = headersTo(url, message.url, message.headers);
  const userAgent = { 'User-Agent': 'stowage' };
  if (!isPost) return { method: 'GET', headers: { ...userAgent, ...added }, body: undefined };
  const { contentType, body } = message;
  const more = added['Content-Type'] ?? [];
  const types = [contentType, ...(Array.isArray(more) ? more : [String(more)])];
  const length = { 'Content-Length': Buffer.byteLength(body) };
  return { method: 'POST', headers: { ...userAgent, ...added, 'Content-Type': types, ...length }, body };
}

/** The other side may have closed a connection that was kept just when it was used again. */
async function askAgain(
  url: URL,
  request: Request,
  agents: Agents,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  try {
    return await ask(url, request, agents, signal);
  } catch (error) {
    if (!(error instanceof StaleConnection)) throw error;
    return askAgain(url, request, agents, signal);
  }
}

class StaleConnection extends Error {}

async function ask(
  url: URL,
  { method, headers, body }: Request,
  agents: Agents,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const options = { method, headers, signal };
    // Credentials in the address are sent as Authorization.
    const req: ClientRequest =
      url.protocol === 'https:'
        ? tlsRequest(url, { ...options, agent: agents['https:'] }, resolve)
        : plainRequest(url, { ...options, agent: agents['http:'] }, resolve);
    req.on('error', (error: NodeJS.ErrnoException) => {
      const isStale = req.reusedSocket && error.code === 'ECONNRESET' && !signal.aborted;
      reject(isStale ? new StaleConnection(error.message, { cause: error }) : connectionFault(error));
    });
    req.end(body);
  });
}

/** Reads what nobody wants, unless it is long: then the connection goes too. */
function letGo(answer: IncomingMessage): void {
  let read = 0;
  const timer = setTimeout(() => answer.destroy(), PATIENCE);
  timer.unref();
  answer.on('error', () => undefined);
  answer.on('close', () => clearTimeout(timer));
  answer.on('data', (chunk: Buffer) => {
    read += chunk.length;
    if (read > READABLE) answer.destroy();
  });
}
