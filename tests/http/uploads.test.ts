import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestOf, errorCodes, type Answer, type HttpClient } from '../support/http-client.js';
import { InProcessRegistry } from '../support/in-process-registry.js';

const REPOSITORY = 'team/app';
const UPLOADS = `/v2/${REPOSITORY}/blobs/uploads/`;

describe('uploads', () => {
  let registry: InProcessRegistry;
  let client: HttpClient;

  beforeAll(async () => {
    registry = await InProcessRegistry.start();
    client = registry.client;
  });
  afterAll(async () => registry.stop());

  async function start(): Promise<string> {
    const answer = await client.send({ method: 'POST', path: UPLOADS });
    expect(answer.status).toBe(202);
    return String(answer.headers.location);
  }

  async function patch(
    location: string,
    body: string,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    return client.send({ method: 'PATCH', path: location, body, headers });
  }

  async function put(location: string, digest: string, body = ''): Promise<Answer> {
    return client.send({ method: 'PUT', path: `${location}&digest=${digest}`, body });
  }

  async function pull(digest: string): Promise<Answer> {
    return client.send({ path: `/v2/${REPOSITORY}/blobs/${digest}` });
  }

  it('begins with a Location, an empty range and the session’s id', async () => {
    const { headers, status } = await client.send({ method: 'POST', path: UPLOADS });
    expect(status).toBe(202);
    expect(headers.location).toContain(`${UPLOADS}${String(headers['docker-upload-uuid'])}`);
    expect(headers.range).toBe('0-0');
    expect(headers['content-length']).toBe('0');
  });

  it('begins without a slash behind uploads too', async () => {
    expect((await client.send({ method: 'POST', path: UPLOADS.slice(0, -1) })).status).toBe(202);
  });

  it.each([
    ['sha256', 'one PUT'],
    ['sha512', 'one PUT, in sha512'],
  ])('takes a blob in %s by POST and PUT', async (algorithm, content) => {
    const digest = digestOf(content, algorithm);
    const answer = await put(await start(), digest, content);
    expect(answer.status).toBe(201);
    expect(answer.headers.location).toBe(`/v2/${REPOSITORY}/blobs/${digest}`);
    expect(answer.headers['docker-content-digest']).toBe(digest);
    expect((await pull(digest)).body.toString()).toBe(content);
  });

  it('takes a blob in chunks, and each answer has the range of the whole', async () => {
    const first = await patch(await start(), 'chunk one,', { 'content-range': '0-9' });
    expect([first.status, first.headers.range]).toEqual([202, '0-9']);
    const second = await patch(String(first.headers.location), 'two', { 'content-range': '10-12' });
    expect([second.status, second.headers.range]).toEqual([202, '0-12']);
    const digest = digestOf('chunk one,two');
    expect((await put(String(second.headers.location), digest)).status).toBe(201);
    expect((await pull(digest)).body.toString()).toBe('chunk one,two');
  });

  it('takes a stream of unknown length, as Docker sends it', async () => {
    const location = await start();
    const answer = await client.send({ method: 'PATCH', path: location, body: 'streamed', chunked: true });
    expect([answer.status, answer.headers.range]).toEqual([202, '0-7']);
    expect((await put(String(answer.headers.location), digestOf('streamed'))).status).toBe(201);
  });

  it('takes the last chunk with the closing PUT', async () => {
    const first = await patch(await start(), 'first,', { 'content-range': '0-5' });
    const digest = digestOf('first,last');
    const answer = await client.send({
      method: 'PUT',
      path: `${String(first.headers.location)}&digest=${digest}`,
      headers: { 'content-range': '6-9' },
      body: 'last',
    });
    expect(answer.status).toBe(201);
  });

  it('takes a sha512 digest of which only the closing PUT speaks', async () => {
    const first = await patch(await start(), 'hashed anew');
    expect((await put(String(first.headers.location), digestOf('hashed anew', 'sha512'))).status).toBe(201);
  });

  it('stores the empty blob, by PUT with a length, without one, and by POST', async () => {
    const digest = digestOf('');
    expect((await put(await start(), digest)).status).toBe(201);
    const chunked = await client.send({
      method: 'PUT',
      path: `${await start()}&digest=${digest}`,
      body: '',
      chunked: true,
    });
    expect(chunked.status).toBe(201);
    const { status, headers, body } = await pull(digest);
    expect([status, headers['content-length'], body.length]).toEqual([200, '0', 0]);
  });

  it('takes a blob with a single POST', async () => {
    const digest = digestOf('one POST');
    const path = `${UPLOADS}?digest=${encodeURIComponent(digest)}`;
    const answer = await client.send({ method: 'POST', path, body: 'one POST' });
    expect([answer.status, answer.headers.location]).toEqual([201, `/v2/${REPOSITORY}/blobs/${digest}`]);
  });

  it('answers the same when a closing PUT is sent again, since its answer may have been lost', async () => {
    const location = await start();
    const digest = digestOf('repeated');
    expect((await put(location, digest, 'repeated')).status).toBe(201);
    expect((await put(location, digest)).status).toBe(201);
    const other = await put(location, digestOf('other'));
    expect([other.status, errorCodes(other)]).toEqual([404, ['BLOB_UPLOAD_UNKNOWN']]);
  });

  it('takes a blob that is there already', async () => {
    for (let round = 0; round < 2; round += 1) {
      expect((await put(await start(), digestOf('twice'), 'twice')).status).toBe(201);
    }
  });

  it.each([
    ['a gap', '20-29'],
    ['an overlap', '5-14'],
    ['a repetition', '0-9'],
  ])('refuses %s with 416, says where to go on, and lives on', async (_what, range) => {
    const first = await patch(await start(), '0123456789', { 'content-range': '0-9' });
    const refused = await patch(String(first.headers.location), 'abcdefghij', { 'content-range': range });
    expect([refused.status, errorCodes(refused)]).toEqual([416, ['BLOB_UPLOAD_INVALID']]);
    expect(refused.headers.range).toBe('0-9');
    const status = await client.send({ path: String(refused.headers.location) });
    expect([status.status, status.headers.range]).toEqual([204, '0-9']);
    expect((await put(String(first.headers.location), digestOf('0123456789'))).status).toBe(201);
  });

  it('refuses the first chunk that does not start at 0, without a Range, as nothing is there', async () => {
    const refused = await patch(await start(), 'abc', { 'content-range': '1-3' });
    expect([refused.status, refused.headers.range]).toEqual([416, undefined]);
  });

  it('refuses an out-of-order closing PUT with 416', async () => {
    const first = await patch(await start(), '0123456789', { 'content-range': '0-9' });
    const answer = await client.send({
      method: 'PUT',
      path: `${String(first.headers.location)}&digest=${digestOf('x')}`,
      headers: { 'content-range': '20-20' },
      body: 'x',
    });
    expect(answer.status).toBe(416);
  });

  it('does not append a streamed PATCH twice when it is repeated on the old Location', async () => {
    const location = await start();
    await patch(location, 'once');
    const repeated = await patch(location, 'once');
    expect([repeated.status, repeated.headers.range]).toEqual([416, '0-3']);
  });

  it('refuses a chunk whose length contradicts its range, and keeps none of it', async () => {
    const location = await start();
    const refused = await patch(location, 'abc', { 'content-range': '0-9' });
    expect([refused.status, errorCodes(refused)]).toEqual([400, ['SIZE_INVALID']]);
    const streamed = await client.send({
      method: 'PATCH',
      path: location,
      headers: { 'content-range': '0-9' },
      body: 'abc',
      chunked: true,
    });
    expect([streamed.status, errorCodes(streamed)]).toEqual([400, ['SIZE_INVALID']]);
    const longer = await client.send({
      method: 'PATCH',
      path: location,
      headers: { 'content-range': '0-1' },
      body: 'abc',
      chunked: true,
    });
    expect([longer.status, errorCodes(longer)]).toEqual([400, ['SIZE_INVALID']]);
    expect((await client.send({ path: location })).headers.range).toBe('0-0');
    expect((await put(location, digestOf('whole'), 'whole')).status).toBe(201);
  });

  it.each(['bytes 0-9/10', 'bytes=0-9', '9-0', 'x', '0-'])('refuses the Content-Range %j', async (range) => {
    const refused = await patch(await start(), '0123456789', { 'content-range': range });
    expect(refused.status).toBe(400);
    expect(errorCodes(refused)).toEqual(['SIZE_INVALID']);
  });

  it('refuses a digest that the bytes have not, and ends the session', async () => {
    const location = await start();
    const refused = await put(location, digestOf('other bytes'), 'these bytes');
    expect([refused.status, errorCodes(refused)]).toEqual([400, ['DIGEST_INVALID']]);
    expect((await client.send({ path: location })).status).toBe(404);
    expect((await pull(digestOf('other bytes'))).status).toBe(404);
    expect((await pull(digestOf('these bytes'))).status).toBe(404);
  });

  it.each([
    ['none', ''],
    ['a malformed one', '&digest=sha256:zz'],
    ['an unsupported one', '&digest=md5:00'],
  ])('refuses a closing PUT with %s for its digest, and the session lives on', async (_what, query) => {
    const location = await start();
    const refused = await client.send({ method: 'PUT', path: `${location}${query}`, body: 'x' });
    expect([refused.status, errorCodes(refused)]).toEqual([400, ['DIGEST_INVALID']]);
    expect((await client.send({ path: location })).status).toBe(204);
  });

  it('refuses a single POST whose digest is wrong, and keeps nothing', async () => {
    const digest = digestOf('promised');
    const refused = await client.send({
      method: 'POST',
      path: `${UPLOADS}?digest=${digest}`,
      body: 'brought',
    });
    expect([refused.status, errorCodes(refused)]).toEqual([400, ['DIGEST_INVALID']]);
    expect((await pull(digest)).status).toBe(404);
  });

  it('takes the digest algorithm that POST names, and refuses one it does not know', async () => {
    const known = await client.send({ method: 'POST', path: `${UPLOADS}?digest-algorithm=sha512` });
    expect(known.status).toBe(202);
    const first = await patch(String(known.headers.location), 'abc');
    expect((await put(String(first.headers.location), digestOf('abc', 'sha512'))).status).toBe(201);
    const unknown = await client.send({ method: 'POST', path: `${UPLOADS}?digest-algorithm=md5` });
    expect([unknown.status, errorCodes(unknown)]).toEqual([400, ['DIGEST_INVALID']]);
  });

  it('tells the status at every Location the session ever had, whatever query is left in it', async () => {
    const location = await start();
    await patch(location, 'abc');
    const status = await client.send({ path: `${location}&digest=${digestOf('x')}` });
    expect([status.status, status.headers.range]).toEqual([204, '0-2']);
    expect(status.headers.location).toContain('_offset=3');
  });

  it('cancels with 204, and then the session is gone', async () => {
    const location = await start();
    await patch(location, 'abc');
    expect((await client.send({ method: 'DELETE', path: location })).status).toBe(204);
    for (const method of ['GET', 'PATCH', 'DELETE']) {
      const answer = await client.send({ method, path: location });
      expect([method, answer.status, method === 'HEAD' || errorCodes(answer)]).toEqual([
        method,
        404,
        ['BLOB_UPLOAD_UNKNOWN'],
      ]);
    }
  });

  it('knows a session in its own repository alone', async () => {
    const location = await start();
    const elsewhere = await client.send({ path: location.replace(REPOSITORY, 'team/other') });
    expect([elsewhere.status, errorCodes(elsewhere)]).toEqual([404, ['BLOB_UPLOAD_UNKNOWN']]);
  });

  it.each([randomUUID(), 'not-a-uuid', '..%2f..%2fetc'])('knows no session %s', async (id) => {
    const answer = await client.send({ path: `${UPLOADS}${id}` });
    expect(answer.status).toBe(404);
  });

  it('mounts what another repository has, by its name or without it', async () => {
    const digest = await put(await start(), digestOf('mounted'), 'mounted').then(() => digestOf('mounted'));
    for (const [repository, query] of [
      ['mount/named', `mount=${digest}&from=${REPOSITORY}`],
      ['mount/found', `mount=${encodeURIComponent(digest)}`],
      [REPOSITORY, `mount=${digest}&from=${REPOSITORY}`],
    ]) {
      const path = `/v2/${repository}/blobs/uploads/?${query}`;
      const answer = await client.send({ method: 'POST', path });
      expect([answer.status, answer.headers.location]).toEqual([201, `/v2/${repository}/blobs/${digest}`]);
      expect((await client.send({ path: `/v2/${repository}/blobs/${digest}` })).body.toString()).toBe(
        'mounted',
      );
    }
  });

  it.each([
    ['nobody has', digestOf('nobody has this'), ''],
    ['the repository named has not', digestOf('mounted'), '&from=team/empty'],
    ['a repository with an impossible name has not', digestOf('mounted'), '&from=../x'],
  ])('begins an upload instead of mounting what %s', async (_what, digest, from) => {
    const path = `/v2/mount/missing/blobs/uploads/?mount=${digest}${from}`;
    const answer = await client.send({ method: 'POST', path });
    expect(answer.status).toBe(202);
    expect(answer.headers.location).toContain('/v2/mount/missing/blobs/uploads/');
  });
});
