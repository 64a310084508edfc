import type { Answer, HttpClient } from '../../support/http-client.js';

export const UPLOAD_FORMS = ['one request', 'post and put', 'streamed', 'in pieces'] as const;

export type UploadForm = (typeof UPLOAD_FORMS)[number];

export function expectStatus(answer: Answer, ...expected: readonly number[]): void {
  if (!expected.includes(answer.status)) {
    throw new Error(`${answer.status} instead of ${expected.join(' or ')}: ${answer.body.toString()}`);
  }
}

export async function openSession(client: HttpClient, repository: string, query = ''): Promise<string> {
  const answer = await client.send({ method: 'POST', path: `/v2/${repository}/blobs/uploads/${query}` });
  expectStatus(answer, 202);
  return String(answer.headers.location);
}

/** @returns the Location for the next request */
export async function appendStreamed(client: HttpClient, location: string, body: Buffer): Promise<string> {
  const answer = await client.send({ method: 'PATCH', path: location, body, chunked: true });
  expectStatus(answer, 202);
  return String(answer.headers.location);
}

export async function appendPiece(
  client: HttpClient,
  location: string,
  start: number,
  body: Buffer,
): Promise<string> {
  const headers = {
    'content-type': 'application/octet-stream',
    'content-range': `${start}-${start + body.length - 1}`,
  };
  const answer = await client.send({ method: 'PATCH', path: location, headers, body });
  expectStatus(answer, 202);
  return String(answer.headers.location);
}

export async function closeSession(
  client: HttpClient,
  location: string,
  digest: string,
  body: Buffer,
): Promise<void> {
  const separator = location.includes('?') ? '&' : '?';
  const path = `${location}${separator}digest=${digest}`;
  expectStatus(await client.send({ method: 'PUT', path, body }), 201);
}

/** Pushes a blob and returns when it is acknowledged. @throws Error at any other answer */
export async function pushBlobAs(
  form: UploadForm,
  client: HttpClient,
  repository: string,
  content: Buffer,
  digest: string,
): Promise<void> {
  if (form === 'one request') {
    const path = `/v2/${repository}/blobs/uploads/?digest=${digest}`;
    expectStatus(await client.send({ method: 'POST', path, body: content }), 201);
    return;
  }
  const location = await openSession(client, repository);
  if (form === 'post and put') {
    await closeSession(client, location, digest, content);
  } else if (form === 'streamed') {
    await closeSession(client, await appendStreamed(client, location, content), digest, Buffer.alloc(0));
  } else {
    const third = Math.ceil(content.length / 3);
    const second = await appendPiece(client, location, 0, content.subarray(0, third));
    const last = await appendPiece(client, second, third, content.subarray(third, 2 * third));
    await closeSession(client, last, digest, content.subarray(2 * third));
  }
}
