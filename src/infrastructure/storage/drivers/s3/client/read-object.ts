import type { ObjectBody, ObjectRange, StoredObject } from '../object-store.js';
import { timeOf } from './headers.js';
import { bare } from './listings.js';
import { NOTE } from './new-object.js';
import { StoreObjectBody } from './object-body.js';
import type { OpenAnswer, Requester } from './requester.js';
import { ConnectionFailed, StoreRefusal } from './store-errors.js';
import { orAbsent, type StoreFaults } from './store-faults.js';

export async function headObject(requester: Requester, key: string): Promise<StoredObject | undefined> {
  const answer = await orAbsent(explained(requester, key, requester.exchange({ method: 'HEAD', key })));
  if (answer === undefined) return undefined;
  const { headers } = answer;
  const modifiedAt = timeOf(headers['last-modified']);
  if (headers['content-length'] === undefined || modifiedAt === undefined) {
    throw new ConnectionFailed('unclear', `HEAD of ${key} told no length or no time`);
  }
  const note = headers[NOTE];
  return {
    key,
    size: Number(headers['content-length']),
    modifiedAt,
    etag: bare(headers.etag),
    ...(typeof note === 'string' ? { note } : {}),
  };
}

/** The refusal of a HEAD has no body that says why; that of a GET has. */
async function explained<T>(requester: Requester, key: string, head: Promise<T>): Promise<T> {
  try {
    return await head;
  } catch (error) {
    if (error instanceof StoreRefusal && [400, 401, 403].includes(error.status)) {
      await requester.exchange({ method: 'GET', key, headers: { range: 'bytes=0-0' } });
    }
    throw error;
  }
}

export async function getObject(
  requester: Requester,
  faults: StoreFaults,
  key: string,
  range: ObjectRange | undefined,
  ifMatch: string | undefined,
): Promise<ObjectBody | undefined> {
  const start = range?.start ?? 0;
  const end = range?.end;
  const headers = {
    ...(start === 0 && end === undefined
      ? {}
      : { range: `bytes=${start}-${end === undefined ? '' : end - 1}` }),
    ...(ifMatch === undefined ? {} : { 'if-match': `"${ifMatch}"` }),
  };
  try {
    const answer = await orAbsent(requester.open({ method: 'GET', key, headers }));
    return answer && toBody(answer, key, start, faults);
  } catch (error) {
    if (error instanceof StoreRefusal && error.status === 412) {
      throw faults.broken(`has another object at ${key} than when it was opened.`);
    }
    throw error;
  }
}

function toBody(
  { status, headers, body }: OpenAnswer,
  key: string,
  start: number,
  faults: StoreFaults,
): ObjectBody {
  const size = wholeSize(status, headers['content-range'], headers['content-length'], start);
  if (size === undefined) {
    body.close();
    throw new ConnectionFailed('unclear', `GET of ${key} gave another part than was asked for, or no length`);
  }
  return new StoreObjectBody({ size, etag: bare(headers.etag) }, body, `read ${key}`, faults);
}

/** Bytes of the whole object; undefined when the answer is not the part that begins at `start`. */
function wholeSize(
  status: number,
  range: string | undefined,
  length: string | undefined,
  start: number,
): number | undefined {
  if (length === undefined) return undefined;
  if (status !== 206) return start === 0 ? Number(length) : undefined;
  const told = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(range ?? '');
  if (told === null) return undefined;
  const [first, last, whole] = [Number(told[1]), Number(told[2]), Number(told[3])];
  return first === start && last - first + 1 === Number(length) ? whole : undefined;
}
