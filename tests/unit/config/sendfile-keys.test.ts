import { describe, expect, it } from 'vitest';
import { configured, file, problemsOf } from './configured.js';

const PROXY = 'trustedproxies: [127.0.0.1]';
const http = (keys: string) => file(`http: {${keys}}`);
const sendfile = (keys: string) => http(`${PROXY}, sendfile: {${keys}}`);
const NEEDS_PROXY =
  'http.sendfile.header (config.yml:3) is useless without http.trustedproxies: name the proxy that shall send files.';
const NEEDS_LOCATION =
  "http.sendfile.location is missing: with http.sendfile.header: X-Accel-Redirect (config.yml:3) it names the internal location of nginx that has the registry's folder.";

describe('http.sendfile', () => {
  it.each([
    ['X-Sendfile', { header: 'X-Sendfile' }],
    ['x-accel-redirect, location: /files', { header: 'X-Accel-Redirect', location: '/files/' }],
    ['X-Accel-Redirect, location: /a/b/', { header: 'X-Accel-Redirect', location: '/a/b/' }],
  ])('takes %s', (keys, expected) => {
    const { config, report } = configured({ yaml: sendfile(`header: ${keys}`) });
    expect(config.http.sendfile).toEqual(expected);
    expect(report.warnings).toEqual([]);
  });

  it.each(['', 'sendfile: {}', 'sendfile: {header: "", location: ""}'])('is off with %j', (keys) => {
    const { config, report } = configured({ yaml: http(keys) });
    expect(config.http.sendfile).toBeUndefined();
    expect(report.warnings).toEqual([]);
  });

  it('can be given in the environment', () => {
    const env = {
      REGISTRY_HTTP_TRUSTEDPROXIES_0: 'unix',
      REGISTRY_HTTP_SENDFILE_HEADER: 'X-Accel-Redirect',
      REGISTRY_HTTP_SENDFILE_LOCATION: '/files/',
    };
    const expected = { header: 'X-Accel-Redirect', location: '/files/' };
    expect(configured({ yaml: file(), env }).config.http.sendfile).toEqual(expected);
    expect(configured({ env }).config.http.sendfile).toEqual(expected);
  });

  it.each([
    ['no proxy', http('sendfile: {header: X-Sendfile}'), [NEEDS_PROXY]],
    ['an empty list of them', http('trustedproxies: [], sendfile: {header: X-Sendfile}'), [NEEDS_PROXY]],
    ['no location', sendfile('header: X-Accel-Redirect'), [NEEDS_LOCATION]],
    ['neither', http('sendfile: {header: X-Accel-Redirect}'), [NEEDS_PROXY, NEEDS_LOCATION]],
    [
      'another header',
      sendfile('header: X-Lighttpd-Send-File'),
      [
        'http.sendfile.header (config.yml:3) must be X-Accel-Redirect or X-Sendfile, but is "X-Lighttpd-Send-File".',
      ],
    ],
    [
      'a proxy that is none, which is said once',
      http('trustedproxies: [nginx], sendfile: {header: X-Sendfile}'),
      ['http.trustedproxies (config.yml:3) has "nginx", which is no address, no network and not unix.'],
    ],
    ...['/', 'files/', '/a b/', '/a/../b/', 'http://nginx/'].map((location): [string, string, string[]] => [
      `the location ${location}, which is said once`,
      sendfile(`header: X-Accel-Redirect, location: "${location}"`),
      ['http.sendfile.location (config.yml:3) must be a path below /, as in /stowage-files/.'],
    ]),
  ])('refuses %s', (_what, yaml, problems) => {
    expect(problemsOf({ yaml })).toEqual(problems);
  });

  it.each([
    ['inmemory', 'storage: {inmemory: {}}'],
    ['s3', 'storage: {s3: {bucket: b, region: eu-central-1}}\nmetadata: {sqlite: {path: /m.db}}'],
  ])('refuses storage.%s, which has no files', (driver, storage) => {
    const yaml = `version: 0.1\n${storage}\nhttp: {${PROXY}, sendfile: {header: X-Sendfile}}\n`;
    expect(problemsOf({ yaml })).toEqual([
      expect.stringMatching(
        new RegExp(
          `^http\\.sendfile\\.header \\(config\\.yml:[34]\\) needs storage\\.filesystem: with storage\\.${driver} there are no files that a proxy could send\\.$`,
        ),
      ),
    ]);
  });

  it.each([
    ['location: /files/', 'without http.sendfile.header'],
    [
      'location: /files/, header: X-Sendfile',
      'with http.sendfile.header: X-Sendfile, which has the paths of files',
    ],
  ])('warns of %s', (keys, why) => {
    const { report } = configured({ yaml: sendfile(keys) });
    expect(report.warnings).toEqual([
      expect.stringMatching(/^http\.sendfile\.location \(\S*config\.yml:3\) does nothing /),
    ]);
    expect(report.warnings[0]).toContain(why);
  });
});
