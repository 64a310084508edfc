import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { atOnce } from '../at-once.js';
import type { Requester } from './requester.js';
import { mayPass, StoreRefusal } from './store-errors.js';
import { orAbsent } from './store-faults.js';
import { escapeXml } from './xml.js';

/** What S3 takes in one request. */
const BATCH = 1000;
const ROUNDS = 3;
const PAUSE = 200;

/** Keys that are removed one by one, at once. */
const AT_ONCE = 16;
/**
 * Some stores do not take many keys at once, and RGW holds such a request against the rights in the bucket and not in its
 * objects: where it is not allowed, each key alone may be.
 */
const ALONE = new Set(['AccessDenied', 'MethodNotAllowed', 'NotImplemented']);

/** Removes keys, a thousand in a request. Rejects with the refusal of one that could not be removed. */
export async function deleteKeys(requester: Requester, keys: readonly string[]): Promise<void> {
  for (let from = 0; from < keys.length; from += BATCH) {
    const batch = keys.slice(from, from + BATCH);
    try {
      await deleteBatch(requester, batch);
    } catch (error) {
      if (!(error instanceof StoreRefusal && error.status !== 200 && ALONE.has(error.code))) throw error;
      await atOnce(AT_ONCE, batch, (key) => deleteKey(requester, key));
    }
  }
}

/** No fault when nothing is there. */
export async function deleteKey(requester: Requester, key: string): Promise<void> {
  await orAbsent(requester.exchange({ method: 'DELETE', key }));
}

/** The answer is a success even where single keys failed: those that may pass are asked for again. */
async function deleteBatch(requester: Requester, keys: readonly string[]): Promise<void> {
  let left = keys;
  for (let round = 1; left.length > 0; round += 1) {
    const refused = await sendBatch(requester, left);
    const final = refused.find(({ refusal }) => !mayPass(refusal) || round >= ROUNDS);
    if (final !== undefined) throw final.refusal;
    left = refused.map(({ key }) => key);
    if (left.length > 0) await sleep(Math.random() * PAUSE * round);
  }
}

interface RefusedKey {
  readonly key: string;
  readonly refusal: StoreRefusal;
}

async function sendBatch(requester: Requester, keys: readonly string[]): Promise<RefusedKey[]> {
  const objects = keys.map((key) => `<Object><Key>${escapeXml(key)}</Key></Object>`).join('');
  const body = Buffer.from(
    `<?xml version="1.0" encoding="UTF-8"?><Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Quiet>true</Quiet>${objects}</Delete>`,
  );
  const md5 = createHash('md5').update(body).digest('base64');
  const root = await requester.document(
    {
      method: 'POST',
      query: { delete: '' },
      headers: { 'content-md5': md5, 'content-type': 'application/xml' },
      content: [body],
    },
    'DeleteResult',
  );
  const errors = root.all('Error').map((error) => ({
    key: error.text('Key') ?? '',
    code: error.text('Code') ?? '',
    message: error.text('Message') ?? '',
  }));
  return errors
    .filter(({ code }) => code !== 'NoSuchKey')
    .map(({ key, code, message }) => ({
      key,
      refusal: new StoreRefusal({
        status: 200,
        code,
        message: `${key}: ${message}`,
        region: undefined,
        now: undefined,
      }),
    }));
}
