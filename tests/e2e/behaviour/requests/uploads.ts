import { digestOf } from '../../../support/http-client.js';
import { CONFIG, LAYER, pushBlobs } from '../content.js';
import type { Group, Step, StepOptions } from '../step.js';

const AT = '/v2/upload/here/blobs/uploads/';
const BYTES = { 'content-type': 'application/octet-stream' };
const DIGEST = digestOf(LAYER);
const begin = (keep: string): Step => [`begin of ${keep}`, `POST ${AT}`, { keep }];
const sent = (text: string, headers: Readonly<Record<string, string>> = {}): StepOptions => ({
  headers: { ...BYTES, ...headers },
  body: text,
});
const range = (value: string): Readonly<Record<string, string>> => ({ 'content-range': value });
const status = (title: string, of: string): Step => [title, `GET ${of}`];

const begins: readonly Step[] = [
  ['plain', `POST ${AT}`],
  ['a whole blob', `POST ${AT}?digest=${digestOf('one')}`, sent('one')],
  ['a whole blob of another digest', `POST ${AT}?digest=${digestOf('other')}`, sent('one')],
  ['a whole blob of a broken digest', `POST ${AT}?digest=sha256:abc`, sent('one')],
  ['a whole blob in pieces', `POST ${AT}?digest=${digestOf('two')}`, { ...sent('two'), chunked: true }],
  ['a digest without a body', `POST ${AT}?digest=${digestOf('three')}`],
  ['a body without a digest', `POST ${AT}`, sent('body')],
  [
    'a body of a form',
    `POST ${AT}`,
    { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'a=b' },
  ],
  ['an algorithm', `POST ${AT}?digest-algorithm=sha512`],
  ['an unknown algorithm', `POST ${AT}?digest-algorithm=md5`],
  ['another query', `POST ${AT}?x=1`],
];

const mounts: readonly Step[] = [
  ...pushBlobs('upload/source'),
  ['from where it is', `POST ${AT}?mount=${DIGEST}&from=upload/source`],
  ['again', `POST ${AT}?mount=${DIGEST}&from=upload/source`],
  ['HEAD of it', `HEAD /v2/upload/here/blobs/${DIGEST}`],
  ['from itself', `POST ${AT}?mount=${DIGEST}&from=upload/here`],
  ['from where it is not', `POST ${AT}?mount=${digestOf('absent')}&from=upload/source`],
  ['from an unknown repository', `POST ${AT}?mount=${digestOf(CONFIG)}&from=upload/nowhere`],
  ['from a name in upper case', `POST ${AT}?mount=${digestOf(CONFIG)}&from=UPPER`],
  ['from an empty name', `POST ${AT}?mount=${digestOf(CONFIG)}&from=`],
  ['from anywhere', `POST /v2/upload/anywhere/blobs/uploads/?mount=${digestOf(CONFIG)}`],
  ['a broken digest', `POST ${AT}?mount=sha256:abc&from=upload/source`],
  ['an empty digest', `POST ${AT}?mount=&from=upload/source`],
  ['an unknown algorithm', `POST ${AT}?mount=sha257:${'0'.repeat(64)}&from=upload/source`],
  ['only from', `POST ${AT}?from=upload/source`],
  ['from a name in percent-encoding', `POST ${AT}?mount=${DIGEST}&from=upload%2Fsource`],
];

const patches: readonly Step[] = [
  begin('streamed'),
  ['streamed: bytes', 'PATCH {streamed}', { ...sent('01234', {}), chunked: true, keep: 'streamed' }],
  ['streamed: more bytes', 'PATCH {streamed}', { ...sent('56789'), keep: 'streamed' }],
  status('streamed: status', '{streamed}'),
  ['streamed: HEAD', 'HEAD {streamed}'],
  ['streamed: status without its query', 'GET {streamed.path}'],
  ['streamed: end', `PUT {streamed}&digest=${digestOf('0123456789')}`],
  status('streamed: status behind the end', '{streamed}'),
  ['streamed: bytes behind the end', 'PATCH {streamed}', sent('x')],
  ['streamed: end again', `PUT {streamed}&digest=${digestOf('0123456789')}`],
  ['streamed: the blob', `GET /v2/upload/here/blobs/${digestOf('0123456789')}`],

  begin('ranged'),
  ['ranged: first', 'PATCH {ranged}', { ...sent('01234', range('0-4')), keep: 'ranged' }],
  ['ranged: second', 'PATCH {ranged}', { ...sent('56789', range('5-9')), keep: 'ranged' }],
  ['ranged: a hole', 'PATCH {ranged}', sent('x', range('20-20'))],
  ['ranged: what was there', 'PATCH {ranged}', sent('56789', range('5-9'))],
  ['ranged: last before first', 'PATCH {ranged}', sent('x', range('11-10'))],
  ['ranged: too few bytes', 'PATCH {ranged}', sent('x', range('10-14'))],
  ['ranged: too many bytes', 'PATCH {ranged}', sent('xxxxx', range('10-10'))],
  ['ranged: bytes as unit', 'PATCH {ranged}', sent('x', range('bytes 10-10/11'))],
  ['ranged: no numbers', 'PATCH {ranged}', sent('x', range('a-b'))],
  ['ranged: no dash', 'PATCH {ranged}', sent('x', range('10'))],
  ['ranged: streamed', 'PATCH {ranged}', { ...sent('x', range('10-10')), chunked: true, keep: 'ranged' }],
  status('ranged: status', '{ranged}'),
  ['ranged: end with bytes', `PUT {ranged}&digest=${digestOf('0123456789xy')}`, sent('y', range('11-11'))],

  begin('typed'),
  ['typed: without a type', 'PATCH {typed}', { body: 'a', keep: 'typed' }],
  ['typed: text', 'PATCH {typed}', { headers: { 'content-type': 'text/plain' }, body: 'b' }],
  ['typed: an image', 'PATCH {typed}', { headers: { 'content-type': 'image/png' }, body: 'c' }],
  ['typed: nothing', 'PATCH {typed}', { headers: BYTES }],

  begin('stale'),
  ['stale: bytes', 'PATCH {stale}', sent('01234')],
  ['stale: the first Location again', 'PATCH {stale}', sent('56789')],
  ['stale: end with the first Location', `PUT {stale}&digest=${digestOf('01234')}`],
  begin('bare'),
  ['bare: bytes without the query', 'PATCH {bare.path}', sent('01234')],
  ['bare: end without the query', `PUT {bare.path}?digest=${digestOf('01234')}`, sent('')],
];

