/** A configuration that no start takes: what is wrong, the YAML, and other files that it names, by their names. */
export type Broken = readonly [what: string, yaml: string, files?: Readonly<Record<string, string>>];

const S3 = (lines: string): string =>
  `storage:\n  s3:\n    bucket: b\n    region: us-east-1\n    accesskey: a\n${lines.replaceAll(/^/gm, '    ')}\n`;
const AUTH = (scheme: string, lines: string): string =>
  `storage: inmemory\nauth:\n  ${scheme}:\n${lines.replaceAll(/^/gm, '    ')}\n`;
const TOKEN = 'realm: https://auth.example/token\nservice: s\nissuer: i\n';
const PEM = (label: string, body: string): string =>
  `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`;

/** Each with a secret in the place of one that an operator has mistyped. */
export function brokenConfigurations(secret: string): readonly Broken[] {
  const base64 = Buffer.from(secret).toString('base64');
  return [
    ...['*', '!', '|', '>', '&', '"', "'", '[', '{', '@', '%', '`', '- ', '? '].map((sign): Broken => [
      `a secret that begins with ${sign}`,
      S3(`secretkey: ${sign}${secret}`),
    ]),
    ['no space behind the colon', S3(`secretkey:${secret}`)],
    ['no space behind the colon, in a line', `storage: {s3: {bucket: b, secretkey:${secret}}}\n`],
    [
      'no space behind the colon of a header',
      `storage: inmemory\nhealth: {http: [{uri: "http://h/", headers: {Authorization:${secret}}}]}\n`,
    ],
    ['no space behind the colon of a check', `storage: inmemory\nhealth: {http: [{uri:${secret}}]}\n`],
    ['a colon in a secret', S3(`secretkey: a: ${secret}`)],
    ['a secret twice', S3(`secretkey: x\nsecretkey: ${secret}`)],
    ['a secret as a list', S3(`secretkey: [${secret}]`)],
    ['a secret as a map', S3(`secretkey: {value: ${secret}}`)],
    ['a secret under a wrong name', S3(`secretKey: ${secret}`)],
    ['a secret without its key', `storage: {s3: {bucket: b, region: us-east-1, secretkey: "${secret}"}}\n`],
    ['a session token alone', `storage: {s3: {bucket: b, region: us-east-1, sessiontoken: "${secret}"}}\n`],
    [
      'a secret in an endpoint',
      S3(`secretkey: x\nregionendpoint: https://u:${encodeURIComponent(secret)}@s3.example`),
    ],
    [
      'a secret as a number of bytes',
      S3(`secretkey: x\nchunksize: https://u:${encodeURIComponent(secret)}@h`),
    ],
    ['a password of Redis under a wrong name', `storage: inmemory\nredis: {pasword: "${secret}"}\n`],
    ['a password of a mirror', `storage: inmemory\nproxy: {remoteurl: "https://x", password: "${secret}"}\n`],
    [
      'a password of a mail server',
      `storage: inmemory\nlog: {hooks: [{type: mail, options: {smtp: {password: "${secret}"}}}]}\n`,
    ],
    ['a key of Azure', `storage: {azure: {accountname: a, accountkey: "${secret}"}}\n`],
    [
      'a password in an address',
      `storage: inmemory\nhealth: {tcp: [{addr: "redis://:${encodeURIComponent(secret)}@h:6379"}]}\n`,
    ],
    [
      'a password in a URL of another kind',
      `storage: inmemory\nhealth: {http: [{uri: "ftp://u:${encodeURIComponent(secret)}@h/"}]}\n`,
    ],
    [
      'a header that is no list',
      `storage: inmemory\nhealth: {http: [{uri: "http://h/", headers: {Authorization: "${secret}"}}]}\n`,
    ],
    [
      'a header under a wrong name',
      `storage: inmemory\nhealth: {http: [{uri: "http://h/", header: {Authorization: ["${secret}"]}}]}\n`,
    ],
    [
      'a header with a line feed',
      `storage: inmemory\nhealth: {http: [{uri: "http://h/", headers: {Authorization: ["${secret}\\n"]}}]}\n`,
    ],
    [
      'a password in http.host',
      `storage: inmemory\nhttp: {host: "https://u:${encodeURIComponent(secret)}@h/"}\n`,
    ],
    [
      'a password in http.addr',
      `storage: inmemory\nhttp: {addr: "http://u:${encodeURIComponent(secret)}@h:5000"}\n`,
    ],
    [
      'a line of htpasswd without a colon',
      AUTH('htpasswd', 'realm: r\npath: users'),
      { users: `${secret}\n` },
    ],
    [
      'a line of htpasswd with a password',
      AUTH('htpasswd', 'realm: r\npath: users'),
      { users: `:${secret}\n` },
    ],
    [
      'a key where certificates belong',
      AUTH('token', `${TOKEN}rootcertbundle: file`),
      { file: PEM('PRIVATE KEY', base64) },
    ],
    [
      'broken certificates',
      AUTH('token', `${TOKEN}rootcertbundle: file`),
      { file: PEM('CERTIFICATE', base64) },
    ],
    [
      'a set of keys with a secret',
      AUTH('token', `${TOKEN}jwks: file`),
      { file: `{"keys":[{"kty":"oct","kid":"1","k":"${base64}"}]}` },
    ],
    ['a broken set of keys', AUTH('token', `${TOKEN}jwks: file`), { file: `{"keys":[{"k":"${secret}",]}` }],
    ['a set of keys that is text', AUTH('token', `${TOKEN}jwks: file`), { file: secret }],
    [
      'a password in the address of keys',
      AUTH('token', `${TOKEN}jwks: "http://u:${encodeURIComponent(secret)}@h/"`),
    ],
    [
      'a secret as an algorithm',
      AUTH('token', `${TOKEN}jwks: file\nsigningalgorithms: [HS256]`),
      { file: `{"keys":[{"kty":"oct","k":"${base64}"}]}` },
    ],
    [
      'a broken private key',
      'storage: inmemory\nhttp: {tls: {certificate: crt, key: file}}\n',
      { crt: 'x', file: PEM('PRIVATE KEY', base64) },
    ],
    [
      'a key for a certificate',
      'storage: inmemory\nhttp: {tls: {certificate: file, key: file}}\n',
      { file: PEM('PRIVATE KEY', base64) },
    ],
  ];
}
