import { digestOf, type Answer, type HttpClient, type RawRequest } from '../../support/http-client.js';
import { UnexpectedAnswer } from './unexpected-answer.js';
import type { Ledger, OpenUpload } from './ledger.js';
import type { SeededRandom } from './seeded-random.js';

type Form = 'put' | 'post' | 'stream' | 'pieces' | 'sha512';
const FORMS: readonly Form[] = ['put', 'put', 'post', 'stream', 'pieces', 'sha512'];

/** Pushes blobs into one repository in every form that the protocol has, and keeps the ledger. */
export class BlobPusher {
  readonly #client: HttpClient;
  readonly #repository: string;
  readonly #ledger: Ledger;
  readonly #random: SeededRandom;

  constructor(client: HttpClient, repository: string, ledger: Ledger, random: SeededRandom) {
    this.#client = client;
    this.#repository = repository;
    this.#ledger = ledger;
    this.#random = random;
  }

  async push(): Promise<{ digest: string; size: number }> {
    const form = this.#random.pick(FORMS) ?? 'put';
    const size = this.#random.int(8) === 0 ? this.#random.int(3_000_000) : this.#random.int(60_000);
    const content = this.#random.bytes(size);
    const digest = digestOf(content, form === 'sha512' ? 'sha512' : 'sha256');
    const key = `${this.#repository}@${digest}`;
    this.#ledger.blobs.begin(key, 'there');
    await this.#send(form, content, digest);
    this.#ledger.blobs.settle(key, 'there');
    return { digest, size };
  }

  /** Mounts a blob of another repository, or asks for it from wherever it is. */
  async mount(digest: string, from: string | undefined): Promise<boolean> {
    const key = `${this.#repository}@${digest}`;
    this.#ledger.blobs.begin(key, 'there');
    const query = from === undefined ? `mount=${digest}` : `mount=${digest}&from=${from}`;
    const answer = await this.#expect([201, 202], { method: 'POST', path: `${this.#uploads}?${query}` });
    if (answer.status === 201) {
      this.#ledger.blobs.settle(key, 'there');
      return true;
    }
    this.#ledger.blobs.drop(key);
    await this.#expect([204], { method: 'DELETE', path: locationOf(answer) });
    return false;
  }

  /** Begins an upload, sends pieces of it, and leaves it open. */
  async leaveOpen(): Promise<void> {
    const content = this.#random.bytes(50_000 + this.#random.int(4_000_000));
    const location = locationOf(await this.#expect([202], { method: 'POST', path: this.#uploads }));
    const upload: OpenUpload = { repository: this.#repository, content, location, acknowledged: 0, sent: 0 };
    this.#ledger.uploads.add(upload);
    for (let pieces = 1 + this.#random.int(4); pieces > 0; pieces -= 1) {
      const end = Math.min(upload.sent + 1 + this.#random.int(1_000_000), content.length - 1);
      if (end === upload.sent) return;
      const body = content.subarray(upload.sent, end);
      upload.sent = end;
      const chunked = this.#random.int(2) === 0;
      const answer = await this.#expect([202], { method: 'PATCH', path: upload.location, body, chunked });
      upload.location = locationOf(answer);
      upload.acknowledged = end;
      if (answer.headers.range !== `0-${end - 1}`)
        throw new UnexpectedAnswer('PATCH', upload.location, answer);
    }
  }

  get #uploads(): string {
    return `/v2/${this.#repository}/blobs/uploads/`;
  }

  async #send(form: Form, content: Buffer, digest: string): Promise<void> {
    if (form === 'post') {
      const path = `${this.#uploads}?digest=${digest}`;
      // Without a body it is the begin of a session, as clients mean it that name the digest there already.
      const statuses = content.length === 0 ? [202] : [201];
      const answer = await this.#expect(statuses, { method: 'POST', path, body: content });
      if (answer.status === 202) await this.#close(locationOf(answer), content, digest);
      return;
    }
    const algorithm = form === 'sha512' && this.#random.int(2) === 0 ? '?digest-algorithm=sha512' : '';
    const started = await this.#expect([202], { method: 'POST', path: this.#uploads + algorithm });
    let location = locationOf(started);
    let rest = content;
    if (form === 'stream') {
      const patch = { method: 'PATCH', path: location, body: content, chunked: true };
      location = locationOf(await this.#expect([202], patch));
      rest = Buffer.alloc(0);
    } else if (form === 'pieces') {
      ({ location, rest } = await this.#sendPieces(location, content));
    }
    await this.#close(location, rest, digest);
  }

  async #close(location: string, rest: Buffer, digest: string): Promise<void> {
    await this.#expect([201], { method: 'PUT', path: `${location}&digest=${digest}`, body: rest });
  }

  /** @returns where the upload goes on, and the bytes for its closing request */
  async #sendPieces(started: string, content: Buffer): Promise<{ location: string; rest: Buffer }> {
    let location = started;
    let start = 0;
    while (content.length - start > 10_000) {
      const body = content.subarray(
        start,
        start + 10_000 + this.#random.int(content.length - start - 10_000),
      );
      const headers = { 'content-range': `${start}-${start + body.length - 1}` };
      location = locationOf(await this.#expect([202], { method: 'PATCH', path: location, body, headers }));
      start += body.length;
    }
    return { location, rest: content.subarray(start) };
  }

  async #expect(statuses: readonly number[], request: RawRequest): Promise<Answer> {
    const answer = await this.#client.send(request);
    if (statuses.includes(answer.status)) return answer;
    throw new UnexpectedAnswer(request.method ?? 'GET', request.path, answer);
  }
}

function locationOf({ headers }: Answer): string {
  return String(headers.location);
}
