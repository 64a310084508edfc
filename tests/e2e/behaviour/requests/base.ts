import type { Group, Step } from '../step.js';

const METHODS = ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** Every path of the protocol, with something in the place of its names that may or may not be there. */
const ROUTES: Readonly<Record<string, string>> = {
  catalog: '/v2/_catalog',
  tags: '/v2/base/none/tags/list',
  manifest: '/v2/base/none/manifests/none',
  blob: `/v2/base/none/blobs/sha256:${'0'.repeat(64)}`,
  uploads: '/v2/base/none/blobs/uploads/',
  session: '/v2/base/none/blobs/uploads/0b4c1e46-3b0f-4a52-8f0a-6b1a4c3d2e1f',
  referrers: `/v2/base/none/referrers/sha256:${'0'.repeat(64)}`,
};

const onBase: readonly Step[] = METHODS.map((method) => [method, `${method} /v2/`]);

const onRoutes: readonly Step[] = Object.entries(ROUTES).flatMap(([name, path]) =>
  [...METHODS, 'TRACE', 'PROPFIND'].map((method): Step => [`${method} of ${name}`, `${method} ${path}`]),
);

const headers: readonly Step[] = [
  ['Accept of a browser', 'GET /v2/', { headers: { accept: 'text/html,*/*;q=0.8' } }],
  ['Origin of a page', 'GET /v2/', { headers: { origin: 'https://ui.example' } }],
  ['credentials that nobody asked for', 'GET /v2/', { headers: { authorization: 'Basic dTpw' } }],
  ['a token that nobody asked for', 'GET /v2/', { headers: { authorization: 'Bearer abc' } }],
  ['If-None-Match of anything', 'GET /v2/', { headers: { 'if-none-match': '*' } }],
  ['a Range', 'GET /v2/', { headers: { range: 'bytes=0-0' } }],
  ['a query', 'GET /v2/?account=u&service=s'],
];

const outside: readonly Step[] = [
  ['the root', 'GET /'],
  ['HEAD of the root', 'HEAD /'],
  ['POST to the root', 'POST /'],
  ['the root with a query', 'GET /?x=1'],
  ['no slash at the end', 'GET /v2'],
  ['POST without a slash at the end', 'POST /v2'],
  ['version 1', 'GET /v1/_ping'],
  ['version 1 of search', 'GET /v1/search?q=x'],
  ['version 3', 'GET /v3/'],
  ['upper case', 'GET /V2/'],
  ['nowhere', 'GET /nowhere'],
  ['HEAD of nowhere', 'HEAD /nowhere'],
  ['POST to nowhere', 'POST /nowhere'],
  ['nowhere below v2', 'GET /v2/nowhere'],
  ['nowhere below a name', 'GET /v2/base/none/nowhere'],
  ['an extension', 'GET /v2/_oci/ext/discover'],
  ['a health page', 'GET /debug/health'],
  ['metrics', 'GET /metrics'],
  ['a favicon', 'GET /favicon.ico'],
];

const slashes: readonly Step[] = [
  ['two at the beginning', 'GET //v2/'],
  ['two at the end', 'GET /v2//'],
  ['a dot', 'GET /v2/.'],
  ['two dots', 'GET /v2/..'],
  ['dots that lead out and back', 'GET /v2/../v2/'],
  ['catalog with one at the end', 'GET /v2/_catalog/'],
  ['two before the catalog', 'GET /v2//_catalog'],
  ['tags with one at the end', 'GET /v2/base/none/tags/list/'],
  ['two in a name', 'GET /v2/base//none/tags/list'],
  ['no name', 'GET /v2//tags/list'],
  ['no tags', 'GET /v2/base/none/tags'],
  ['no tags, with a slash', 'GET /v2/base/none/tags/'],
  ['no reference', 'GET /v2/base/none/manifests/'],
  ['no manifest', 'GET /v2/base/none/manifests'],
  ['manifest with one at the end', 'GET /v2/base/none/manifests/none/'],
  ['no digest', 'GET /v2/base/none/blobs/'],
  ['no blob', 'GET /v2/base/none/blobs'],
  ['uploads without one at the end', 'POST /v2/base/none/blobs/uploads'],
  ['GET of uploads without one at the end', 'GET /v2/base/none/blobs/uploads'],
  ['session with one at the end', 'GET /v2/base/none/blobs/uploads/x/'],
  ['dots in a name', 'GET /v2/base/../none/tags/list'],
  ['dots that lead out of v2', 'GET /v2/../etc/passwd'],
];