const ends: readonly Step[] = [
  begin('whole'),
  ['whole: without a digest', 'PUT {whole}', sent('whole')],
  begin('whole 2'),
  ['whole: a broken digest', 'PUT {whole 2}&digest=sha256:abc', sent('whole')],
  ['whole: no digest at all', 'PUT {whole 2}&digest=', sent('whole')],
  ['whole: an unknown algorithm', `PUT {whole 2}&digest=sha257:${'0'.repeat(64)}`, sent('')],
  begin('wrong'),
  ['wrong: another digest', `PUT {wrong}&digest=${digestOf('another')}`, sent('wrong')],
  status('wrong: status', '{wrong.path}'),
  begin('twice'),
  ['twice: bytes', 'PATCH {twice}', { ...sent('twice'), keep: 'twice' }],
  ['twice: another digest', `PUT {twice}&digest=${digestOf('another')}`],
  ['twice: the right digest', `PUT {twice}&digest=${digestOf('twice')}`],
  begin('one request'),
  ['one request', `PUT {one request}&digest=${digestOf('one request')}`, sent('one request')],
  begin('in pieces'),
  ['in pieces', `PUT {in pieces}&digest=${digestOf('in pieces')}`, { ...sent('in pieces'), chunked: true }],
  begin('as text'),
  [
    'as text',
    `PUT {as text}&digest=${digestOf('as text')}`,
    { headers: { 'content-type': 'text/plain' }, body: 'as text' },
  ],
  begin('as a form'),
  [
    'as a form',
    `PUT {as a form}&digest=${digestOf('a=b')}`,
    { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'a=b' },
  ],
  begin('nothing'),
  ['nothing', `PUT {nothing}&digest=${digestOf('')}`],
  begin('encoded'),
  [
    'the digest in percent-encoding',
    `PUT {encoded}&digest=${encodeURIComponent(digestOf('encoded'))}`,
    sent('encoded'),
  ],
  begin('already there'),
  ['what is already there', `PUT {already there}&digest=${digestOf('encoded')}`, sent('encoded')],
];

const ID = '0b4c1e46-3b0f-4a52-8f0a-6b1a4c3d2e1f';
const strangers: readonly Step[] = [
  status('status of an unknown one', `${AT}${ID}`),
  ['HEAD of an unknown one', `HEAD ${AT}${ID}`],
  ['bytes to an unknown one', `PATCH ${AT}${ID}`, sent('x')],
  ['end of an unknown one', `PUT ${AT}${ID}?digest=${digestOf('x')}`, sent('x')],
  ['cancel of an unknown one', `DELETE ${AT}${ID}`],
  status('status of no id', `${AT}none`),
  status('status of an id with strange letters', `${AT}no!ne`),
  ['bytes to no session', `PATCH ${AT}`, sent('x')],
  ['end of no session', `PUT ${AT}?digest=${digestOf('x')}`, sent('x')],
  ['cancel of no session', `DELETE ${AT}`],
  status('status of no session', AT),
  begin('mine'),
  ['mine: bytes', 'PATCH {mine}', { ...sent('mine'), keep: 'mine' }],
  ['mine: a forged state', 'PATCH {mine.path}?_state=AAAA', sent('x')],
  status('mine: status with a forged state', '{mine.path}?_state=AAAA'),
  ['of another repository: begin', 'POST /v2/upload/other/blobs/uploads/', { keep: 'other' }],
  status('of another repository: status', `${AT}{other.id}{other.query}`),
  ['of another repository: bytes', `PATCH ${AT}{other.id}{other.query}`, sent('x')],
  ['of another repository: end', `PUT ${AT}{other.id}{other.query}&digest=${digestOf('x')}`, sent('x')],
  ['of another repository: cancel', `DELETE ${AT}{other.id}{other.query}`],
  ['cancel', 'DELETE {mine}'],
  ['cancel again', 'DELETE {mine}'],
  status('status behind the cancel', '{mine.path}'),
  ['bytes behind the cancel', 'PATCH {mine}', sent('x')],
  begin('cancelled at once'),
  ['cancel without the query', 'DELETE {cancelled at once.path}'],
  ['in a name in upper case', 'POST /v2/UPLOAD/blobs/uploads/'],
];

export const UPLOAD_GROUPS: readonly Group[] = [
  { name: 'upload begins', steps: begins },
  { name: 'upload mounts', steps: mounts },
  { name: 'upload chunks', steps: patches },
  { name: 'upload ends', steps: ends },
  { name: 'upload sessions', steps: strangers },
];
