import type { Answer, HttpClient } from '../../support/http-client.js';
import { observe, OUTCOME, type Observed } from './observe.js';
import type { Group, Step } from './step.js';

const CUT: Observed = new Map([[OUTCOME, 'the connection ends']]);

/** What is asked: a registry that runs. */
export interface Asked {
  readonly client: HttpClient;
  readonly host: string;
}

/**
 * Plays groups to a registry, one request after the other. Resolves with what was seen, by `group: title`.
 * @param known what fills in `{name}` from the beginning
 * @throws Error for two steps of one name, and when a `{name}` is not known
 */
export async function play(
  { client, host }: Asked,
  groups: readonly Group[],
  known: Readonly<Record<string, string>>,
): Promise<ReadonlyMap<string, Observed>> {
  const values = new Map(Object.entries(known));
  const seen = new Map<string, Observed>();
  for (const { name, steps } of groups) {
    for (const step of steps) {
      const key = `${name}: ${step[0]}`;
      if (seen.has(key)) throw new Error(`two steps are called ${key}`);
      const answer = await send(client, step, values);
      keepLocation(step[2]?.keep, answer, values);
      seen.set(key, answer === undefined ? CUT : observe(answer, host, methodOf(step[1])));
    }
  }
  return seen;
}

/** Undefined where the connection ends before the answer does. */
async function send(
  client: HttpClient,
  [, request, { headers = {}, body, chunked = false } = {}]: Step,
  values: ReadonlyMap<string, string>,
): Promise<Answer | undefined> {
  const filled = Object.entries(headers).map(([name, value]) => [name, fillIn(value, values)] as const);
  try {
    return await client.send({
      method: methodOf(request),
      path: fillIn(request.slice(request.indexOf(' ') + 1), values),
      // Else either may close it at any time, under the next request.
      headers: { connection: 'close', ...Object.fromEntries(filled) },
      chunked,
      ...(body === undefined ? {} : { body }),
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ECONNRESET') return undefined;
    throw error;
  }
}

function methodOf(request: string): string {
  return request.slice(0, request.indexOf(' '));
}

function fillIn(text: string, values: ReadonlyMap<string, string>): string {
  return text.replaceAll(/\{([^}]+)\}/g, (_, name: string) => {
    const value = values.get(name);
    if (value === undefined) throw new Error(`{${name}} is not known`);
    return value;
  });
}

function keepLocation(
  name: string | undefined,
  answer: Answer | undefined,
  values: Map<string, string>,
): void {
  if (name === undefined) return;
  const location = answer?.headers.location;
  if (location === undefined) throw new Error(`no Location to keep as ${name}: ${answer?.body.toString()}`);
  const { pathname, search } = new URL(location, 'http://registry');
  values.set(name, pathname + search);
  values.set(`${name}.path`, pathname);
  values.set(`${name}.id`, pathname.slice(pathname.lastIndexOf('/') + 1));
  values.set(`${name}.query`, search);
}
