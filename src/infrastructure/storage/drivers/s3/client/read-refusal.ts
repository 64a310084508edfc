import type { IncomingHttpHeaders } from 'node:http';
import { timeOf } from './headers.js';
import { StoreRefusal } from './store-errors.js';
import { XmlElement } from './xml.js';

const EXCERPT = 200;

/** What an answer says that is no success, whoever has written it: the store, or something before it. */
export function readRefusal(status: number, headers: IncomingHttpHeaders, body: Uint8Array): StoreRefusal {
  const error = XmlElement.root(body, 'Error');
  const region = headers['x-amz-bucket-region'];
  return new StoreRefusal({
    status,
    code: error?.text('Code') ?? '',
    message: error === undefined ? excerpt(body) : (error.text('Message') ?? ''),
    region: error?.text('Region') ?? (typeof region === 'string' ? region : undefined),
    now: timeOf(headers.date),
  });
}

function excerpt(body: Uint8Array): string {
  return Buffer.from(body.subarray(0, EXCERPT))
    .toString('utf8')
    .replace(/<[^>]*>|[^\x21-\x7e]+/g, ' ')
    .replace(/ +/g, ' ')
    .trim();
}
