import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureImages, IMAGE_TOOLS } from '../support/images.js';
import type { Ended } from '../support/run-program.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import type { TokenRequest } from '../support/token-server.js';
import { describeWith } from '../support/tools.js';
import { chImageClient } from './signing-in/ch-image-client.js';
import { containerdClient } from './signing-in/containerd-client.js';
import { dockerClients } from './signing-in/docker-clients.js';
import { GuardedRegistry, READER, STRANGER, WRITER } from './signing-in/guarded-registry.js';
import { helmClient } from './signing-in/helm-client.js';
import { layoutClients } from './signing-in/layout-clients.js';
import { TAG, type ClientKind, type SigningClient } from './signing-in/signing-client.js';
import { storageClients } from './signing-in/storage-clients.js';

const CLIENTS = [
  ...dockerClients,
  ...storageClients,
  ...layoutClients,
  containerdClient,
  helmClient,
  chImageClient,
];
const STACK = /^goroutine \d|^panic:|^Traceback|^\s+at \S+ \(|<html/m;
const DENIED =
  /unauthorized|access .*denied|authentication required|invalid username\/password|no basic auth credentials|basic credential not found|insufficient_scope|(?:no further|unhandled) authentication|401/i;
const CERTIFICATE = /certificate signed by unknown authority|certificate verify failed/i;
/** What Debian believes: none of them has signed anything here. */
const OTHER_AUTHORITIES = '/etc/ssl/certs/ca-certificates.crt';

const success = { exitCode: 0 };

describe.each(['htpasswd', 'token'] as const)('clients sign in over TLS by %s', (kind) => {
  let temp: TempDir;
  let registry: GuardedRegistry;
  beforeAll(async () => {
    temp = await makeTempDir();
    registry = await GuardedRegistry.start(kind, join(temp.path, 'registry'));
  });
  afterAll(async () => {
    await registry.stop();
    await temp.remove();
  });

  for (const client of CLIENTS) {
    const needs = { ...client.needs, tools: [...IMAGE_TOOLS, ...(client.needs.tools ?? [])] };
    describeWith(needs, client.name, () => {
      const repository = `team/${client.name.replaceAll(/[^a-z0-9]/g, '-')}`;
      let signing: SigningClient;
      const start = async (folder: string, trusted?: string): Promise<SigningClient> =>
        client.start({
          folder: join(temp.path, folder),
          env: await registry.environment(trusted),
          layout: join(await ensureImages(), 'busybox'),
        });
      beforeAll(async () => {
        signing = await start(client.name);
      });
      afterAll(() => signing.stop?.());

      const isRefused = (ended: Ended) => expectRefusal(ended, client);

      it('is refused with a wrong password', async () => {
        const login = await signing.login({ ...WRITER, password: 'wrong' });
        if (client.triedAt === 'login') return isRefused(login);
        expect(login).toMatchObject(success);
        isRefused(await signing.pull(repository));
      });

      it('signs in, pushes, and pulls the same image', async () => {
        expect(await signing.login(WRITER)).toMatchObject(success);
        expect(await signing.push(repository)).toMatchObject(success);
        const served = await registry.send({ path: `/v2/${repository}/manifests/${TAG}` }, repository);
        const digest = served.headers['docker-content-digest'];
        expect((await signing.pushed()) ?? digest).toBe(digest);
        expect(await signing.pull(repository)).toMatchObject(success);
        expect(await signing.pulled()).toBe(digest);
        expect(registry.takeTokenRequests().some(isForPush(repository))).toBe(kind === 'token');
      });

      if (kind === 'token') {
        it('is refused a push by whoever may only pull, and a pull by whoever may do neither', async () => {
          expect(await signing.login(READER)).toMatchObject(success);
          expect(await signing.pull(repository)).toMatchObject(success);
          isRefused(await signing.push(`${repository}-changed`));
          expect(await signing.login(STRANGER)).toMatchObject(success);
          isRefused(await signing.pull(repository));
          const elsewhere = repository.replace('team/', 'elsewhere/');
          expect(await signing.push(elsewhere)).toMatchObject(success);
        });
      }

      // The certificate comes before any sign-in: once is enough.
      if (kind === 'htpasswd') {
        it('turns away from a certificate of an authority that it does not know', async () => {
          const naive = await start(`naive-${client.name}`, OTHER_AUTHORITIES);
          try {
            const login = await naive.login(WRITER);
            const { exitCode, stdout, stderr } = login.exitCode === 0 ? await naive.pull(repository) : login;
            const said = `${stdout}${stderr}`;
            expect([exitCode, said]).toEqual([client.refused, expect.stringMatching(CERTIFICATE)]);
          } finally {
            await naive.stop?.();
          }
        });
      }

      it('is refused after it has signed out', async () => {
        expect(await signing.login(WRITER)).toMatchObject(success);
        expect(await signing.pull(repository)).toMatchObject(success);
        expect(await signing.logout()).toMatchObject(success);
        isRefused(await signing.pull(repository));
      });
    });
  }

  it('leave no error in the log of the registry', () => {
    expect(registry.errors).toEqual([]);
  });
});

const isForPush =
  (repository: string) =>
  ({ account, scopes }: TokenRequest): boolean =>
    account === WRITER.user &&
    scopes.some((scope) => /^(.*):.*push/.exec(scope)?.[1] === `repository:${repository}`);

function expectRefusal({ exitCode, stdout, stderr }: Ended, { refused }: ClientKind): void {
  const said = `${stdout}${stderr}`;
  expect([exitCode, said]).toEqual([refused, expect.stringMatching(DENIED)]);
  expect(said).not.toMatch(STACK);
}
