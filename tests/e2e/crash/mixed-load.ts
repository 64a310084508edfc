import { randomBytes, randomInt } from 'node:crypto';
import { MEDIA_TYPES } from '../../../src/domain/content/media-type.js';
import { digestOf, type HttpClient } from '../../support/http-client.js';
import type { Ledger, Operation } from './ledger.js';
import {
  appendPiece,
  appendStreamed,
  expectStatus,
  openSession,
  pushBlobAs,
  UPLOAD_FORMS,
} from './upload-forms.js';

const TAGS = ['latest', 'v1', 'v2', 'V2'] as const;
const MOST_OPEN_SESSIONS = 2;

/** An upload that is left open: what a session says after a crash is compared with this. */
export interface OpenSession {
  readonly repository: string;
  readonly location: string;
  readonly content: Buffer;
  acknowledged: number;
  /** How far a request went that was never answered. */
  sent: number;
}

interface Pushed {
  readonly bytes: string;
  readonly digest: string;
  readonly blobs: readonly string[];
}

/** One client that works on one repository, one request at a time, so that what must be there is known exactly. */
export class MixedLoad {
  readonly repository: string;
  readonly sessions: OpenSession[] = [];
  readonly #client: HttpClient;
  readonly #ledger: Ledger;
  readonly #blobs: string[] = [];
  readonly #manifests: Pushed[] = [];

  constructor(client: HttpClient, ledger: Ledger, repository: string) {
    this.#client = client;
    this.#ledger = ledger;
    this.repository = repository;
  }

  /** Works until it is told to stop. An error after that is the kill; one before it is a fault of the registry. */
  async run(stopped: () => boolean): Promise<void> {
    const steps = [
      async () => this.#pushBlob(),
      async () => this.#pushBlob(),
      async () => this.#pushImage(),
      async () => this.#pushImage(),
      async () => this.#retag(),
      async () => this.#deleteTag(),
      async () => this.#deleteManifest(),
      async () => this.#deleteBlob(),
      async () => this.#continueSession(),
    ];
    while (!stopped()) {
      try {
        await pick(steps)?.();
      } catch (error) {
        if (!stopped()) throw error;
      }
    }
  }

  blobPath(digest: string): string {
    return `/v2/${this.repository}/blobs/${digest}`;
  }

  manifestPath(reference: string): string {
    return `/v2/${this.repository}/manifests/${reference}`;
  }

  /** The tags that must be listed, in byte order. */
  tags(): string[] {
    return TAGS.filter((tag) => this.#ledger.get(this.manifestPath(tag)) !== undefined).toSorted();
  }

  async #pushBlob(): Promise<string> {
    const content = randomBytes(randomInt(10) === 0 ? 3_000_000 : randomInt(1, 60_000));
    const algorithm = randomInt(5) === 0 ? 'sha512' : 'sha256';
    const digest = digestOf(content, algorithm);
    const operation = this.#ledger.begin('blob', { [this.blobPath(digest)]: digestOf(content) });
    await pushBlobAs(pick(UPLOAD_FORMS), this.#client, this.repository, content, digest);
    this.#ledger.acknowledge(operation);
    this.#blobs.push(digest);
    return digest;
  }

  async #pushImage(): Promise<void> {
    const blobs = [await this.#pushBlob(), await this.#pushBlob()];
    const [config, ...layers] = blobs.map((digest) => ({
      mediaType: 'application/octet-stream',
      digest,
      size: 1,
    }));
    const bytes = JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPES.ociManifest, config, layers });
    const pushed = { bytes, digest: digestOf(bytes), blobs };
    this.#manifests.push(pushed);
    await this.#putManifest(pushed, randomInt(4) === 0 ? undefined : pick(TAGS));
  }

  async #putManifest({ bytes, digest }: Pushed, tag: string | undefined): Promise<void> {
    const operation = this.#ledger.begin('manifest', {
      [this.manifestPath(digest)]: digest,
      ...(tag === undefined ? {} : { [this.manifestPath(tag)]: digest }),
    });
    const path = this.manifestPath(tag ?? digest);
    const headers = { 'content-type': MEDIA_TYPES.ociManifest };
    await this.#settle(operation, 201, { method: 'PUT', path, headers, body: bytes });
  }

  async #retag(): Promise<void> {
    const pushed = pick(this.#present());
    if (pushed !== undefined) await this.#putManifest(pushed, pick(TAGS));
  }

  async #deleteTag(): Promise<void> {
    const tag = pick(this.tags());
    if (tag === undefined) return;
    const operation = this.#ledger.begin('delete of a tag', { [this.manifestPath(tag)]: undefined });
    await this.#settle(operation, 202, { method: 'DELETE', path: this.manifestPath(tag) });
  }

  /** With it go its tags. */
  async #deleteManifest(): Promise<void> {
    const present = this.#present();
    const pushed = present.length > 3 ? pick(present) : undefined;
    if (pushed === undefined) return;
    const own = this.manifestPath(pushed.digest);
    const tags = this.tags().map((tag) => this.manifestPath(tag));
    const gone = [own, ...tags.filter((path) => this.#ledger.get(path) === pushed.digest)];
    const changes = Object.fromEntries(gone.map((path) => [path, undefined]));
    const operation = this.#ledger.begin('delete of a manifest', changes);
    await this.#settle(operation, 202, { method: 'DELETE', path: own });
  }

  async #deleteBlob(): Promise<void> {
    const held = new Set(this.#present().flatMap(({ blobs }) => blobs));
    const there = this.#blobs.filter((digest) => this.#ledger.get(this.blobPath(digest)) !== undefined);
    const digest = pick(there.filter((candidate) => !held.has(candidate)));
    if (digest === undefined) return;
    const operation = this.#ledger.begin('delete of a blob', { [this.blobPath(digest)]: undefined });
    await this.#settle(operation, 202, { method: 'DELETE', path: this.blobPath(digest) });
  }

  async #continueSession(): Promise<void> {
    if (this.sessions.length >= MOST_OPEN_SESSIONS) return;
    const location = await openSession(this.#client, this.repository);
    const content = randomBytes(4_000_000);
    const session = { repository: this.repository, location, content, acknowledged: 0, sent: 0 };
    this.sessions.push(session);
    let next = location;
    for (const end of [randomInt(1, 100_000), 2_000_000]) {
      const body = content.subarray(session.acknowledged, end);
      session.sent = end;
      next =
        randomInt(2) === 0
          ? await appendStreamed(this.#client, next, body)
          : await appendPiece(this.#client, next, session.acknowledged, body);
      session.acknowledged = end;
    }
  }

  async #settle(
    operation: Operation,
    status: number,
    request: Parameters<HttpClient['send']>[0],
  ): Promise<void> {
    expectStatus(await this.#client.send(request), status);
    this.#ledger.acknowledge(operation);
  }

  #present(): Pushed[] {
    return this.#manifests.filter(({ digest }) => this.#ledger.get(this.manifestPath(digest)) !== undefined);
  }
}

function pick<V>(values: readonly [V, ...V[]]): V;
function pick<V>(values: readonly V[]): V | undefined;
function pick<V>(values: readonly V[]): V | undefined {
  return values.length === 0 ? undefined : values[randomInt(values.length)];
}
