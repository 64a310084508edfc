import { describe, expect, it } from 'vitest';
import { configured, CWD, file, problemsOf } from './configured.js';

const HTPASSWD = 'auth: {htpasswd: {realm: Registry, path: /etc/htpasswd}}';

describe('auth.htpasswd', () => {
  it('has a realm and a path, which begins where the program starts', () => {
    const { config } = configured({ yaml: file('auth: {htpasswd: {realm: My Registry, path: users}}') });
    expect(config.auth).toEqual({ kind: 'htpasswd', realm: 'My Registry', path: `${CWD}/users` });
  });

  it.each([
    { REGISTRY_AUTH: 'htpasswd' },
    { REGISTRY_AUTH: '{htpasswd: {realm: other}}' },
    { REGISTRY_AUTH: 'none', REGISTRY_AUTH_HTPASSWD: '{}' },
    {},
  ])('is configured by the environment, as %j', (more) => {
    const parts = { REGISTRY_AUTH_HTPASSWD_REALM: 'Registry', REGISTRY_AUTH_HTPASSWD_PATH: '/etc/htpasswd' };
    const env = { ...more, ...parts };
    if (env.REGISTRY_AUTH === 'none') {
      expect(problemsOf({ env })).toEqual([expect.stringContaining('auth has more than one scheme: none')]);
    } else {
      const auth = { kind: 'htpasswd', realm: 'Registry', path: '/etc/htpasswd' };
      expect(configured({ env }).config.auth).toEqual(auth);
    }
  });

  it('is configured by variables whose letter case differs below the section', () => {
    const env = { REGISTRY_AUTH_htpasswd_realm: 'Registry', REGISTRY_AUTH_HTPASSWD_path: '/etc/htpasswd' };
    expect(configured({ env }).config.auth).toMatchObject({ realm: 'Registry', path: '/etc/htpasswd' });
  });

  it('takes the place of the scheme of a file when the environment says so', () => {
    const env = {
      REGISTRY_AUTH: 'htpasswd',
      REGISTRY_AUTH_HTPASSWD_REALM: 'r',
      REGISTRY_AUTH_HTPASSWD_PATH: '/p',
    };
    const { config } = configured({ yaml: file('auth: {silly: {realm: r, service: s}}'), env });
    expect(config.auth).toEqual({ kind: 'htpasswd', realm: 'r', path: '/p' });
  });

  it.each([
    ['auth: htpasswd', ['auth.htpasswd.realm is missing', 'auth.htpasswd.path is missing']],
    ['auth: {htpasswd: {realm: r}}', ['auth.htpasswd.path is missing beside auth.htpasswd (config.yml:3)']],
    ['auth: {htpasswd: {realm: "", path: /p}}', ['auth.htpasswd.realm (config.yml:3) must be text on one']],
    ['auth: {htpasswd: {realm: "a\\nb", path: /p}}', ['auth.htpasswd.realm (config.yml:3) must be text']],
    ['auth: {htpasswd: {realm: r, path: /p, users: x}}', ['auth.htpasswd.users (config.yml:3) is no key']],
    [`auth: {none: {}, htpasswd: {realm: r, path: /p}}`, ['auth has more than one scheme: none (config']],
  ])('is refused as %s', (yaml, sentences) => {
    expect(problemsOf({ yaml: file(yaml) })).toEqual(
      sentences.map((text) => expect.stringContaining(text) as string),
    );
  });

  it('says with two schemes that one is enough', () => {
    const yaml = file('auth:', '  htpasswd: {realm: r, path: /p}', '  token: {realm: r}');
    expect(problemsOf({ yaml })).toContainEqual(
      expect.stringContaining('more than one scheme: htpasswd (config.yml:4) and token (config.yml:5)'),
    );
  });

  it('lets an address be open to others without a warning', () => {
    const open = 'http: {addr: :5000}';
    expect(configured({ yaml: file(open) }).report.warnings).toHaveLength(1);
    expect(configured({ yaml: file(open, HTPASSWD) }).report.warnings).toEqual([]);
    expect(configured({ yaml: file(open, 'auth: none') }).report.warnings).toHaveLength(1);
  });

  it('is shown where it is set, and only there', () => {
    const keys = (yaml: string) =>
      configured({ yaml }).report.values.filter(({ key }) => key.startsWith('auth'));
    expect(keys(file())).toEqual([]);
    expect(keys(file(HTPASSWD)).map(({ key, value }) => [key, value])).toEqual([
      ['auth.htpasswd.realm', 'Registry'],
      ['auth.htpasswd.path', '/etc/htpasswd'],
    ]);
  });
});