const escapes: readonly Step[] = [
  ['a letter of v2', 'GET /%762/'],
  ['a letter of a name', 'GET /v2/base/%6eone/tags/list'],
  ['the slash of a name', 'GET /v2/base%2Fnone/tags/list'],
  ['the slash of an endpoint', 'GET /v2/base/none/tags%2Flist'],
  ['the colon of a digest', `GET /v2/base/none/blobs/sha256%3A${'0'.repeat(64)}`],
  ['the colon of a digest of a manifest', `GET /v2/base/none/manifests/sha256%3a${'0'.repeat(64)}`],
  ['dots in a name', 'GET /v2/base/%2e%2e/none/tags/list'],
  ['a NUL', 'GET /v2/base/no%00ne/tags/list'],
  ['a line feed', 'GET /v2/base/no%0ane/tags/list'],
  ['a space', 'GET /v2/base/no%20ne/tags/list'],
  ['a percent sign', 'GET /v2/base/no%25ne/tags/list'],
  ['a question mark', 'GET /v2/base/none/manifests/a%3fb'],
  ['letters that are not ASCII', 'GET /v2/base/n%c3%b6ne/tags/list'],
  ['bytes that are not UTF-8', 'GET /v2/base/n%ffne/tags/list'],
  ['a broken one', 'GET /v2/base/%zz/tags/list'],
  ['a cut one', 'GET /v2/base/none/manifests/a%'],
  ['a plus', 'GET /v2/base/no+ne/tags/list'],
];

const names: readonly Step[] = [
  ['upper case', 'GET /v2/UPPER/tags/list'],
  ['upper case before a slash', 'GET /v2/Upper/app/tags/list'],
  ['upper case behind a slash', 'GET /v2/base/UPPER/tags/list'],
  ['an underscore at the beginning', 'GET /v2/_base/none/tags/list'],
  ['a dash at the end', 'GET /v2/base-/none/tags/list'],
  ['two dots', 'GET /v2/base..none/tags/list'],
  ['three underscores', 'GET /v2/base___none/tags/list'],
  ['many dashes', 'GET /v2/base-----none/tags/list'],
  ['a port', 'GET /v2/localhost:5000/app/tags/list'],
  ['as long as one may be', `GET /v2/${'a'.repeat(255)}/tags/list`],
  ['one letter too long', `GET /v2/${'a'.repeat(256)}/tags/list`],
  ['much too long', `GET /v2/${'a/'.repeat(400)}a/tags/list`],
  ['words of the protocol', 'GET /v2/blobs/uploads/tags/list'],
  ['more words of the protocol', 'GET /v2/tags/list/manifests/tags/list'],
  ['upper case in a push', 'POST /v2/UPPER/blobs/uploads/'],
  ['upper case before a slash in a push', 'POST /v2/Upper/app/blobs/uploads/'],
  ['a port in a push', 'POST /v2/localhost:5000/app/blobs/uploads/'],
  ['too long in a push', `POST /v2/${'a'.repeat(256)}/blobs/uploads/`],
];

export const BASE: readonly Group[] = [
  { name: 'base', steps: [...onBase, ...headers] },
  { name: 'methods', steps: onRoutes },
  { name: 'outside', steps: outside },
  { name: 'slashes', steps: slashes },
  { name: 'percent-encodings', steps: escapes },
  { name: 'names', steps: names },
];
