import { fill } from './content.js';
import { BASE } from './requests/base.js';
import { BLOB_GROUPS } from './requests/blobs.js';
import { everyRoute } from './requests/every-route.js';
import { LIST_GROUPS } from './requests/lists.js';
import { MANIFEST_GROUPS } from './requests/manifests.js';
import { UPLOAD_GROUPS } from './requests/uploads.js';
import type { Group, Step } from './step.js';
import type { Settings } from '../../support/start-registry.js';

/** Groups that are played to a registry of one configuration. */
export interface Stage {
  readonly name: string;
  /** Over the configuration of the tests, section by section. */
  readonly settings: Settings;
  /** Played before, to a registry with the configuration of the tests alone, on the same folder. */
  readonly before?: readonly Group[];
  readonly groups: readonly Group[];
}

/** What a stage may need to know of this run. */
export interface Place {
  readonly htpasswd: string;
  readonly certificate: string;
  readonly realm: string;
}

export const SERVICE = 'registry.example';
export const ISSUER = 'auth.example';

const open = (name: string, groups: readonly Group[]): Stage => ({
  name,
  settings: {},
  groups,
});
const filled = (repository: string): readonly Group[] => [{ name: 'filled', steps: fill(repository) }];

/** What a proxy may say of where the client came to. */
const forwarded: readonly Step[] = [
  ['nothing said of a proxy', 'POST /v2/team/app/blobs/uploads/'],
  ['X-Forwarded-Proto', 'POST /v2/team/app/blobs/uploads/', { headers: { 'x-forwarded-proto': 'https' } }],
  [
    'X-Forwarded-Host',
    'POST /v2/team/app/blobs/uploads/',
    { headers: { 'x-forwarded-host': 'evil.example' } },
  ],
  [
    'Forwarded',
    'POST /v2/team/app/blobs/uploads/',
    { headers: { forwarded: 'proto=https;host=evil.example' } },
  ],
  ['Host', 'POST /v2/team/app/blobs/uploads/', { headers: { host: 'evil.example' } }],
];

const BASIC = {
  right: basic('alice:s3cret'),
  'wrong password': basic('alice:wrong'),
  'unknown user': basic('mallory:s3cret'),
  'empty password': basic('alice:'),
};
/** Who fails waits for the answer, and longer each time; each comes from another address. */
const MALFORMED: readonly string[] = [
  'Basic',
  'Basic ',
  'Basic !!!',
  `Basic ${base64('alice')}`,
  `Basic ${base64(':s3cret')}`,
  `basic ${base64('alice:s3cret')}`,
  'Bearer abc',
  'Bearer ',
  'alice:s3cret',
  'Digest username="alice"',
];

function signingIn(): readonly Group[] {
  const tried = (as: string, authorization: string, number: number): readonly Step[] =>
    [
      'GET /v2/',
      'HEAD /v2/team/app/manifests/image',
      'POST /v2/team/app/blobs/uploads/',
      'GET /v2/nowhere',
    ].map((request, index): Step => [
      `${as}: ${request}`,
      request,
      { headers: { authorization, 'x-forwarded-for': `192.0.2.${4 * number + index}` } },
    ]);
  const wrong = Object.entries(BASIC).filter(([name]) => name !== 'right');
  return [
    { name: 'htpasswd, nobody', steps: everyRoute('team/app', 'nobody') },
    { name: 'htpasswd, right', steps: everyRoute('team/app', 'right', { authorization: BASIC.right }) },
    { name: 'htpasswd, wrong', steps: wrong.flatMap(([name, value], index) => tried(name, value, index)) },
    {
      name: 'htpasswd, malformed',
      steps: MALFORMED.flatMap((value, index) => tried(value, value, index + 10)),
    },
  ];
}

/** Tokens by what they are; the test has them made. */
export const TOKENS = ['all', 'pull', 'push', 'other repository', 'nothing'] as const;
export const BAD_TOKENS = [
  'expired',
  'early',
  'other audience',
  'other issuer',
  'stranger',
  'none',
  'cut',
] as const;

