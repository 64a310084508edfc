import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadBcrypt } from '../../src/infrastructure/security/bcrypt.js';
import { SIGNING_ALGORITHMS } from '../../src/infrastructure/security/token/token-options.js';
import { makeCertificate } from '../support/certificates.js';
import { digestOf, errorCodes } from '../support/http-client.js';
import { InProcessRegistry } from '../support/in-process-registry.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';

const DIGEST = digestOf('x');
const requests = fc.constantFrom<[method: string, path: string]>(
  ['GET', '/v2/'],
  ['GET', '/v2/_catalog'],
  ['GET', '/v2/a/manifests/1'],
  ['PUT', '/v2/a/manifests/1'],
  ['DELETE', `/v2/a/manifests/${DIGEST}`],
  ['GET', `/v2/a/blobs/${DIGEST}`],
  ['POST', `/v2/a/blobs/uploads/?mount=${DIGEST}&from=b`],
  ['GET', '/v2/a/tags/list'],
  ['GET', '/v2/nowhere'],
);
/** What may stand in a header: all bytes but the controls. */
const text = fc.string({
  unit: fc
    .integer({ min: 0x20, max: 0xff })
    .filter((code) => code !== 0x7f)
    .map((code) => String.fromCodePoint(code)),
});
const part = fc.oneof(
  fc.base64String({ maxLength: 60 }),
  fc.json().map((json) => Buffer.from(json).toString('base64url')),
);
const headers = fc.oneof(
  text,
  fc
    .tuple(fc.constantFrom('Basic ', 'basic  ', 'Bearer ', 'bearer  ', 'Digest ', 'Negotiate ', ''), text)
    .map((all) => all.join('')),
  fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => `Bearer ${parts.join('.')}`),
  fc
    .tuple(text, text)
    .map(([user, password]) => `Basic ${Buffer.from(`${user}:${password}`, 'latin1').toString('base64')}`),
  fc.constantFrom(
    'Basic',
    'Bearer',
    'Bearer ..',
    `Basic ${'A'.repeat(20_000)}`,
    `Bearer ${'a.'.repeat(9_000)}`,
  ),
);

let temp: TempDir;
beforeAll(async () => {
  temp = await makeTempDir();
});
afterAll(() => temp.remove());

async function isRefused(
  registry: InProcessRegistry,
  run: number,
  authorization: string,
  request: [string, string],
) {
  const [method, path] = request;
  // Who fails waits, and longer each time: each comes from another address.
  const address = `10.${(run >> 16) & 255}.${(run >> 8) & 255}.${run & 255}`;
  const answer = await registry.client.send({
    method,
    path,
    headers: { authorization, 'x-forwarded-for': address },
  });
  expect([answer.status, errorCodes(answer)]).toEqual([401, ['UNAUTHORIZED']]);
  expect(answer.headers['www-authenticate']).toMatch(/^(Basic|Bearer) realm="/);
  const credentials = authorization.slice(authorization.indexOf(' ') + 1);
  const said = `${JSON.stringify(answer.headers)}${answer.body.toString('latin1')}`;
  if (credentials.trim().length > 8) expect(said).not.toContain(credentials.trim());
}

describe('whatever a client sends as Authorization', () => {
  let run = 0;

  it('is refused where passwords are in a file, and never repeated', async () => {
    const path = join(temp.path, 'users');
    const bcrypt = await loadBcrypt();
    await writeFile(path, `alice:${await bcrypt.hash(Buffer.from('the right one'), 4)}\n`);
    const registry = await InProcessRegistry.start({
      auth: { kind: 'htpasswd', realm: 'Registry', path },
      http: { trustedproxies: ['127.0.0.1'] },
    });
    const several = fc.array(fc.tuple(headers, requests), { minLength: 20, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(several, async (all) => {
        await Promise.all(
          all.map(async ([header, request]) => isRefused(registry, (run += 1), header, request)),
        );
      }),
      { numRuns: 10 },
    );
    await registry.stop();
  });

  it('is refused where tokens are believed, and never repeated', async () => {
    const rootcertbundle = join(temp.path, 'root.pem');
    await writeFile(rootcertbundle, makeCertificate({ name: 'root', ca: true }).pem);
    const registry = await InProcessRegistry.start({
      auth: {
        kind: 'token',
        realm: 'https://auth.example/token',
        service: 'registry.example',
        issuer: 'auth.example',
        rootcertbundle,
        jwks: undefined,
        autoredirect: true,
        autoredirectpath: '/auth/token',
        signingalgorithms: SIGNING_ALGORITHMS,
      },
    });
    await fc.assert(
      fc.asyncProperty(headers, requests, async (header, request) =>
        isRefused(registry, (run += 1), header, request),
      ),
      { numRuns: 300 },
    );
    await registry.stop();
  });
});
