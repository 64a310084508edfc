import { describe, expect, it } from 'vitest';
import {
  CertificateFileExists,
  type TrialCertificateFiles,
  type TrialCertificates,
} from '../../../src/application/ports/security/trial-certificates.js';
import { runCli } from '../../../src/interfaces/cli/cli.js';
import { TlsCommand } from '../../../src/interfaces/cli/commands/tls-group.js';
import { TlsSelfSignedCommand } from '../../../src/interfaces/cli/commands/tls-self-signed.js';

const FILES: TrialCertificateFiles = {
  authority: '/t/ca.crt',
  authorityKey: '/t/ca.key',
  certificate: '/t/server.crt',
  key: '/t/server.key',
  validUntil: Date.UTC(2031, 4, 6),
};

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  readonly asked: readonly (readonly [hosts: readonly string[], folder: string])[];
}

async function run(words: string, make?: () => Promise<TrialCertificateFiles>): Promise<Outcome> {
  const written = { out: '', err: '' };
  const asked: [readonly string[], string][] = [];
  const certificates: TrialCertificates = {
    make: async (hosts, folder) => {
      asked.push([hosts, folder]);
      return make === undefined ? FILES : make();
    },
  };
  const terminal = {
    stdout: { write: (text: string) => void (written.out += text) },
    stderr: { write: (text: string) => void (written.err += text) },
    colour: false,
    interactive: false,
    width: 100,
  };
  const commands = [new TlsCommand(new TlsSelfSignedCommand(certificates, terminal))];
  const program = { name: 'stowage', version: '1.2.3', terminal, commands };
  const code = await runCli(['tls', 'self-signed', ...words.split(' ').filter(Boolean)], program);
  return { code, ...written, asked };
}

describe('stowage tls self-signed', () => {
  it('asks for a certificate of all names, each once', async () => {
    const { asked } = await run('--host a.lan --host 192.0.2.7 --out t --host ::1 --host a.lan');
    expect(asked).toEqual([[['a.lan', '192.0.2.7', '::1'], 't']]);
  });

  it('says which file goes where', async () => {
    const { code, out, err } = await run('--host *.lan --host a.lan --out t');
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain('Made a CA and a certificate for *.lan, a.lan, good until 2031-05-06.');
    expect(out).toContain('      certificate: /t/server.crt\n      key: /t/server.key\n');
    expect(out).toContain('cp /t/ca.crt /etc/docker/certs.d/a.lan:5000/ca.crt');
    expect(out).toContain('/t/ca.key signs whatever');
    expect((await run('--host ::1 --out t')).out).toContain('/etc/docker/certs.d/[::1]:5000/ca.crt');
  });

  it.each([
    ['', 'needs a name of the server: --host <name>.'],
    ['--out t', 'needs a name of the server: --host <name>.'],
    ['--host a.lan', 'needs a folder: --out <folder>.'],
    ['--host a.lan --out', '--out needs a value.'],
    ['--host a.lan --out t --out u', 'needs a folder: --out <folder>.'],
    ['--host a.lan:5000 --out t', 'must be a name or an address without its port, as registry.lan'],
    [
      '--host https://a.lan --out t',
      'must be a name or an address, as registry.lan or 192.0.2.7, but is "https://a.lan"',
    ],
    ['--host 192.0.2.256 --out t', 'must be a name or an address, as'],
    ['--host a.*.lan --out t', 'must be a name or an address, as'],
    ['--host a.lan --out t b.lan', 'does not know what to do with "b.lan"'],
  ])('refuses "%s"', async (words, message) => {
    const { code, err, asked } = await run(words);
    expect([code, asked]).toEqual([2, []]);
    expect(err).toContain(message);
  });

  it('does not write over a file', async () => {
    const outcome = await run('--host a.lan --out t', async () => {
      throw new CertificateFileExists('/t/ca.key');
    });
    expect([outcome.code, outcome.out, outcome.err]).toEqual([
      1,
      '',
      'stowage: /t/ca.key is there already: name another folder, or remove it first.\n',
    ]);
  });

  it('says why it could not write', async () => {
    const outcome = await run('--host a.lan --out t', async () => {
      throw Object.assign(new Error("EACCES: permission denied, mkdir '/t'"), { code: 'EACCES' });
    });
    expect([outcome.code, outcome.err]).toEqual([
      1,
      "stowage: the certificates could not be written: EACCES: permission denied, mkdir '/t'.\n",
    ]);
  });
});