function withTokens(): readonly Group[] {
  const bearer = (name: string) => ({ authorization: `Bearer {token ${name}}` });
  const bad = ['GET /v2/', 'GET /v2/team/app/tags/list', 'POST /v2/team/app/blobs/uploads/'];
  return [
    { name: 'token, nobody', steps: everyRoute('team/app', 'nobody') },
    ...TOKENS.map((name) => ({ name: `token, ${name}`, steps: everyRoute('team/app', name, bearer(name)) })),
    {
      name: 'token, bad',
      steps: BAD_TOKENS.flatMap((name) =>
        bad.map((request): Step => [`${name}: ${request}`, request, { headers: bearer(name) }]),
      ),
    },
    {
      name: 'token, malformed',
      steps: MALFORMED.map((value): Step => [value, 'GET /v2/', { headers: { authorization: value } }]),
    },
    {
      name: 'token, mounts',
      steps: ['all', 'push', 'pull', 'nothing'].map((name): Step => [
        `from elsewhere, ${name}`,
        `POST /v2/team/app/blobs/uploads/?mount=sha256:${'0'.repeat(64)}&from=team/elsewhere`,
        { headers: bearer(name) },
      ]),
    },
  ];
}

export function stagesAt({ htpasswd, certificate, realm }: Place): readonly Stage[] {
  return [
    open('the protocol', [...BASE, ...MANIFEST_GROUPS, ...BLOB_GROUPS, ...UPLOAD_GROUPS]),
    open('lists', LIST_GROUPS),
    {
      name: 'without deletes',
      before: filled('team/app'),
      settings: { storage: { delete: { enabled: false } } },
      groups: [{ name: 'no deletes', steps: everyRoute('team/app', 'no deletes') }],
    },
    {
      name: 'read-only',
      before: filled('team/app'),
      settings: {
        storage: { maintenance: { uploadpurging: { enabled: false }, readonly: { enabled: true } } },
      },
      groups: [{ name: 'read-only', steps: everyRoute('team/app', 'read-only') }],
    },
    {
      name: 'absolute URLs',
      settings: { http: { relativeurls: false } },
      groups: [
        {
          name: 'absolute URLs',
          steps: [...fill('team/app'), ...forwarded, ...everyRoute('team/app', 'absolute')],
        },
      ],
    },
    {
      name: 'a host',
      settings: { http: { host: 'https://images.example/' } },
      groups: [
        {
          name: 'a host',
          steps: [...fill('team/app'), ...fill('team/b'), ...forwarded, ['page', 'GET /v2/_catalog?n=1']],
        },
      ],
    },
    {
      name: 'a prefix and headers',
      settings: {
        http: {
          prefix: '/registry/',
          headers: { 'X-Content-Type-Options': ['nosniff'], 'X-Two': ['a', 'b'] },
        },
      },
      groups: [
        {
          name: 'prefix and headers',
          steps: [
            ['below it', 'GET /registry/v2/'],
            ['without it', 'GET /v2/'],
            ['below it, without a slash', 'GET /registry/v2'],
            ['it alone', 'GET /registry/'],
            ['the root', 'GET /'],
            ['nowhere', 'GET /registry/v2/nowhere'],
            ['begin of an upload', 'POST /registry/v2/team/app/blobs/uploads/'],
            ['a bad digest', 'GET /registry/v2/team/app/blobs/sha256:abc'],
            ['an unknown tag', 'GET /registry/v2/team/app/manifests/none'],
            ['a wrong method', 'PUT /registry/v2/_catalog'],
          ],
        },
      ],
    },
    {
      name: 'htpasswd',
      before: filled('team/app'),
      settings: {
        auth: { htpasswd: { realm: 'Our images', path: htpasswd } },
        http: { trustedproxies: ['127.0.0.1'] },
      },
      groups: signingIn(),
    },
    {
      name: 'token',
      before: filled('team/app'),
      settings: {
        auth: { token: { realm, service: SERVICE, issuer: ISSUER, rootcertbundle: certificate } },
      },
      groups: withTokens(),
    },
  ];
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

function basic(text: string): string {
  return `Basic ${base64(text)}`;
}
