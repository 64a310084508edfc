import { digestOf, type HttpClient } from '../../support/http-client.js';
import type { Content, Ledger } from './ledger.js';
import type { MixedLoad, OpenSession } from './mixed-load.js';
import { closeSession, expectStatus } from './upload-forms.js';

const READERS = 8;

/**
 * Compares what the registry serves with what it acknowledged, and returns every difference as a sentence. What was asked
 * for when it was killed may have happened or not, but whole; the ledger then knows which.
 */
export async function differences(
  client: HttpClient,
  ledger: Ledger,
  loads: readonly MixedLoad[],
): Promise<string[]> {
  const found: string[] = [];
  for (const operation of ledger.inFlight()) {
    const served = new Map<string, Content>();
    for (const path of operation.changes.keys()) served.set(path, await read(client, path));
    const matches = (expected: (path: string) => Content): boolean =>
      [...served].every(([path, content]) => content === expected(path));
    const done = matches((path) => operation.changes.get(path));
    if (done) ledger.acknowledge(operation);
    else ledger.forget(operation);
    if (!done && !matches((path) => ledger.get(path))) {
      found.push(`${operation.what} is half there: ${JSON.stringify([...served])}`);
    }
  }
  const paths = ledger.paths();
  await Promise.all(
    Array.from({ length: READERS }, async () => {
      for (let path = paths.pop(); path !== undefined; path = paths.pop()) {
        const served = await read(client, path);
        const expected = ledger.get(path);
        if (served !== expected) found.push(`${path}: ${served} is served, ${expected} was acknowledged`);
      }
    }),
  );
  for (const load of loads) {
    found.push(...(await tagDifferences(client, load)));
    for (const session of load.sessions.splice(0)) found.push(...(await sessionDifferences(client, session)));
  }
  return found;
}

/** The digest of what is served, byte for byte. */
async function read(client: HttpClient, path: string): Promise<Content> {
  const answer = await client.send({ path });
  expectStatus(answer, 200, 404);
  return answer.status === 200 ? digestOf(answer.body) : undefined;
}

async function tagDifferences(client: HttpClient, load: MixedLoad): Promise<string[]> {
  const answer = await client.send({ path: `/v2/${load.repository}/tags/list` });
  expectStatus(answer, 200, 404);
  const { tags = [] } = JSON.parse(answer.body.toString()) as { tags?: string[] };
  const expected = load.tags();
  return tags.join() === expected.join()
    ? []
    : [`${load.repository} lists the tags ${tags.join()} instead of ${expected.join()}`];
}

/** A session has at least what it acknowledged, its status is exactly what it has, and it can be brought to its end. */
async function sessionDifferences(client: HttpClient, session: OpenSession): Promise<string[]> {
  const { location, content, acknowledged, sent, repository } = session;
  const status = await client.send({ path: location });
  if (status.status !== 204) return [`the session ${location} answers ${status.status}`];
  const last = Number(/^0-(\d+)$/.exec(String(status.headers.range))?.[1]);
  const kept = last === 0 ? 0 : last + 1;
  if (!(kept >= acknowledged && kept <= sent)) {
    return [`the session ${location} has ${kept} bytes; ${acknowledged} were acknowledged, ${sent} sent`];
  }
  // Only if the bytes that are kept are the first `kept` bytes that were sent does the digest come out right.
  const digest = digestOf(content);
  await closeSession(client, String(status.headers.location), digest, content.subarray(kept));
  const served = await read(client, `/v2/${repository}/blobs/${digest}`);
  return served === digest ? [] : [`the session ${location} became ${served} instead of ${digest}`];
}
